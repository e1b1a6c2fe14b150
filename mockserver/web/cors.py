"""Browsers of other origins: who may read Lago's answers, and never those of ``/__admin``.

Source: behaviour reference, section 7.1; real Lago allows one origin.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Response, request

from mockserver.findings import Remark
from mockserver.web import exchange

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Flask

LOCAL, ANY, OFF = "local", "*", "off"
METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD"
_MAX_AGE = "7200"  # seconds
_EXPOSED = "Mock-Explanation, Mock-Contract, X-Request-Id"
_HEADERS = re.compile(r"[\w ,-]*", re.ASCII)


def install(app: Flask, allowed: Collection[str]) -> None:
    """Let pages of the origins in *allowed* read the answers of *app*, but for ``/__admin``."""

    def preflight() -> Response | None:
        asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if not asked or "Origin" not in request.headers or _is_admin():
            return None
        answer = Response(content_type="text/plain; charset=utf-8")
        if is_allowed(request.headers["Origin"], allowed):
            wanted = request.headers.get("Access-Control-Request-Headers", "")
            answer.headers["Access-Control-Allow-Methods"] = METHODS
            answer.headers["Access-Control-Max-Age"] = _MAX_AGE
            if _HEADERS.fullmatch(wanted):
                answer.headers["Access-Control-Allow-Headers"] = wanted
            exchange.keep_out_of_journal()
        return answer

    def readable(response: Response) -> Response:
        origin = request.headers.get("Origin")
        if origin is None or _is_admin():
            return response
        if is_allowed(origin, allowed):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        elif origin != request.host_url.rstrip("/"):
            note = "an origin whose pages may not read the answer; allow it with --cors-origin"
            exchange.note([Remark("header Origin", "cors", origin, note)])
        return response

    app.before_request(preflight)
    app.after_request(readable)


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


def _is_admin() -> bool:
    return request.path.startswith("/__admin")
