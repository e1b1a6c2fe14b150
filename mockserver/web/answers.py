"""Answers as bytes and headers: ETags, and what every answer carries.

Source: behaviour reference, section 7.1.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from werkzeug.http import HTTP_STATUS_CODES, parse_etags

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

Header = tuple[str, str]
JSON = ("Content-Type", "application/json; charset=utf-8")
_OK, _NOT_MODIFIED = 200, 304
_COMMON = (
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-XSS-Protection", "0"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Download-Options", "noopen"),
    ("X-Permitted-Cross-Domain-Policies", "none"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Vary", "Origin"),
)
_REFUSED = (*_COMMON, ("Cache-Control", "no-cache"))
_GIVEN = (*_COMMON, ("Cache-Control", "max-age=0, private, must-revalidate"))
# Python's own phrases change from release to release.
_LINES = {status: f"{status} {phrase}" for status, phrase in HTTP_STATUS_CODES.items()}


class Reply:
    """An answer: its *status*, its whole *body*, and *headers* of its own."""

    __slots__ = ("body", "headers", "status")

    def __init__(
        self, body: bytes = b"", status: int = _OK, headers: Iterable[Header] = (JSON,)
    ) -> None:
        self.body = body
        self.status = status
        self.headers = [*headers]

    def complete(self, environ: WSGIEnvironment) -> None:
        """Give the answer to the request *environ* the headers that every answer has.

        An answer 200 gets an ETag; a GET that knows it gets 304 and no body.
        """
        if self.status != _OK:
            self.headers += _REFUSED
            return
        digest = blake2b(self.body, digest_size=16).hexdigest()
        self.headers += _GIVEN
        self.headers.append(("ETag", f'W/"{digest}"'))
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and _reads(environ) and parse_etags(known).contains_weak(digest):
            self.status, self.body = _NOT_MODIFIED, b""
            self.headers = [header for header in self.headers if header[0] != JSON[0]]

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Send the answer."""
        if self.status != _NOT_MODIFIED:
            self.headers.append(("Content-Length", str(len(self.body))))
        start(_LINES.get(self.status) or f"{self.status} Error", self.headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (self.body,)


def _reads(environ: WSGIEnvironment) -> bool:
    return environ["REQUEST_METHOD"] in {"GET", "HEAD"}
