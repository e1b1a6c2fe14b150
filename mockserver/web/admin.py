"""``/__admin`` to look at: what was asked and why it was refused, and what is there."""

from __future__ import annotations

from dataclasses import asdict
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from flask import Blueprint

from mockserver import data
from mockserver.errors import NotFound, Unprocessable
from mockserver.findings import Fault
from mockserver.listing import asked_page, meta
from mockserver.matching import Wanted
from mockserver.openapi import document
from mockserver.organization import listed
from mockserver.register import Answer
from mockserver.web import exchange, guard, scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockserver.journal import Entry, Record
    from mockserver.web.answers import Reply


blueprint = Blueprint("admin", __name__, url_prefix=exchange.CONTROL)
blueprint.before_request(guard.admit)
blueprint.before_request(scope.find)


@blueprint.get("/settings")
def settings() -> dict[str, Any]:
    """Return the settings, but no secrets."""
    known = exchange.current().organizations.settings
    shown = asdict(known) | {
        "fixtures": known.fixtures and str(known.fixtures),
        "api_key": len(known.api_key),
        "admin_token": known.admin_token is not None,
    }
    return {"settings": shown}


@blueprint.get("/requests")
def requests() -> dict[str, Any]:
    """Return the journal, oldest request first."""
    records = _records()
    after, limit = _number("after"), _number("limit")
    wanted = records if after is None else [each for each in records if each.arrival > after]
    if limit is not None:
        wanted = wanted[max(0, len(wanted) - limit) :]
    return _listed((record.entry() for record in wanted), records)


@blueprint.get("/requests/<segment:request_id>")
def one_request(request_id: str) -> dict[str, Any]:
    """Return the latest request that had this X-Request-Id."""
    # A request that was refused for its key is in no organization's journal.
    for record in reversed([*exchange.current().organizations.nobody, *_records()]):
        if record.request_id == request_id:
            return {"request": record.entry().readable()}
    note = "the X-Request-Id of a request in the journal"
    raise NotFound("request", Fault("path request_id", "found", request_id, note))


@blueprint.post("/requests/find")
def find_requests() -> dict[str, Any]:
    """Return the requests that are like the one in the body."""
    records = _records()
    return _listed(_sought(records), records)


@blueprint.post("/requests/count")
def count_requests() -> dict[str, Any]:
    """Return how many requests are like the one in the body."""
    return {"count": len(_sought(_records()))}


@blueprint.get("/customers")
def customers() -> Reply:
    """Return a page of the customers of one organization, or of all one after the other."""
    page = asked_page(
        {name: values[-1] for name, values in exchange.current().request.args.lists()}
    )
    found: list[bytes] = []
    start, total = page.start, 0
    for each in scope.affected():
        shown, number = each.customers(start, page.size - len(found))
        found += shown
        start, total = max(0, start - number), total + number
    current = exchange.current()
    described = meta(exchange.current().organizations.contract, page, total)
    return current.answered(Answer(listed(found, described), page.remarks))


@blueprint.get("/contract")
def contract() -> dict[str, Any]:
    """Return what is served, and how it differs from Lago."""
    known = exchange.current().organizations.contract
    operations = [
        {"method": method.upper(), "path": path, "summary": operation["summary"]}
        for path, methods in document(known.version)["paths"].items()
        for method, operation in methods.items()
    ]
    return {
        "contract": {
            "version": known.version,
            "operations": operations,
            "request": known.schema("customer-create.json"),
            "ledger": data.schemas(known.version)["ledger"],
        }
    }


def _records() -> list[Record]:
    organization = scope.organization()
    return [*(organization.journal if organization else exchange.current().organizations.journal())]


def _sought(records: Iterable[Record]) -> list[Entry]:
    wanted = Wanted(**scope.body("control.json#/$defs/sought"))
    entries = (record.entry() for record in records)
    return [entry for entry in entries if wanted.matches(entry.readable())]


def _listed(entries: Iterable[Entry], journal: Sequence[Record]) -> dict[str, Any]:
    last = max(map(attrgetter("arrival"), journal), default=0)
    return {
        "requests": [entry.readable() for entry in entries],
        "meta": {"total_count": len(journal), "last_arrival": last},
    }


def _number(name: str) -> int | None:
    text = exchange.current().request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:  # noqa: PLR2004 (64 bits)
        raise Unprocessable(Fault(f"query {name}", "number", text, "a whole number from 0"))
    return int(text)
