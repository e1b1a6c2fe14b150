"""The customer resource: each handler asks the organization once (behaviour reference, 1.4 and 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from mockserver.findings import Remark
from mockserver.listing import asked_page
from mockserver.web import exchange
from mockserver.web.paths import dot_remark_applies

if TYPE_CHECKING:
    from collections.abc import Iterator

blueprint = Blueprint("customers", __name__, url_prefix="/api/v1/customers")
blueprint.before_request(exchange.authenticate)


@blueprint.post("")
def upsert() -> dict[str, Any]:
    """Create or update: Lago answers 200 to both."""
    document = exchange.document("customer")
    return exchange.answered(exchange.organization().upsert_customer(document))


@blueprint.get("")
def index() -> dict[str, Any]:
    """Return a page of customers."""
    page = asked_page(request.args)
    return exchange.answered(exchange.organization().list_customers(page))


@blueprint.get("/<external_id:external_id>")
def show(external_id: str) -> dict[str, Any]:
    """Return one customer."""
    answer = exchange.organization().show_customer(external_id)
    return exchange.answered(answer, _about(external_id))


@blueprint.delete("/<external_id:external_id>")
def destroy(external_id: str) -> dict[str, Any]:
    """Delete one customer and return it."""
    answer = exchange.organization().delete_customer(external_id)
    return exchange.answered(answer, _about(external_id))


@blueprint.get("/<external_id:external_id>/portal_url")
def portal_url(external_id: str) -> dict[str, Any]:
    """Return a link to the customer's portal."""
    answer = exchange.organization().portal_url(external_id)
    return exchange.answered(answer, _about(external_id))


@blueprint.post("/<external_id:external_id>/checkout_url")
def checkout_url(external_id: str) -> dict[str, Any]:
    """Return a link to the provider's checkout."""
    answer = exchange.organization().checkout_url(external_id)
    return exchange.answered(answer, _about(external_id))


def _about(external_id: str) -> Iterator[Remark]:
    if dot_remark_applies(request.environ, external_id):
        note = "looked up whole; real Lago cuts it at the dot unless that is sent as %2E"
        yield Remark("path external_id", "dot", external_id, note)
