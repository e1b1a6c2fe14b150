"""The customer resource: each handler asks the organization once.

Source: behaviour reference, sections 1.4 and 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from mockserver.environ import about_to_wait
from mockserver.explanation import nearest
from mockserver.findings import Remark
from mockserver.listing import PARAMETERS, asked_page
from mockserver.web import exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.web.answers import Reply
    from mockserver.web.exchange import Exchange

_LARGE = 1000  # customers on a page that takes its time

blueprint = Blueprint("customers", __name__, url_prefix="/api/v1/customers")


@blueprint.before_request
def admit() -> None:
    """Refuse requests without a key, and say what is odd about the address of the others."""
    current = exchange.current()
    current.authenticate()
    if "." in current.path:  # which is nowhere else in the paths of customers
        current.note([_remark_on_dot(current.arguments["external_id"])])
    if current.query:
        current.note(_remarks_on_query(current))


@blueprint.post("")
def upsert() -> Reply:
    """Create or update: Lago answers 200 to both."""
    current = exchange.current()
    document = current.document_under("customer")
    return current.answered(current.tenant.upsert_customer(document, beside=current.beside()))


@blueprint.get("")
def index() -> Reply:
    """Return a page of customers."""
    current = exchange.current()
    page = asked_page({name: values[-1] for name, values in current.request.args.lists()})
    if page.size > _LARGE:
        about_to_wait(current.environ)
    return current.answered(current.tenant.list_customers(page))


@blueprint.get("/<segment:external_id>")
def show(external_id: str) -> Reply:
    """Return one customer."""
    current = exchange.current()
    return current.answered(current.tenant.show_customer(external_id))


@blueprint.delete("/<segment:external_id>")
def destroy(external_id: str) -> Reply:
    """Delete one customer and return it."""
    current = exchange.current()
    return current.answered(current.tenant.delete_customer(external_id))


@blueprint.get("/<segment:external_id>/portal_url")
def portal_url(external_id: str) -> Reply:
    """Return a link to the customer's portal."""
    current = exchange.current()
    return current.answered(current.tenant.portal_url(external_id))


@blueprint.post("/<segment:external_id>/checkout_url")
def checkout_url(external_id: str) -> Reply:
    """Return a link to the provider's checkout."""
    current = exchange.current()
    return current.answered(current.tenant.checkout_url(external_id))


def _remark_on_dot(external_id: str) -> Remark:
    """Say that real Lago would look up another identifier: it cuts it at a literal dot."""
    note = "looked up whole; real Lago cuts it at the dot unless that is sent as %2E"
    return Remark("path external_id", "dot", external_id, note)


def _remarks_on_query(current: Exchange) -> Iterator[Remark]:
    """Say which query parameters are not read."""
    known = PARAMETERS if current.endpoint == "customers.index" else ()
    for name, value in current.request.args.items():
        if name.partition("[")[0] not in known:
            meant = nearest(name, known)
            note = "not a parameter of this request, ignored"
            yield Remark(f"query {name}", "unknown", value, note, meant)
