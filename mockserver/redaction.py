"""Keys, blotted out of what is shown of a request.

The one that a request was made with, wherever it stands, if it is long enough to be told from other
text; and what looks like one in the query.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from mockserver.bodies import decoded
from mockserver.errors import MalformedJson
from mockserver.findings import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.findings import Finding

REDACTED = "[redacted]"
_SHORTEST_KEY = 8  # a shorter one can't be told from names and other text
MOST_FINDINGS = 100
_GIVEN_LIMIT = 1000  # characters of JSON kept of what a finding is about
_SCHEMES = {"Bearer", "bearer", "Basic", "basic", "Token", "token"}
_AS_THEY_ARE = re.compile(r"[\w.~+/=:,-]+", re.ASCII)
_SECRET_NAME = re.compile("key|token|secret|auth", re.IGNORECASE)


class Redaction:
    """Blots out what a request was authorized with, wherever a request holds it.

    *authorization* is its header: every word of it may be a key, so none but the scheme stays.
    A key that `is_escaped` is written otherwise in the answers that hold it.
    """

    def __init__(self, authorization: str) -> None:
        words = {part for word in authorization.split() for part in (word, *word.split("=", 1))}
        keys = {word for word in words if len(word) >= _SHORTEST_KEY} - _SCHEMES
        forms = keys | {quote(key, safe="") for key in keys}
        self._forms = sorted(forms, key=len, reverse=True)
        self._reach = max(map(len, self._forms), default=0)
        # Our own texts escape few letters, so most keys stand in an answer as they are.
        self.is_escaped = not all(map(_AS_THEY_ARE.fullmatch, keys))

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
        return self.path("&".join(map(_without_secret, query.split("&"))))

    def body(self, body: bytes, limit: int | None = None, *, is_json: bool = False) -> str:
        """Return the first *limit* bytes of *body*; if it *is_json*, escapes may hide the key."""
        if is_json and b"\\" in body:
            with suppress(MalformedJson):  # as a fault or a cut has made it
                body = json.dumps(self._value(decoded(body)), ensure_ascii=False).encode()
        if limit is None:
            return self.text(body.decode(errors="replace"))
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
            for found in islice(findings, MOST_FINDINGS)
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


def _without_secret(parameter: str) -> str:
    name, given, _ = parameter.partition("=")
    return f"{name}={REDACTED}" if given and _SECRET_NAME.search(name) else parameter
