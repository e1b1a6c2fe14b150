"""Every refusal in Lago's shape, unrouted paths and bugs included (behaviour reference, 1.5)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.exceptions import MethodNotAllowed as WrongMethod
from werkzeug.exceptions import NotFound as NoSuchPath

from mockserver import texts
from mockserver.errors import (
    InternalError,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
)
from mockserver.explanation import nearest, readable
from mockserver.findings import MISSING, Fault
from mockserver.web.answers import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.exceptions import HTTPException

    from mockserver.errors import ApiError
    from mockserver.web.exchange import Exchange

# What Rails takes for a method: RFC 2616, WebDAV and its extensions, and PATCH.
METHODS = frozenset(
    """
    OPTIONS GET HEAD POST PUT DELETE TRACE CONNECT PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK
    VERSION-CONTROL REPORT CHECKOUT CHECKIN UNCHECKOUT MKWORKSPACE UPDATE LABEL MERGE
    BASELINE-CONTROL MKACTIVITY ORDERPATCH ACL SEARCH MKCALENDAR PATCH
    """.split()  # noqa: SIM905 (a list of 31 strings would be no clearer)
)


def refused(error: ApiError, current: Exchange) -> Reply:
    """Return the envelope of the contract for *error*, and note why the request was refused."""
    current.note(error.findings)
    body = current.organizations.contract.envelope(error)
    if current.is_control:
        body["explanation"] = [readable(finding) for finding in error.findings]
    return Reply(texts.written(body), body["status"])


def unrouted(error: HTTPException, current: Exchange, served: Sequence[str]) -> Reply:
    """Return the refusal of a request for which *error* finds no handler; *served* are paths."""
    method = current.method
    if method not in METHODS:
        fault = Fault("method", "route", method, "an HTTP method")
        return refused(MethodNotAllowed(fault), current)
    if isinstance(error, WrongMethod):
        return refused(NotFound("resource", _method_fault(method, error)), current)
    if isinstance(error, NoSuchPath):
        return refused(NotFound("resource", _path_fault(current.path, served)), current)
    fault = Fault("request", "route", MISSING, f"a readable one: {error.name}")
    return refused(MalformedJson(fault), current)


def divided(current: Exchange) -> Reply:
    """Return the refusal of a server with several processes, each with customers of its own."""
    note = "one process, which holds all customers: start it with a single worker"
    current.note([Fault("server", "processes", "several", note)])
    body = current.organizations.contract.failure(HTTPStatus.SERVICE_UNAVAILABLE)
    return Reply(texts.written(body), HTTPStatus.SERVICE_UNAVAILABLE)


def failed(current: Exchange) -> Reply:
    """Return the answer to a request that met a bug of ours."""
    note = "nothing wrong here: this is a bug of the server, see its log"
    return refused(InternalError(Fault("server", "bug", MISSING, note)), current)


def _method_fault(method: str, error: WrongMethod) -> Fault:
    note = f"a method that this path answers: {', '.join(sorted(error.valid_methods or ()))}"
    if method in {"PUT", "PATCH", "POST"}:
        note += "; Lago creates and updates by POST /api/v1/customers"
    return Fault("method", "route", method, note)


def _path_fault(path: str, served: Sequence[str]) -> Fault:
    below = re.match("/api/v1/customers/[^/]+/(.+)", path)
    if below:
        note = "portal_url or checkout_url below a customer; send a slash in an external_id as %2F"
        meant = nearest(below[1], ("portal_url", "checkout_url"))
    else:
        note = f"one of {', '.join(dict.fromkeys(served))}; of Lago's resources, only customers"
        meant = nearest(path, served) or nearest(f"/api/v1{path}", served)
    return Fault("path", "route", path, note, meant)
