"""Create or update: the rules that no schema can express, and the record that comes of a request.

Source: behaviour reference, sections 3 and 4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.customers import billing, metadata, taxes
from mockserver.customers.record import Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from mockserver.contract import Contract
    from mockserver.customers.record import Tax
    from mockserver.customers.taxes import NewTax
    from mockserver.findings import Violation

Given = dict[str, Any]


def violations(
    contract: Contract,
    stored: Customer | None,
    given: Given,
    known_taxes: Mapping[str, Tax],
    at: str,
) -> list[Violation]:
    """Return the rules that *given*, the request's customer at pointer *at*, breaks.

    *stored* is the customer it would update, *known_taxes* are the organization's. Parts of
    *given* may still have wrong types: those are the schema's to tell, and passed over here.
    """
    settings = _settings(given)
    applied = taxes.applied_codes(stored, given)
    items = stored.metadata if stored else ()
    return [
        *taxes.unknown_codes(contract, known_taxes, given, at),
        *metadata.violations(contract, items, given.get("metadata"), f"{at}/metadata"),
        *taxes.vat_violations(contract, applied, settings, f"{at}/billing_configuration"),
    ]


def blank(contract: Contract, *, lago_id: str, external_id: str, number: int, prefix: str, now: datetime) -> Customer:
    """Return a customer that has nothing but what Lago gives it.

    *number* is its place in the organization; the slug is *prefix* and at least three digits
    (behaviour reference, section 4.1).
    """
    return Customer(
        lago_id=lago_id,
        external_id=external_id,
        sequential_id=number,
        slug=f"{prefix}-{number:03d}",
        created_at=now,
        updated_at=now,
        attributes=contract.defaults,
        billing=contract.billing_defaults,
    )


def updated(
    customer: Customer,
    given: Given,
    contract: Contract,
    *,
    new: bool,
    now: datetime,
    identify: Callable[[int], str],
    known_taxes: Mapping[str, Tax],
) -> tuple[Customer, NewTax | None]:
    """Return *customer* with the valid request *given* applied, and the tax to make for it.

    Keys left out keep what is stored. ``updated_at`` moves to *now* only if one of the customer's
    own fields changed: metadata, taxes and provider links are not (behaviour reference, 4.1).
    *identify* makes the identifiers of new metadata items.
    """
    settings = _settings(given)
    after = replace(
        customer,
        attributes=_overlaid(customer.attributes, given),
        billing=_overlaid(customer.billing, settings, skip="payment_provider"),
        tax_codes=taxes.applied_codes(customer, given),
    )
    made = None
    if "vat_rate" in settings:
        codes, made = taxes.of_vat_rate(known_taxes, after.tax_codes, settings["vat_rate"])
        after = replace(after, tax_codes=codes)
    if "metadata" in given:
        after = metadata.updated(
            after, given["metadata"], defaults=contract.metadata_defaults, now=now, identify=identify
        )
    after = billing.linked(after, settings, new=new, default_methods=contract.default_methods)
    if (after.attributes, after.billing) != (customer.attributes, customer.billing):
        after = replace(after, updated_at=now)
    return after, made


def _settings(given: Given) -> Given:
    settings = given.get("billing_configuration")
    return settings if isinstance(settings, dict) else {}


def _overlaid(stored: Mapping[str, Any], given: Given, skip: str = "") -> Mapping[str, Any]:
    return stored | {key: given[key] for key in stored if key in given and key != skip}
