"""An organization as a fixtures file: readable, and the same again once it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.customers.saved import saved

if TYPE_CHECKING:
    from mockserver.profile import Profile
    from mockserver.store import Store
    from mockserver.tax_book import TaxBook

_TAX = ("code", "name", "rate", "description", "applied_to_organization", "created_at")


def snapshot(profile: Profile, taxes: TaxBook, store: Store) -> dict[str, Any]:
    """Return the fixtures file of an organization (``organization.json``)."""
    return {
        "organization": {
            "name": profile.name,
            "prefix": profile.prefix,
            "timezone": profile.timezone,
            "premium": profile.premium,
            "payment_providers": [*profile.payment_providers],
            "taxes": [{key: getattr(tax, key) for key in _TAX} for tax in taxes.values()],
            "stored": {"deleted": store.deleted(), "highest": store.next_number() - 1},
        },
        "customers": [saved(customer) for customer in store],
    }
