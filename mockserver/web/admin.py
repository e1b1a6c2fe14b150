"""``/__admin``: the request journal, of the key in hand or, without one, of the whole server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, request

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
        if not keyless or "Authorization" in request.headers:
            exchange.authenticate()

    @admin.get("/requests")
    def index() -> dict[str, Any]:
        """Return the journal, oldest request first."""
        entries = [entry.readable() for entry in _journal()]
        return {"requests": entries, "meta": {"total_count": len(entries)}}

    @admin.get("/requests/<segment:request_id>")
    def show(request_id: str) -> dict[str, Any]:
        """Return the latest request that had this X-Request-Id."""
        # A request that was refused for its key is in no organization's journal.
        for entry in reversed([*exchange.organizations().nobody, *_journal()]):
            if entry.request_id == request_id:
                return {"request": entry.readable()}
        note = "the X-Request-Id of a request in the journal"
        raise NotFound("request", Fault("path request_id", "found", request_id, note))

    return admin


def _journal() -> Iterable[Entry]:
    organization = g.exchange.organization
    return organization.journal if organization else exchange.organizations().journal()
