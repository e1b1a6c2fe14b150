"""The two links that Lago hands out for a customer: its portal, and a provider's checkout.

Both point to the reserved domain ``.test``, so that they lead nobody to a real site. Source:
behaviour reference, section 7.
"""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mockserver.customers.billing import provider_customer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mockserver.contract import Contract
    from mockserver.customers.record import Customer
    from mockserver.findings import Violation

PORTAL_LIFE = timedelta(hours=12)
_PORTAL = "https://lago.test/customer-portal/"
_CHECKOUT = "https://checkout.{provider}.test/"


def portal_link(customer: Customer, now: datetime, sign: Callable[[str], str]) -> dict[str, Any]:
    """Return the answer with the link to the portal of *customer*, good for `PORTAL_LIFE`.

    The link ends in a message as Rails signs one: base64, two dashes, 40 hexadecimal digits,
    which *sign* makes of the base64.
    """
    message = _base64(json.dumps(customer.lago_id))
    expiry = f"{now + PORTAL_LIFE:%Y-%m-%dT%H:%M:%S.000Z}"
    parts = {"_rails": {"message": message, "exp": expiry, "pur": None}}
    token = _base64(json.dumps(parts, separators=(",", ":")))
    return {"customer": {"portal_url": f"{_PORTAL}{token}--{sign(token)}"}}


def checkout_link(customer: Customer, contract: Contract, token: str) -> dict[str, Any]:
    """Return the answer with the link to the checkout of *customer*, which a provider knows."""
    provider = customer.billing["payment_provider"]
    values = {
        "lago_customer_id": customer.lago_id,
        "external_customer_id": customer.external_id,
        "payment_provider": provider,
        "checkout_url": f"{_CHECKOUT.format(provider=provider)}{token}",
    }
    return {"customer": contract.ordered("checkout-url.json#/properties/customer", values)}


def unlinked(contract: Contract, customer: Customer) -> Violation | None:
    """Return why there is no checkout for *customer*, or None: a provider has to know it."""
    provider = customer.billing["payment_provider"]
    if provider is not None and provider_customer(customer).linked:
        return None
    note = (
        "a linked customer; send payment_provider with provider_customer_id or sync_with_provider"
    )
    code = "no_linked_payment_provider"
    where, given = "path external_id", customer.external_id
    return contract.violation("provider", where, given, note, field="base", code=code)


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
