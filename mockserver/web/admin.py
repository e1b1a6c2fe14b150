"""``/__admin``: the request journal, of the key in hand or, without one, of the whole server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, g

from mockserver.errors import NotFound
from mockserver.findings import Fault
from mockserver.web import exchange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.journal import Entry


def blueprint(*, keyless: bool) -> Blueprint:
    """Return the routes; *keyless* lets requests without a key see the journals of all keys."""
    admin = Blueprint("admin", __name__, url_prefix="/__admin")

    @admin.before_request
    def authenticate() -> None:
        if not (keyless and g.exchange.key is None):
            exchange.authenticate()

    @admin.get("/requests")
    def requests() -> dict[str, Any]:
        """Return the journal, oldest request first."""
        entries = [entry.readable() for entry in _journal()]
        return {"requests": entries, "meta": {"total_count": len(entries)}}

    @admin.get("/requests/<external_id:request_id>")
    def request(request_id: str) -> dict[str, Any]:
        """Return the latest request that had this X-Request-Id."""
        for entry in reversed([*_journal()]):
            if entry.request_id == request_id:
                return {"request": entry.readable()}
        note = "the X-Request-Id of a request in the journal"
        where = "path request_id"
        fault = Fault(where, "found", request_id, note)
        raise NotFound("request", fault)

    return admin


def _journal() -> Iterable[Entry]:
    organization = g.exchange.organization
    return organization.journal if organization else exchange.organizations().journal()
