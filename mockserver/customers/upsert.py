"""Create or update: the rules that no schema can express, and the record that comes of a request.

Source: behaviour reference, sections 3 and 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

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


class Surroundings(NamedTuple):
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
    rules: list[Violation] = []
    if "tax_codes" in given and known_taxes is not None:
        rules += taxes.unknown_codes(contract, known_taxes, given, at)
    if "metadata" in given:
        items = stored.metadata if stored else ()
        rules += metadata.violations(contract, items, given["metadata"], f"{at}/metadata")
    if "vat_rate" in settings:
        applied = taxes.applied_codes(stored, given)
        rules += taxes.vat_violations(contract, applied, settings, f"{at}/billing_configuration")
    if not rules:
        return checked.violations
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
    attributes = {**customer.attributes, **given}
    for name in contract.not_plain:
        attributes.pop(name, None)
    codes, made = taxes.applied_codes(customer, given), None
    if "vat_rate" in settings:
        codes, made = taxes.of_vat_rate(place.taxes, codes, settings["vat_rate"])
    items, items_made = customer.metadata, customer.metadata_made
    if "metadata" in given:
        items, items_made = metadata.updated(
            customer,
            given["metadata"],
            defaults=contract.metadata_defaults,
            now=place.now,
            identify=place.identify,
        )
    after = customer._replace(
        attributes=attributes,
        billing=_overlaid(customer.billing, settings) if settings else customer.billing,
        metadata=items,
        metadata_made=items_made,
        tax_codes=codes,
    )
    after = billing.linked(after, settings, new=new, default_methods=contract.default_methods)
    if (after.attributes, after.billing) != (customer.attributes, customer.billing) and not new:
        after = after._replace(updated_at=place.now)
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


def _overlaid(stored: Mapping[str, Any], given: Given) -> Mapping[str, Any]:
    """Return the *stored* billing settings with those *given*; the provider has its own rules."""
    return {
        key: value if key == "payment_provider" else given.get(key, value)
        for key, value in stored.items()
    }
