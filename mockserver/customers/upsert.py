"""Create or update: the rules that no schema can express, and the record that comes of a request.

Source: behaviour reference, sections 3 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mockserver.customers import billing, metadata, taxes
from mockserver.findings import Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from mockserver.contract import Checked, Contract
    from mockserver.customers.record import Customer, Tax
    from mockserver.customers.taxes import NewTax
    from mockserver.findings import Violation

Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a request meets: the moment, the organization's taxes, a maker of identifiers.

    *identify* makes the identifier of a new metadata item from its key and how often the customer
    has had a new item with that key before.
    """

    now: datetime
    taxes: Mapping[str, Tax]
    identify: Callable[[str, int], str]


def violations(
    contract: Contract,
    stored: Customer | None,
    checked: Checked,
    known_taxes: Mapping[str, Tax] | None,
    at: str,
) -> list[Violation]:
    """Return all rules that a request breaks, those of the schema and those it cannot express.

    *checked* is the request's customer at pointer *at*, *stored* the one it would update,
    *known_taxes* are the organization's; None leaves tax codes unchecked. Where the schema has
    spoken, the other rules are silent.
    """
    given, settings = checked.given, _settings(checked.given)
    applied = taxes.applied_codes(stored, given)
    items = stored.metadata if stored else ()
    rules = [
        *([] if known_taxes is None else taxes.unknown_codes(contract, known_taxes, given, at)),
        *metadata.violations(contract, items, given.get("metadata"), f"{at}/metadata"),
        *taxes.vat_violations(contract, applied, settings, f"{at}/billing_configuration"),
    ]
    told = {violation.where for violation in checked.violations}
    return [*checked.violations, *(rule for rule in rules if rule.where not in told)]


def slug(prefix: str, number: int) -> str:
    """Return what names the customer *number* in print (behaviour reference, section 4.1)."""
    return f"{prefix}-{number:03d}"


def updated(
    customer: Customer, given: Given, contract: Contract, place: Surroundings, *, new: bool
) -> tuple[Customer, NewTax | None]:
    """Return *customer* with the valid request *given* applied, and the tax to make for it.

    Keys left out keep what is stored. ``updated_at`` moves only if one of the customer's own
    fields changed: metadata, taxes and provider links are not (behaviour reference, section 4.1).
    *new* says that this request creates the customer.
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
        codes, made = taxes.of_vat_rate(place.taxes, after.tax_codes, settings["vat_rate"])
        after = replace(after, tax_codes=codes)
    if "metadata" in given:
        after = metadata.updated(
            after,
            given["metadata"],
            defaults=contract.metadata_defaults,
            now=place.now,
            identify=place.identify,
        )
    after = billing.linked(after, settings, new=new, default_methods=contract.default_methods)
    if (after.attributes, after.billing) != (customer.attributes, customer.billing):
        after = replace(after, updated_at=place.now)
    return after, made


def remarks(stored: Customer | None, after: Customer, given: Given, at: str) -> Iterator[Remark]:
    """Yield what made *after* of *stored* otherwise than one might expect of *given*."""
    yield from billing.remarks(stored, after, _settings(given), f"{at}/billing_configuration")
    yield from metadata.remarks(stored, after, given.get("metadata"), f"{at}/metadata")
    if given.get("tax_codes") == [] and after.tax_codes:
        note = "ignored: in this version an empty list removes no taxes"
        yield Remark(f"{at}/tax_codes", "empty", [], note)


def _settings(given: Given) -> Given:
    settings = given.get("billing_configuration")
    return settings if isinstance(settings, dict) else {}


def _overlaid(stored: Mapping[str, Any], given: Given, skip: str = "") -> Mapping[str, Any]:
    return {key: given.get(key, value) if key != skip else value for key, value in stored.items()}
