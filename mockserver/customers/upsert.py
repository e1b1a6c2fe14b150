"""Create or update: the rules that no schema can express, and the record that comes of a request.

Source: behaviour reference, sections 3 and 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.customers import billing, metadata, taxes
from mockserver.customers.record import Customer
from mockserver.findings import Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mockserver.contract import Checked, Contract
    from mockserver.customers.record import Tax
    from mockserver.customers.taxes import NewTax
    from mockserver.findings import Violation

Given = dict[str, Any]


class Surroundings(NamedTuple):
    """What the requests to an organization meet: its contract, its taxes, a maker of identifiers.

    *identify* makes the identifier of a new metadata item from the customer's, from its key, and
    from how often the customer has had a new item with that key before.
    """

    contract: Contract
    taxes: Mapping[str, Tax]
    identify: Callable[[str, str, int], str]


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
    given = checked.given
    items = stored.metadata if stored else ()
    settings = given.get("billing_configuration")
    rules: list[Violation] = []
    if "tax_codes" in given and known_taxes is not None:
        rules += taxes.unknown_codes(contract, known_taxes, given, at)
    if "metadata" in given and (items or not metadata.are_whole(given["metadata"])):
        rules += metadata.violations(contract, items, given["metadata"], f"{at}/metadata")
    if isinstance(settings, dict) and "vat_rate" in settings:
        applied, where = taxes.applied_codes(stored, given), f"{at}/billing_configuration"
        if applied:
            rules += taxes.vat_violations(contract, applied, settings, where)
    if not rules:
        return checked.violations
    told = {violation.where for violation in checked.violations}
    return [*checked.violations, *(rule for rule in rules if rule.where not in told)]


def slug(prefix: str, number: int) -> str:
    """Return what names the customer *number* in print (behaviour reference, section 4.1)."""
    return f"{prefix}-{number:03d}"


def updated(
    customer: Customer, given: Given, place: Surroundings, now: str, *, new: bool
) -> tuple[Customer, NewTax | None]:
    """Return *customer* with the valid request *given* applied, and the tax to make for it.

    Keys left out keep what is stored. ``updated_at`` becomes *now* only if one of the customer's
    own fields changed: metadata, taxes and provider links are not (behaviour reference, section
    4.1). *new* says that this request creates the customer.
    """
    contract = place.contract
    attributes = {**customer.attributes, **given}
    for name in contract.not_plain:
        attributes.pop(name, None)
    settings: Given = given.get("billing_configuration", {})
    settled, links = billing.updated(
        customer, settings, new=new, default_methods=contract.default_methods
    )
    codes, made = customer.tax_codes, None
    if "tax_codes" in given:
        codes = taxes.applied_codes(customer, given)
    if "vat_rate" in settings:
        codes, made = taxes.of_vat_rate(place.taxes, codes, settings["vat_rate"])
    items, items_made = customer.metadata, customer.metadata_made
    if "metadata" in given:
        items, items_made = metadata.updated(
            customer,
            given["metadata"],
            defaults=contract.metadata_defaults,
            now=now,
            identify=place.identify,
        )
    changed = not new and (attributes, settled) != (customer.attributes, customer.billing)
    after = Customer(
        customer.lago_id,
        customer.external_id,
        customer.sequential_id,
        customer.slug,
        customer.created_at,
        now if changed else customer.updated_at,
        attributes,
        settled,
        items,
        items_made,
        links,
        codes,
    )
    return after, made


def remarks(stored: Customer | None, after: Customer, given: Given, at: str) -> Iterator[Remark]:
    """Yield what made *after* of *stored* otherwise than one might expect of *given*."""
    settings = given.get("billing_configuration", {})
    if not billing.is_as_asked(after, settings):
        yield from billing.remarks(stored, after, settings, f"{at}/billing_configuration")
    if "metadata" in given:
        yield from metadata.remarks(stored, after, given["metadata"], f"{at}/metadata")
    if given.get("tax_codes") == [] and after.tax_codes:
        note = "ignored: in this version an empty list removes no taxes"
        yield Remark(f"{at}/tax_codes", "empty", [], note)
