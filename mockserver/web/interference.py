"""Injected faults on requests to the API: which are met, and the broken answers they make."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mockserver import texts
from mockserver.environ import about_to_wait
from mockserver.errors import MalformedJson
from mockserver.faults import MAGIC, FaultRefused
from mockserver.findings import Fault, Remark
from mockserver.web.answers import Reply
from mockserver.web.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIEnvironment

    from mockserver.faults import Met
    from mockserver.web.exchange import Exchange

API = "/api/v1/"
HEADER = "Mock-Fault"
_HEADER = "HTTP_MOCK_FAULT"
_MAGIC = MAGIC.encode()
_LIMITS = [("x-ratelimit-limit", "1"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")]


def met(current: Exchange, environ: WSGIEnvironment) -> Reply | None:
    """Let the request meet its faults: wait, and return an answer if that is what one gives.

    Only requests to Lago's API meet any. A fault that breaks the answer of the API lets the request
    take place; one that answers in its stead, or resets the connection, does not. A header
    ``Mock-Fault`` that asks for none there is gets a refusal.
    """
    # A browser asks of its own accord before it sends what the application asked for.
    if not environ["PATH_INFO"].startswith(API) or current.method == "OPTIONS":
        return None
    organization, body = current.organization, current.body
    may_meet_any = (
        current.organizations.faults.are_there
        or (organization is not None and organization.faults.are_there)
        or _MAGIC in body
        or b"\\" in body  # which may hide it
        or MAGIC in environ["PATH_INFO"]
        or _HEADER in environ
    )
    if not may_meet_any:
        return None
    try:
        faults = list(_all(current, environ.get(_HEADER), _external_id(current)))
    except MalformedJson as error:
        return refused(error, current)
    answer = None
    breaking: Met | None = None
    for each in faults:
        if each.effect.delay is not None:
            note = f"asked for by {each.why}; waited {each.milliseconds} ms"
            current.findings.append(Remark("fault", "injected", each.effect.name, note))
            about_to_wait(environ)
            time.sleep(each.milliseconds / 1000)
        elif breaking is None:
            breaking = each
            answer = _broken(each, current)
        current.fault = current.fault or each.effect.name
    return answer


def _all(current: Exchange, asked: str | None, external_id: str | None) -> Iterator[Met]:
    faults = [current.organizations.faults]
    if current.organization is not None:
        faults.insert(0, current.organization.faults)
    if asked is not None:
        try:
            yield from faults[0].asked(asked)
        except FaultRefused as error:
            fault = Fault(f"header {HEADER}", "fault", asked, str(error), error.suggestion)
            raise MalformedJson(fault) from None
    for level, each in enumerate(faults):
        named = level == 0 and current.organization is not None
        yield from each.met(current.method, current.path, external_id, named=named)


def _broken(fault: Met, current: Exchange) -> Reply | None:
    name, status = fault.effect.name, fault.effect.status
    note = f"asked for by {fault.why}"
    if status is None and name != "reset":
        note += "; the request took place, its answer is broken"
        current.findings.append(Remark("fault", "injected", name, note))
        current.broken = name
        return None
    current.findings.append(Remark("fault", "injected", name, f"{note}; nothing was done"))
    if status is None:
        current.broken = name
        return Reply()
    answer = Reply(texts.written(current.organizations.contract.failure(status)), status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers += _LIMITS
    return answer


def _external_id(current: Exchange) -> str | None:
    customer = current.document.get("customer") if isinstance(current.document, dict) else None
    if current.method == "POST" and isinstance(customer, dict):
        found = customer.get("external_id")
        if isinstance(found, str):
            return found
    segments = [part for part in current.path.split("/") if part]
    return unquote(segments[3]) if len(segments) > 3 else None  # noqa: PLR2004
