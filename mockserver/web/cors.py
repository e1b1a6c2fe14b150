"""Browsers of other origins: who may read Lago's answers, and never those of ``/__admin``.

Source: behaviour reference, section 7.1; real Lago allows one origin.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.findings import Remark
from mockserver.web.answers import Reply

if TYPE_CHECKING:
    from collections.abc import Collection
    from wsgiref.types import WSGIEnvironment

    from mockserver.web.answers import Header
    from mockserver.web.exchange import Exchange

LOCAL, ANY, OFF = "local", "*", "off"
METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD"
_MAX_AGE = "7200"  # seconds
_EXPOSED = "Mock-Explanation, Mock-Contract, X-Request-Id"
_HEADERS = re.compile(r"[\w ,-]*", re.ASCII)


class Cors:
    """Lets pages of the origins in *allowed* read answers, but for those of ``/__admin``."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = allowed

    def preflight(self, current: Exchange, environ: WSGIEnvironment) -> Reply | None:
        """Return the answer to a browser that asks beforehand, or None to another request."""
        if not {"HTTP_ORIGIN", "HTTP_ACCESS_CONTROL_REQUEST_METHOD"} <= environ.keys():
            return None
        if current.is_control:
            return None
        reply = Reply(headers=[("Content-Type", "text/plain; charset=utf-8")])
        if is_allowed(environ["HTTP_ORIGIN"], self._allowed):
            wanted = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
            reply.headers += (
                ("Access-Control-Allow-Methods", METHODS),
                ("Access-Control-Max-Age", _MAX_AGE),
            )
            if _HEADERS.fullmatch(wanted):
                reply.headers.append(("Access-Control-Allow-Headers", wanted))
            current.counts = False
        return reply

    def headers(self, current: Exchange, environ: WSGIEnvironment) -> list[Header]:
        """Return what lets a page of the request's origin read the answer, or remark that none may.

        *environ* has an ``Origin``.
        """
        origin = environ["HTTP_ORIGIN"]
        if current.is_control:
            return []
        if is_allowed(origin, self._allowed):
            return [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Expose-Headers", _EXPOSED),
            ]
        if origin != f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST')}":
            note = "an origin whose pages may not read the answer; allow it with --cors-origin"
            current.note([Remark("header Origin", "cors", origin, note)])
        return []


def is_allowed(origin: str, allowed: Collection[str]) -> bool:
    """Say whether pages of *origin* may read answers.

    *allowed* are origins, `ANY` for all, `LOCAL` for those on any port of this machine.
    """
    return ANY in allowed or origin in allowed or (LOCAL in allowed and _is_local(origin))


def is_local_name(host: str | None) -> bool:
    """Say whether *host*, a name or address without port, is this machine whoever resolves it."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_local(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        return parts.scheme in {"http", "https"} and is_local_name(parts.hostname)
    except ValueError:  # brackets without an address
        return False
