"""The request journal: the last requests of one organization, what was answered and why.

Bounded in number and in what it keeps of each request. Keys do not get in: the one a request was
made with is blotted out wherever it stands, if it is long enough to be told from other text, and so
is what looks like one in the query.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from mockserver.bodies import decoded
from mockserver.clock import stamp
from mockserver.errors import MalformedJson
from mockserver.explanation import readable
from mockserver.findings import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from mockserver.findings import Finding

BODY_LIMIT = 16_384  # bytes kept of each body
REDACTED = "[redacted]"
_SHORTEST_KEY = 8  # a shorter one can't be told from names and other text
_MOST_FINDINGS = 100
_FIRST_ERROR = 400
_GIVEN_LIMIT = 1000  # characters of JSON kept of what a finding is about
_SCHEMES = {"Bearer", "bearer", "Basic", "basic", "Token", "token"}
_SECRET_PARAMETER = re.compile(r"(?i)((?:^|&)[^=&]*(?:key|token|secret|auth)[^=&]*=)[^&]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request and its answer: *at* when it came, *seconds* how long it took.

    *arrival* numbers the requests of a server as they came. *body* is what came, as text, cut after
    the journal's limit; *findings* are its explanation. *organization* is the lago_id of the one
    that was asked. *fault* is the injected one that the request met; *status* is 0 where it left no
    answer. *answer* is the body of the answer, cut alike.
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
    organization: str | None = None
    fault: str | None = None
    answer: str = ""

    @property
    def refused(self) -> bool:
        """Whether the answer was an error."""
        return self.status >= _FIRST_ERROR

    def readable(self) -> dict[str, Any]:
        """Return the entry with the keys of ``journal.json#/$defs/entry``."""
        return {
            "id": self.request_id,
            "arrival": self.arrival,
            "organization": self.organization,
            "at": stamp(self.at),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": _decoded(self.body),
            "status": self.status,
            "milliseconds": round(self.seconds * 1000, 3),
            "fault": self.fault,
            "answer": _decoded(self.answer),
            "explanation": [readable(finding) for finding in self.findings],
        }


class Journal:
    """The last *size* requests, oldest first. Safe for threads.

    Of each body *body_limit* bytes are kept.
    """

    def __init__(self, size: int, body_limit: int = BODY_LIMIT) -> None:
        self.body_limit = body_limit
        self._entries: deque[Entry] = deque(maxlen=size)

    def record(self, entry: Entry) -> None:
        """Keep *entry*, and forget the oldest where there is no room."""
        self._entries.append(entry)

    def clear(self) -> int:
        """Forget all requests; return how many there were."""
        number = len(self._entries)
        self._entries.clear()
        return number

    def resize(self, size: int | None = None, body_limit: int | None = None) -> None:
        """Keep the last *size* requests from now on, *body_limit* bytes of each body.

        What is None stays as it is.
        """
        if body_limit is not None:
            self.body_limit = body_limit
        if size is not None:
            self._entries = deque(self._entries, maxlen=size)

    def __len__(self) -> int:
        """Return how many requests are kept."""
        return len(self._entries)

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

    def path(self, path: str) -> str:
        """Return *path*, a raw one, without the key, however it is escaped."""
        plain = unquote(path)
        return self.text(path) if self.text(plain) == plain else self.text(plain)

    def query(self, query: str) -> str:
        """Return *query* without the key and without the values of parameters named like keys."""
        return self.path(_SECRET_PARAMETER.sub(rf"\g<1>{REDACTED}", query))

    def body(self, body: bytes, document: Any, limit: int) -> str:
        """Return the first *limit* bytes of *body*, which holds the JSON value *document*.

        *document* is `MISSING` where the body was not read as JSON.
        """
        if document is not MISSING and b"\\u" in body:
            body = json.dumps(self._value(document), ensure_ascii=False).encode()
        room = limit + self._reach
        kept = self.text(body[:room].decode(errors="replace"))
        # A key that the cut runs through is in the last characters, and no key any more.
        whole = len(body) <= room
        return (kept if whole else kept[: len(kept) - self._reach])[:limit]

    def findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the first of *findings* without the key, and shortened."""
        return tuple(
            replace(
                found,
                where=self.text(found.where),
                given=self._given(found.given),
                note=self.text(found.note),
                suggestion=self._given(found.suggestion),
            )
            for found in islice(findings, _MOST_FINDINGS)
        )

    def _given(self, given: Any) -> Any:
        if given is MISSING:
            return given
        value = self._value(given)
        text = json.dumps(value, ensure_ascii=False)
        return value if len(text) <= _GIVEN_LIMIT else f"{text[:_GIVEN_LIMIT]}..."

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.text(key): self._value(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._value(part) for part in value]
        clean = self.text(str(value))
        return value if clean == str(value) else clean


def _decoded(body: str) -> Any:
    try:
        value = decoded(body.encode())
    except MalformedJson:
        return body
    return None if value is MISSING else value
