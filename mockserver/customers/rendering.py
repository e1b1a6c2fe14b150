"""A customer as answers show it: the documented keys, in the documented order.

Source: behaviour reference, section 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.customers.billing import METHODS_OF, provider_customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockserver.contract import Contract
    from mockserver.customers.record import Customer, Tax


def rendered(
    customer: Customer,
    contract: Contract,
    *,
    timezone: str,
    taxes: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return *customer* as the value of an answer's ``customer``.

    *timezone* is the organization's; *taxes* are the customer's, rendered.
    """
    return {
        **contract.blank,  # for the order of its keys
        **customer.attributes,
        "lago_id": customer.lago_id,
        "external_id": customer.external_id,
        "sequential_id": customer.sequential_id,
        "slug": customer.slug,
        "created_at": customer.created_at,
        "updated_at": customer.updated_at,
        "applicable_timezone": customer.attributes["timezone"] or timezone,
        "billing_configuration": _billing(customer, contract),
        "metadata": [{**contract.blank_metadata, **item._asdict()} for item in customer.metadata],
        "taxes": taxes,
    }


def rendered_tax(tax: Tax, contract: Contract, *, customers_count: int) -> dict[str, Any]:
    """Return *tax*, which *customers_count* customers carry, as an item of ``taxes``.

    Nothing but customers can carry a tax here, so the other counts are zero.
    """
    counts = dict.fromkeys((key for key in contract.tax_keys if key.endswith("_count")), 0)
    values = {**tax._asdict(), **counts, "customers_count": customers_count}
    return {key: values[key] for key in contract.tax_keys}


def _billing(customer: Customer, contract: Contract) -> dict[str, Any]:
    provider = customer.billing["payment_provider"]
    if provider is None:
        return {**contract.blank_billing, **customer.billing}
    link = provider_customer(customer)
    values = {
        **customer.billing,
        **link.settings,
        "provider_customer_id": link.provider_customer_id,
    }
    if provider == METHODS_OF:
        values["provider_payment_methods"] = link.payment_methods
    if values.keys() == contract.blank_linked.keys():
        return {**contract.blank_linked, **values}  # in no time
    return {key: values[key] for key in contract.blank_linked if key in values}
