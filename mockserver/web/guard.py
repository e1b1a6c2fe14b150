"""Who may use ``/__admin``: people and programs of this machine, or those with the token.

A page of another site must not reach it through its visitor's browser, neither by a request across
origins nor by a name of its own that it lets point here.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockserver.errors import NotAllowed, Unauthorized
from mockserver.findings import MISSING, Fault
from mockserver.web import exchange
from mockserver.web.cors import is_local_name

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

TOKEN = "Mock-Admin-Token"  # noqa: S105 (the name of a header)
_OWN_SITE = {"same-origin", "none"}


def admit() -> None:
    """Refuse those that may not make the request in hand, before it is looked at.

    Raises `NotAllowed` or `Unauthorized`.
    """
    admit_to_page()
    current = exchange.current()
    token = current.organizations.settings.admin_token
    if token:
        _check_token(current.request, token)


def admit_to_page() -> None:
    """Do the same for what shows nothing of the server's state, and needs no token for that."""
    current = exchange.current()
    settings, request = current.organizations.settings, current.request
    if not settings.admin:
        wanted = "a server that was started with --admin-token, as it listens beyond this machine"
        raise NotAllowed(Fault("path", "off", current.path, wanted))
    if not settings.admin_token:
        _check_host(request, settings.host)
    _check_origin(request, is_page=current.endpoint == "page.index")


def _check_host(request: Request, bound: str) -> None:
    host = urlsplit(f"//{request.host}").hostname if request.host else None
    if not is_local_name(host) and host != bound.lower():
        wanted = "localhost or an address of this machine; other names may be another site's"
        raise NotAllowed(Fault("header Host", "host", request.host, wanted))


def _check_origin(request: Request, *, is_page: bool) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        wanted = "no Origin, or this server's own; pages of others may not control it"
        raise NotAllowed(Fault("header Origin", "origin", origin, wanted))
    site = request.headers.get("Sec-Fetch-Site", "none")
    followed = request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    if site not in _OWN_SITE and not (followed and is_page):
        wanted = "same-origin; pages of other sites may not control this server"
        raise NotAllowed(Fault("header Sec-Fetch-Site", "origin", site, wanted))


def _check_token(request: Request, token: str) -> None:
    came = request.headers.get(TOKEN, "")
    if not compare_digest(came.encode(), token.encode()):
        wanted = "the token that the server was started with (--admin-token)"
        shown = "(not shown)" if came else MISSING
        raise Unauthorized(Fault(f"header {TOKEN}", "token", shown, wanted))
