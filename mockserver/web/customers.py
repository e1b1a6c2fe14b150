"""The customer resource: each handler asks the organization once.

Source: behaviour reference, sections 1.4 and 7.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from mockserver.explanation import nearest
from mockserver.findings import Remark
from mockserver.listing import PARAMETERS, asked_page
from mockserver.web import exchange
from mockserver.web.paths import raw_path

blueprint = Blueprint("customers", __name__, url_prefix="/api/v1/customers")
blueprint.before_request(exchange.authenticate)


@blueprint.before_request
def remark_on_dot() -> None:
    """Say where real Lago would look up another identifier: it cuts it at a literal dot."""
    external_id = (request.view_args or {}).get("external_id", "")
    if "." in external_id and "." in raw_path(request.environ):
        note = "looked up whole; real Lago cuts it at the dot unless that is sent as %2E"
        exchange.note([Remark("path external_id", "dot", external_id, note)])


@blueprint.before_request
def remark_on_query() -> None:
    """Say which query parameters are not read."""
    known = PARAMETERS if request.endpoint == "customers.index" else ()
    for name, value in request.args.items():
        if name.partition("[")[0] not in known:
            meant = nearest(name, known)
            note = "not a parameter of this request, ignored"
            exchange.note([Remark(f"query {name}", "unknown", value, note, meant)])


@blueprint.post("")
def upsert() -> dict[str, Any]:
    """Create or update: Lago answers 200 to both."""
    document = exchange.document("customer")
    return exchange.answered(
        exchange.organization().upsert_customer(document, beside=exchange.beside())
    )


@blueprint.get("")
def index() -> dict[str, Any]:
    """Return a page of customers."""
    page = asked_page({name: values[-1] for name, values in request.args.lists()})
    return exchange.answered(exchange.organization().list_customers(page))


@blueprint.get("/<segment:external_id>")
def show(external_id: str) -> dict[str, Any]:
    """Return one customer."""
    return exchange.answered(exchange.organization().show_customer(external_id))


@blueprint.delete("/<segment:external_id>")
def destroy(external_id: str) -> dict[str, Any]:
    """Delete one customer and return it."""
    return exchange.answered(exchange.organization().delete_customer(external_id))


@blueprint.get("/<segment:external_id>/portal_url")
def portal_url(external_id: str) -> dict[str, Any]:
    """Return a link to the customer's portal."""
    return exchange.answered(exchange.organization().portal_url(external_id))


@blueprint.post("/<segment:external_id>/checkout_url")
def checkout_url(external_id: str) -> dict[str, Any]:
    """Return a link to the provider's checkout."""
    return exchange.answered(exchange.organization().checkout_url(external_id))
