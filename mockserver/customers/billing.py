"""A customer's payment provider: who is linked to whom, by the decision table of v0.53.

Source: behaviour reference, section 5.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.customers.record import Customer, ProviderCustomer
from mockserver.findings import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Settings = Mapping[str, Any]
    Links = Mapping[str, ProviderCustomer]

METHODS_OF = "stripe"  # the one provider whose payment methods Lago keeps
# What is kept of a flag that is false: of the second Lago keeps nothing, and echoes null.
FLAGS: dict[str, bool | None] = {"sync": False, "sync_with_provider": None}
_NOBODY = ProviderCustomer()


def updated(
    customer: Customer, given: Settings, *, new: bool, default_methods: Sequence[str]
) -> tuple[Settings, Links]:
    """Return settings and provider links of *customer* once the settings *given* are applied.

    *new* says that this request creates the customer; *default_methods* are what Stripe offers
    when the request names none.
    """
    links, provider = customer.providers, _provider(customer)
    if not given:
        return customer.billing, links
    settings = {**customer.billing}
    for name in given.keys() & settings.keys():
        settings[name] = given[name]
    asked = given.get("payment_provider")
    asks = _asks_for_link(customer, given, new=new)
    if asks:
        provider = asked or provider
    elif not new:
        provider = given.get("payment_provider", provider)
    settings["payment_provider"] = provider
    if provider is None or (new and not asks):
        return settings, links
    link = links.get(provider, _NOBODY)
    # A link that is asked for needs a named provider, one that has no identifier yet takes any.
    is_written = asked is not None if asks else _identifies(link, given)
    if is_written:
        link = _written(link, provider, given, default_methods)
    elif given.get("sync") is not None:
        link = link._replace(settings={**link.settings, **_flags(given, ("sync",))})
    else:
        return settings, links
    return settings, {**links, provider: link}


def provisioned(customer: Customer, provider_customer_id: str) -> Customer:
    """Return *customer* after its provider has made it under *provider_customer_id*."""
    link = _link(customer)._replace(provider_customer_id=provider_customer_id)
    provider = customer.billing["payment_provider"]
    return customer._replace(providers={**customer.providers, provider: link})


def awaits_provider(customer: Customer, given: Settings) -> bool:
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


def is_as_asked(customer: Customer, given: Settings) -> bool:
    """Say, in no time, whether nothing is to be remarked on, for *customer* is linked as *given*.

    Where it says no, it may still be so.
    """
    if not given:
        return True
    link, methods = _link(customer), given.get("provider_payment_methods")
    return (
        link.linked
        and link.provider_customer_id == given.get("provider_customer_id")
        and (link.payment_methods == tuple(methods) if methods else True)
    )


def remarks(before: Customer | None, after: Customer, given: Settings, at: str) -> Iterator[Remark]:
    """Yield what became of *given*, settings at pointer *at*, otherwise than one might expect."""
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
    given: Settings, stored: str | None, link: ProviderCustomer, *, kept: bool
) -> str | None:
    if given.get("provider_customer_id") == link.provider_customer_id:
        return None
    if kept:
        return f"ignored: {stored} keeps {link.provider_customer_id}, as Lago never relinks"
    return "not stored: it needs payment_provider beside it"


def _on_methods(
    given: Settings, stored: str | None, link: ProviderCustomer, *, kept: bool
) -> str | None:
    if stored != METHODS_OF or not link.linked:
        return "not stored: only a customer that is linked to Stripe has payment methods"
    if kept and tuple(given.get("provider_payment_methods") or ()) != link.payment_methods:
        return "ignored: the customer is linked already, and Lago no longer changes its methods"
    return None


def _asks_for_link(customer: Customer, given: Settings, *, new: bool) -> bool:
    wants_sync = bool(given.get("sync_with_provider"))
    if new:
        return wants_sync or given.get("provider_customer_id") is not None
    return wants_sync and _link(customer).provider_customer_id is None


def _identifies(link: ProviderCustomer, given: Settings) -> bool:
    return link.provider_customer_id is None and bool(given.get("provider_customer_id"))


def _linked_before(before: Customer, provider: str | None) -> bool:
    link = before.providers.get(provider or "")
    return link is not None and link.provider_customer_id is not None


def _written(
    before: ProviderCustomer, provider: str, given: Settings, default: Sequence[str]
) -> ProviderCustomer:
    methods = given.get("provider_payment_methods") or default
    return ProviderCustomer(
        linked=True,
        provider_customer_id=given.get("provider_customer_id") or None,
        payment_methods=tuple(methods) if provider == METHODS_OF else None,
        settings={**before.settings, **_flags(given, FLAGS)},
    )


def _flags(given: Settings, names: Iterable[str]) -> dict[str, bool | None]:
    return {name: given[name] or FLAGS[name] for name in names if given.get(name) is not None}


def _provider(customer: Customer) -> str | None:
    provider: str | None = customer.billing["payment_provider"]
    return provider


def _link(customer: Customer) -> ProviderCustomer:
    return customer.providers.get(_provider(customer) or "", _NOBODY)
