"""The request journal: the last requests of one organization, what was answered and why.

Bounded in number and in what it keeps of each body. Keys never get in: the one a request was made
with is blotted out wherever it stands, and so is what looks like one in the query.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mockserver.bodies import decoded
from mockserver.clock import stamp
from mockserver.errors import MalformedJson
from mockserver.explanation import header, readable
from mockserver.findings import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mockserver.findings import Finding

BODY_LIMIT = 16_384  # bytes kept of each body
REDACTED = "[redacted]"
_SHORTEST_KEY = 4  # a shorter one stands in every other word
_SCHEMES = {"Bearer", "bearer", "Basic", "basic", "Token", "token"}
_SECRET_PARAMETER = re.compile(r"(?i)((?:^|&)[^=&]*(?:key|token|secret|auth)[^=&]*=)[^&]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its answer: *at* when it came, *seconds* how long it took.

    *arrival* numbers the requests of a server as they came.
    *body* is what came, as text, cut after `BODY_LIMIT` bytes; *findings* are its explanation.
    """

    arrival: int
    request_id: str
    at: datetime
    method: str
    path: str
    query: str
    body: str
    status: int
    seconds: float
    findings: tuple[Finding, ...] = ()

    def readable(self) -> dict[str, Any]:
        """Return the entry with the keys of ``journal.json#/$defs/entry``."""
        return {
            "id": self.request_id,
            "at": stamp(self.at),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": _decoded(self.body),
            "status": self.status,
            "milliseconds": round(self.seconds * 1000, 3),
            "explanation": [readable(finding) for finding in self.findings],
        }

    def console_line(self) -> str:
        """Return the entry as one line: method, path, status, and why."""
        return f"{self.method} {self.path} {self.status}  {header(self.findings)}"


class Journal:
    """The last *size* requests, oldest first. Safe for threads, as `deque` is."""

    def __init__(self, size: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)

    def record(self, entry: Entry) -> None:
        """Keep *entry*, and forget the oldest where there is no room."""
        self._entries.append(entry)

    def __iter__(self) -> Iterator[Entry]:
        """Return the requests, oldest first, as they are now."""
        return iter(list(self._entries))


class Redaction:
    """Blots out what a request was authorized with, before anything of the request is kept.

    *authorization* is its header: every word of it may be a key, so none but the scheme stays.
    """

    def __init__(self, authorization: str) -> None:
        words = {part for word in authorization.split() for part in (word, *word.split("=", 1))}
        keys = {word for word in words if len(word) >= _SHORTEST_KEY} - _SCHEMES
        forms = keys | {quote(key, safe="") for key in keys}
        self._forms = sorted(forms, key=len, reverse=True)
        self._reach = max(map(len, self._forms), default=0)

    def text(self, text: str) -> str:
        """Return *text* without the key."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return text

    def query(self, query: str) -> str:
        """Return *query* without the key and without the values of parameters named like keys."""
        return self.text(_SECRET_PARAMETER.sub(rf"\g<1>{REDACTED}", query))

    def body(self, body: bytes) -> str:
        """Return what the journal keeps of *body*."""
        room = BODY_LIMIT + self._reach
        kept = self.text(body[:room].decode(errors="replace"))
        # A key that the cut runs through is in the last characters, and no key any more.
        whole = len(body) <= room
        return (kept if whole else kept[: len(kept) - self._reach])[:BODY_LIMIT]

    def findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return *findings* without the key."""
        return tuple(
            replace(
                found,
                where=self.text(found.where),
                given=self._given(found.given),
                note=self.text(found.note),
                suggestion=self._given(found.suggestion),
            )
            for found in findings
        )

    def _given(self, given: Any) -> Any:
        if isinstance(given, dict):
            return {self.text(key): self._given(value) for key, value in given.items()}
        if isinstance(given, list):
            return [self._given(value) for value in given]
        if given is MISSING or given is None or isinstance(given, bool):
            return given
        clean = self.text(str(given))
        return given if clean == str(given) else clean


def _decoded(body: str) -> Any:
    try:
        value = decoded(body.encode())
    except MalformedJson:
        return body
    return None if value is MISSING else value
