"""Injected faults on requests to the API: which are met, and the broken answers they make."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from flask import Response, after_this_request, current_app, request

from mockserver.errors import MalformedJson
from mockserver.faults import FaultRefused
from mockserver.findings import Fault, Remark
from mockserver.web.paths import raw_path
from mockserver.web.wire import BREAK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.faults import Met
    from mockserver.organizations import Organizations
    from mockserver.web.exchange import Exchange

API = "/api/v1/"
HEADER = "Mock-Fault"
_LIMITS = {"x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}


def met(current: Exchange, organizations: Organizations) -> Response | None:
    """Let the request meet its faults: wait, and return an answer if that is what one gives.

    Only requests to Lago's API meet any. A fault that breaks the answer of the API lets the request
    take place; one that answers in its stead, or resets the connection, does not. Raises
    `MalformedJson` for a header ``Mock-Fault`` that asks for none there is.
    """
    # A browser asks of its own accord before it sends what the application asked for.
    if not request.path.startswith(API) or request.method == "OPTIONS":
        return None
    answer = None
    breaking: Met | None = None
    for each in _all(current, organizations):
        if each.effect.delay is not None:
            note = f"asked for by {each.why}; waited {each.milliseconds} ms"
            current.findings.append(Remark("fault", "injected", each.effect.name, note))
            time.sleep(each.milliseconds / 1000)
        elif breaking is None:
            breaking = each
            answer = _broken(each, current, organizations)
        current.fault = current.fault or each.effect.name
    return answer


def _all(current: Exchange, organizations: Organizations) -> Iterator[Met]:
    faults = [organizations.faults]
    if current.organization is not None:
        faults.insert(0, current.organization.faults)
    asked = request.headers.get(HEADER)
    if asked is not None:
        try:
            yield from faults[0].asked(asked)
        except FaultRefused as error:
            fault = Fault(f"header {HEADER}", "fault", asked, str(error), error.suggestion)
            raise MalformedJson(fault) from None
    path, external_id = raw_path(request.environ), _external_id(current)
    for level, each in enumerate(faults):
        named = level == 0 and current.organization is not None
        yield from each.met(request.method, path, external_id, named=named)


def _broken(fault: Met, current: Exchange, organizations: Organizations) -> Response | None:
    name, status = fault.effect.name, fault.effect.status
    note = f"asked for by {fault.why}"
    if status is None and name != "reset":
        note += "; the request took place, its answer is broken"
        current.findings.append(Remark("fault", "injected", name, note))
        if name == "invalid_json":
            after_this_request(_without_its_end)
        else:
            request.environ[BREAK] = name
        return None
    current.findings.append(Remark("fault", "injected", name, f"{note}; nothing was done"))
    if status is None:
        request.environ[BREAK] = name
        return Response()
    answer: Any = current_app.json.response(organizations.contract.failure(status))
    answer.status_code = status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers.update(_LIMITS)
    return answer  # type: ignore[no-any-return]


def _without_its_end(response: Response) -> Response:
    response.set_data(response.get_data()[:-1])
    return response


def _external_id(current: Exchange) -> str | None:
    customer = current.document.get("customer") if isinstance(current.document, dict) else None
    if request.method == "POST" and isinstance(customer, dict):
        found = customer.get("external_id")
        if isinstance(found, str):
            return found
    segments = [part for part in raw_path(request.environ).split("/") if part]
    return unquote(segments[3]) if len(segments) > 3 else None  # noqa: PLR2004
