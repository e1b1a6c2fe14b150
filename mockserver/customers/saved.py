"""A customer as a snapshot keeps it: what a request would send, and under ``stored`` the rest."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mockserver.clock import stamp
from mockserver.customers.record import Customer, MetadataItem, ProviderCustomer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mockserver.contract import Contract

_METADATA = ("key", "value", "display_in_invoice")


def saved(customer: Customer) -> dict[str, Any]:
    """Return *customer* as an item of ``customers`` in a fixtures file, from which `restored` is.

    Nulls are left out.
    """
    billing = _without_nulls({**customer.billing, **_linked(customer)})
    document = {
        "external_id": customer.external_id,
        **_without_nulls(customer.attributes),
        "billing_configuration": billing,
        "metadata": [
            {"id": item.lago_id, **{key: getattr(item, key) for key in _METADATA}}
            for item in customer.metadata
        ],
        "tax_codes": [*customer.tax_codes],
    }
    return {
        **{key: value for key, value in document.items() if value not in ([], {})},
        "stored": {
            "lago_id": customer.lago_id,
            "sequential_id": customer.sequential_id,
            "slug": customer.slug,
            "created_at": customer.created_at,
            "updated_at": customer.updated_at,
            "metadata": {item.lago_id: item.created_at for item in customer.metadata},
            "metadata_made": dict(customer.metadata_made),
            "providers": {
                name: {
                    "linked": link.linked,
                    "provider_customer_id": link.provider_customer_id,
                    "payment_methods": link.payment_methods and [*link.payment_methods],
                    "settings": dict(link.settings),
                }
                for name, link in customer.providers.items()
            },
        },
    }


def restored(
    given: Mapping[str, Any],
    stored: Mapping[str, Any],
    contract: Contract,
    identify: Callable[[str], str],
) -> Customer:
    """Return the customer that *given*, a checked request, and *stored* were saved from.

    *identify* makes an identifier for a metadata item that somebody has written in by hand.
    """
    created_at = _stamped(stored["created_at"])
    times = {key: _stamped(text) for key, text in stored["metadata"].items()}
    return Customer(
        lago_id=stored["lago_id"],
        external_id=given["external_id"],
        sequential_id=int(stored["sequential_id"]),
        slug=stored["slug"],
        created_at=created_at,
        updated_at=_stamped(stored["updated_at"]),
        attributes=_completed(contract.defaults, given),
        billing=_completed(contract.billing_defaults, given.get("billing_configuration", {})),
        metadata=tuple(
            MetadataItem(
                lago_id=item.get("id") or identify(item["key"]),
                created_at=times.get(item.get("id"), created_at),
                **{key: item.get(key, contract.metadata_defaults.get(key)) for key in _METADATA},
            )
            for item in given.get("metadata", ())
        ),
        metadata_made=stored["metadata_made"],
        providers={name: _link(link) for name, link in stored["providers"].items()},
        tax_codes=tuple(given.get("tax_codes", ())),
    )


def _linked(customer: Customer) -> dict[str, Any]:
    """Return what a request would say of the provider in use; ``stored`` has all providers."""
    link = customer.providers.get(customer.billing["payment_provider"])
    if link is None:
        return {}
    methods = link.payment_methods and [*link.payment_methods]
    return {
        "provider_customer_id": link.provider_customer_id,
        "provider_payment_methods": methods,
    }


def _link(link: Mapping[str, Any]) -> ProviderCustomer:
    methods = link["payment_methods"]
    return ProviderCustomer(**{**link, "payment_methods": methods and tuple(methods)})


def _stamped(moment: str) -> str:
    """Return *moment*, which somebody may have written otherwise, as Lago writes it."""
    return stamp(datetime.fromisoformat(moment))


def _without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _completed(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: given.get(key, default) for key, default in defaults.items()}
