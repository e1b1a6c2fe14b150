"""Every refusal in Lago's shape, unrouted paths and bugs included (behaviour reference, 1.5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Response, current_app, request
from werkzeug import exceptions

from mockserver.errors import (
    ApiError,
    InternalError,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
)
from mockserver.explanation import nearest, readable
from mockserver.findings import MISSING, Fault
from mockserver.web import exchange
from mockserver.web.paths import raw_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

# What Rails takes for a method: RFC 2616, WebDAV and its extensions, and PATCH.
METHODS = frozenset(
    """
    OPTIONS GET HEAD POST PUT DELETE TRACE CONNECT PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK
    VERSION-CONTROL REPORT CHECKOUT CHECKIN UNCHECKOUT MKWORKSPACE UPDATE LABEL MERGE
    BASELINE-CONTROL MKACTIVITY ORDERPATCH ACL SEARCH MKCALENDAR PATCH
    """.split()  # noqa: SIM905 (a list of 31 strings would be no clearer)
)


def install(app: Flask) -> None:
    """Make *app* answer every exception with an envelope of the contract."""
    app.register_error_handler(ApiError, _refused)
    app.register_error_handler(exceptions.NotFound, _unrouted)
    app.register_error_handler(exceptions.MethodNotAllowed, _unrouted)
    app.register_error_handler(exceptions.RequestEntityTooLarge, _too_large)
    app.register_error_handler(exceptions.HTTPException, _unreadable)
    app.register_error_handler(Exception, _failed)


def _refused(error: ApiError) -> Response:
    exchange.note(error.findings)
    body = exchange.organizations().contract.envelope(error)
    if request.path.startswith(exchange.CONTROL):
        body["explanation"] = [readable(finding) for finding in error.findings]
    response: Response = current_app.json.response(body)  # type: ignore[assignment]
    response.status_code = body["status"]
    return response


def _unrouted(error: exceptions.HTTPException) -> Response:
    if request.method not in METHODS:
        fault = _fault("method", request.method, "an HTTP method")
        return _refused(MethodNotAllowed(fault))
    if isinstance(error, exceptions.MethodNotAllowed):
        return _refused(NotFound("resource", _method_fault(error.valid_methods or ())))
    return _refused(NotFound("resource", _path_fault()))


def _too_large(_error: Exception) -> Response:
    limit = current_app.config["MAX_CONTENT_LENGTH"]
    note = f"a body of at most {limit} bytes not {request.content_length}"
    return _refused(PayloadTooLarge(_fault("body", MISSING, note, rule="size")))


def _unreadable(error: exceptions.HTTPException) -> Response:
    if isinstance(error, exceptions.InternalServerError):
        return _failed(error.original_exception or error)
    return _refused(MalformedJson(_fault("request", MISSING, f"a readable one: {error.name}")))


def _failed(error: BaseException) -> Response:
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    note = "nothing wrong here: this is a bug of the server, see its log"
    return _refused(InternalError(_fault("server", MISSING, note, rule="bug")))


def _method_fault(served: Iterable[str]) -> Fault:
    note = f"a method that this path answers: {', '.join(sorted(served))}"
    if request.method in {"PUT", "PATCH", "POST"}:
        note += "; Lago creates and updates by POST /api/v1/customers"
    return _fault("method", request.method, note)


def _path_fault() -> Fault:
    path = raw_path(request.environ)
    below = re.match("/api/v1/customers/[^/]+/(.+)", path)
    if below:
        note = "portal_url or checkout_url below a customer; send a slash in an external_id as %2F"
        return _fault("path", path, note, nearest(below[1], ("portal_url", "checkout_url")))
    served = [rule.rule for rule in current_app.url_map.iter_rules() if not rule.arguments]
    note = f"one of {', '.join(dict.fromkeys(served))}; of Lago's resources, only customers"
    return _fault("path", path, note, nearest(path, served) or nearest(f"/api/v1{path}", served))


def _fault(
    where: str, given: object, note: str, meant: str | None = None, *, rule: str = "route"
) -> Fault:
    return Fault(where, rule, given, note, meant)
