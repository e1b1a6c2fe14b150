"""A customer as answers show it: the documented keys, in the documented order.

Source: behaviour reference, section 6.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from mockserver.clock import stamp
from mockserver.customers.billing import METHODS_OF, provider_customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mockserver.contract import Contract
    from mockserver.customers.record import Customer, MetadataItem, Tax


def rendered(
    customer: Customer,
    contract: Contract,
    *,
    timezone: str,
    tax: Callable[[str], Mapping[str, Any]],
) -> dict[str, Any]:
    """Return *customer* as the value of an answer's ``customer``.

    *timezone* is the organization's; *tax* renders the tax of a code, its counts included.
    """
    values: dict[str, Any] = {
        **customer.attributes,
        "lago_id": customer.lago_id,
        "external_id": customer.external_id,
        "sequential_id": customer.sequential_id,
        "slug": customer.slug,
        "created_at": stamp(customer.created_at),
        "updated_at": stamp(customer.updated_at),
        "applicable_timezone": customer.attributes["timezone"] or timezone,
        "billing_configuration": _billing(customer, contract.billing_keys),
        "metadata": [_plain(item, contract.metadata_keys) for item in customer.metadata],
        "taxes": [tax(code) for code in customer.tax_codes],
    }
    return {key: values[key] for key in contract.answer_keys}


def rendered_tax(tax: Tax, contract: Contract, *, customers_count: int) -> dict[str, Any]:
    """Return *tax*, which *customers_count* customers carry, as an item of ``taxes``.

    Nothing but customers can carry a tax here, so the other counts are zero.
    """
    counts = dict.fromkeys((key for key in contract.tax_keys if key.endswith("_count")), 0)
    return _plain(tax, contract.tax_keys, {**counts, "customers_count": customers_count})


def _billing(customer: Customer, keys: Iterable[str]) -> dict[str, Any]:
    values = dict(customer.billing)
    provider = customer.billing["payment_provider"]
    if provider is not None:
        link = provider_customer(customer)
        values["provider_customer_id"] = link.provider_customer_id
        values |= link.settings
        if provider == METHODS_OF:
            methods = link.payment_methods
            values["provider_payment_methods"] = None if methods is None else list(methods)
    return {key: values[key] for key in keys if key in values}


def _plain(
    record: MetadataItem | Tax, keys: Iterable[str], more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    values = {each.name: getattr(record, each.name) for each in fields(record)} | dict(more or {})
    values["created_at"] = stamp(record.created_at)
    return {key: values[key] for key in keys}
