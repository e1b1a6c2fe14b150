"""Paths as Rails reads them: split at slashes first, decoded after.

So ``%2F`` may stand in an identifier, and doubled or trailing slashes make no other path
(behaviour reference, section 1.4). A WSGI server hands over the decoded path; the raw one is in
``REQUEST_URI``, where every server we use puts it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_to_bytes

from werkzeug.routing import BaseConverter

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

_USUAL = 256  # letters of an address that is known by heart once it has been taken apart
_PLAIN = re.compile(r"(?:/[\w.~-]+)+", re.ASCII)  # reads the same either way


class SegmentConverter(BaseConverter):
    """A segment of a path that holds any text."""

    def to_python(self, value: str) -> str:
        """Return the text itself."""
        return unquote(value)


def asked(environ: WSGIEnvironment) -> tuple[str, str]:
    """Return the path as the client sent it, without host and query, and as it is `normalized`."""
    uri: str = environ.get("REQUEST_URI") or quote(environ["PATH_INFO"], encoding="latin-1")
    return (_known if len(uri) <= _USUAL else _asked)(uri)


def _asked(uri: str) -> tuple[str, str]:
    path = uri.partition("?")[0]
    if path.startswith(("http://", "https://")):
        path = "/" + path.partition("//")[2].partition("/")[2]
    return path, normalized(path)


_known = lru_cache(maxsize=1024)(_asked)


def normalized(path: str) -> str:
    """Return the raw *path* in WSGI's latin-1, decoded but for slashes and percents in segments."""
    if _PLAIN.fullmatch(path):
        return path
    segments = (_decoded(segment) for segment in path.split("/") if segment)
    return "/" + "/".join(segments)


def _decoded(segment: str) -> str:
    plain = unquote_to_bytes(segment).decode("latin-1")
    return plain.replace("%", "%25").replace("/", "%2F")
