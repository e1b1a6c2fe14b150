"""A customer's payment provider: who is linked to whom, by the decision table of v0.53.

Source: behaviour reference, section 5.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.customers.record import Customer, ProviderCustomer
from mockserver.findings import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

METHODS_OF = "stripe"  # the one provider whose payment methods Lago keeps
_FLAGS = ("sync", "sync_with_provider")
_NOBODY = ProviderCustomer()


def linked(
    customer: Customer, given: Mapping[str, Any], *, new: bool, default_methods: Sequence[str]
) -> Customer:
    """Return *customer* with the payment provider that the billing settings *given* ask for.

    *new* says that this request creates the customer; *default_methods* are what Stripe offers
    when the request names none.
    """
    if not given:
        return customer
    asked = given.get("payment_provider")
    if _links(customer, given, new=new):
        if asked is None:
            return _with_flags(customer, given, _FLAGS[:1])
        return _written(customer, asked, given, default_methods)
    if new:
        return customer
    if "payment_provider" in given:
        customer = _with_provider(customer, asked)
    link = _link(customer)
    if link.provider_customer_id is None and given.get("provider_customer_id"):
        return _written(customer, _provider(customer), given, default_methods)
    return _with_flags(customer, given, _FLAGS[:1])


def provisioned(customer: Customer, provider_customer_id: str) -> Customer:
    """Return *customer* after its provider has made it under *provider_customer_id*."""
    link = _link(customer)._replace(provider_customer_id=provider_customer_id)
    return _with_link(customer, link)


def awaits_provider(customer: Customer, given: Mapping[str, Any]) -> bool:
    """Say whether *given* asks its provider to make *customer*, which it has not yet."""
    return (
        bool(given.get("sync_with_provider"))
        and not given.get("provider_customer_id")
        and given.get("payment_provider") is not None
        and _link(customer).linked
        and _link(customer).provider_customer_id is None
    )


def provider_customer(customer: Customer) -> ProviderCustomer:
    """Return what the stored provider knows of *customer*; blank without one."""
    return _link(customer)


def remarks(
    before: Customer | None, after: Customer, given: Mapping[str, Any], at: str
) -> Iterator[Remark]:
    """Yield what became of *given*, settings at pointer *at*, otherwise than one might expect."""
    if not given:
        return
    asked, stored, link = given.get("payment_provider"), _provider(after), _link(after)
    kept = before is not None and _linked_before(before, stored)
    for name, note in (
        ("payment_provider", _on_provider(stored, link)),
        ("provider_customer_id", _on_id(given, stored, link, kept=kept)),
        ("provider_payment_methods", _on_methods(given, stored, link, kept=kept)),
        ("sync", None if stored else "not stored: there is no payment provider"),
        ("sync_with_provider", None if stored or asked else "not stored: no payment_provider"),
    ):
        if note and given.get(name):
            yield Remark(f"{at}/{name}", "provider", given[name], note)


def _on_provider(stored: str | None, link: ProviderCustomer) -> str | None:
    if stored is None:
        return (
            "not stored: a new customer needs provider_customer_id or sync_with_provider beside it"
        )
    if not link.linked:
        return "stored, but the customer is not linked to it: send provider_customer_id too"
    return None


def _on_id(
    given: Mapping[str, Any], stored: str | None, link: ProviderCustomer, *, kept: bool
) -> str | None:
    if given.get("provider_customer_id") == link.provider_customer_id:
        return None
    if kept:
        return f"ignored: {stored} keeps {link.provider_customer_id}, as Lago never relinks"
    return "not stored: it needs payment_provider beside it"


def _on_methods(
    given: Mapping[str, Any], stored: str | None, link: ProviderCustomer, *, kept: bool
) -> str | None:
    if stored != METHODS_OF or not link.linked:
        return "not stored: only a customer that is linked to Stripe has payment methods"
    if kept and tuple(given.get("provider_payment_methods") or ()) != link.payment_methods:
        return "ignored: the customer is linked already, and Lago no longer changes its methods"
    return None


def _links(customer: Customer, given: Mapping[str, Any], *, new: bool) -> bool:
    wants_sync = bool(given.get("sync_with_provider"))
    if new:
        return wants_sync or given.get("provider_customer_id") is not None
    return wants_sync and _link(customer).provider_customer_id is None


def _linked_before(before: Customer, provider: str | None) -> bool:
    link = before.providers.get(provider or "")
    return link is not None and link.provider_customer_id is not None


def _written(
    customer: Customer, provider: str | None, given: Mapping[str, Any], default: Sequence[str]
) -> Customer:
    if provider is None:
        return customer
    before = customer.providers.get(provider, _NOBODY)
    methods = given.get("provider_payment_methods") or default
    link = ProviderCustomer(
        linked=True,
        provider_customer_id=given.get("provider_customer_id") or None,
        payment_methods=tuple(methods) if provider == METHODS_OF else None,
        settings={**before.settings, **_flags(given, _FLAGS)},
    )
    return customer._replace(
        billing={**customer.billing, "payment_provider": provider},
        providers={**customer.providers, provider: link},
    )


def _with_flags(customer: Customer, given: Mapping[str, Any], names: Sequence[str]) -> Customer:
    flags = _flags(given, names)
    if not flags or _provider(customer) is None:
        return customer
    link = _link(customer)
    return _with_link(customer, link._replace(settings={**link.settings, **flags}))


def _flags(given: Mapping[str, Any], names: Sequence[str]) -> dict[str, bool | None]:
    # Lago stores nothing for a sync_with_provider that is false, and echoes null.
    return {
        name: given[name] or (None if name == _FLAGS[1] else False)
        for name in names
        if given.get(name) is not None
    }


def _with_provider(customer: Customer, provider: str | None) -> Customer:
    return customer._replace(billing={**customer.billing, "payment_provider": provider})


def _with_link(customer: Customer, link: ProviderCustomer) -> Customer:
    provider = customer.billing["payment_provider"]
    return customer._replace(providers={**customer.providers, provider: link})


def _provider(customer: Customer) -> str | None:
    provider: str | None = customer.billing["payment_provider"]
    return provider


def _link(customer: Customer) -> ProviderCustomer:
    return customer.providers.get(_provider(customer) or "", _NOBODY)
