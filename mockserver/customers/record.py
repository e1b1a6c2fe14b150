"""The records: a customer, its metadata, its links to payment providers, and a tax.

Times are stamps, as answers show them (`mockserver.clock`).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class MetadataItem(NamedTuple):
    """A piece of the client's own information about a customer."""

    lago_id: str
    key: str
    value: str
    display_in_invoice: bool
    created_at: str


class ProviderCustomer(NamedTuple):
    """The customer as one payment provider knows it.

    *linked* says that a request asked the provider to know it; only then does it have
    *payment_methods*. *settings* are the flags that answers echo, by their names.
    """

    linked: bool = False
    provider_customer_id: str | None = None
    payment_methods: tuple[str, ...] | None = None
    settings: Mapping[str, bool | None] = _NOTHING


class Tax(NamedTuple):
    """A tax of an organization, *rate* in percent."""

    lago_id: str
    name: str
    code: str
    rate: float
    description: str | None
    applied_to_organization: bool
    created_at: str


class Customer(NamedTuple):
    """One customer of one organization.

    Lago owns the typed fields. The client owns *attributes*, the plain fields of a request, and
    *billing*, the plain fields of its ``billing_configuration``, both by their documented names.
    *metadata_made* counts the items ever made by key, so that a new one gets no old identifier.
    """

    lago_id: str
    external_id: str
    sequential_id: int
    slug: str
    created_at: str
    updated_at: str
    attributes: Mapping[str, Any]
    billing: Mapping[str, Any]
    metadata: tuple[MetadataItem, ...] = ()
    metadata_made: Mapping[str, int] = _NOTHING
    providers: Mapping[str, ProviderCustomer] = _NOTHING
    tax_codes: tuple[str, ...] = ()
