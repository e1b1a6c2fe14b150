"""A customer as it is kept: the text of its answer, and beside it what no answer shows.

Texts cost a third of the memory of records. And a million records would be a million things for
Python's garbage collector to look through, which takes seconds; it passes over texts, and over
dicts that have nothing else in them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from mockserver import texts
from mockserver.customers.billing import FLAGS, METHODS_OF
from mockserver.customers.record import Customer, MetadataItem, ProviderCustomer
from mockserver.customers.rendering import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mockserver.contract import Contract

# Up to three lines of JSON. The first is the answer's customer with no taxes, for what is said of
# these changes with other customers. The second has the codes of its taxes, the third what the
# answer does not show; they are left out where there is nothing to remember.
Card = bytes
_NEXT = b"\n"
_NO_TAXES = b'"taxes":[]'  # as a key: within a string its quotes would be escaped


class Cards:
    """Writes customers on cards and reads them, by *contract*.

    *timezone* is that of the organization they belong to.
    """

    def __init__(self, contract: Contract, timezone: str) -> None:
        self._contract = contract
        self._timezone = timezone

    def written(self, customer: Customer) -> tuple[bytes, Card]:
        """Return the text of the answer's *customer* with no taxes, and the card."""
        shown = rendered(customer, self._contract, timezone=self._timezone)
        answer = texts.drafted(shown)
        return answer, b"%b%b" % (answer, _beside(customer))

    def read(self, card: Card) -> Customer:
        """Return the customer on *card*."""
        answer, codes, beside = _parts(card)
        shown = orjson.loads(answer)
        billing = shown["billing_configuration"]
        made, links = orjson.loads(beside) if beside else (None, None)
        return Customer(
            lago_id=shown["lago_id"],
            external_id=shown["external_id"],
            sequential_id=shown["sequential_id"],
            slug=shown["slug"],
            created_at=shown["created_at"],
            updated_at=shown["updated_at"],
            attributes={key: shown[key] for key in self._contract.defaults},
            billing={key: billing[key] for key in self._contract.billing_defaults},
            metadata=tuple(MetadataItem(**item) for item in shown["metadata"]),
            metadata_made=_once(shown["metadata"]) if made is None else made,
            providers=_shown_link(billing) if links is None else _links(links),
            tax_codes=codes,
        )


def tax_codes(card: Card) -> tuple[str, ...]:
    """Return the codes of the taxes that the customer on *card* carries."""
    return _parts(card)[1]


def shown(card: Card, tax: Callable[[str], bytes]) -> bytes:
    """Return the answer's text for the customer on *card*; *tax* returns that of a tax code."""
    answer, codes, _ = _parts(card)
    return b"".join(taxed(answer, codes, tax))


def taxed(answer: bytes, codes: Iterable[str], tax: Callable[[str], bytes]) -> Sequence[bytes]:
    """Return *answer*, a customer's text that ends with no taxes, with those of *codes*.

    In pieces, which are to be joined; *tax* returns the text of a tax code.
    """
    if not codes:
        return (answer,)
    place = answer.rindex(_NO_TAXES) + len(_NO_TAXES) - 1
    return answer[:place], b",".join([tax(code) for code in codes]), answer[place:]


def _parts(card: Card) -> tuple[bytes, tuple[str, ...], bytes]:
    """Return the lines of *card*, the second one as it is meant."""
    answer, _, more = card.partition(_NEXT)
    codes, _, beside = more.partition(_NEXT)
    return answer, _codes(codes) if codes else (), beside


@lru_cache(maxsize=64)
def _codes(line: bytes) -> tuple[str, ...]:
    return tuple(orjson.loads(line))


@lru_cache(maxsize=64)  # many have the same
def _line(codes: tuple[str, ...]) -> bytes:
    return texts.written(codes)


def _beside(customer: Customer) -> bytes:
    """Return the lines below the first, each after a newline."""
    codes = customer.tax_codes
    made: Mapping[str, int] | None = customer.metadata_made
    if made == dict.fromkeys([item.key for item in customer.metadata], 1):
        made = None  # each of its items is the only one ever made with that key
    links = None if _is_shown(customer) else customer.providers
    if made is None and links is None:
        return b"\n%b" % _line(codes) if codes else b""
    third = [
        None if made is None else dict(made),
        None if links is None else {name: _written(link) for name, link in links.items()},
    ]
    return b"\n%b\n%b" % (_line(codes), texts.drafted(third))


def _once(metadata: Iterable[dict[str, Any]]) -> dict[str, int]:
    return {item["key"]: 1 for item in metadata}


def _is_shown(customer: Customer) -> bool:
    """Say whether the answer shows all that is to be known of the providers of *customer*."""
    links, provider = customer.providers, customer.billing["payment_provider"]
    if not links or provider is None:
        return not links and provider is None
    link = links.get(provider)
    return (
        link is not None
        and len(links) == 1
        and link.linked
        and link.settings.keys() <= FLAGS.keys()
        and (provider == METHODS_OF or link.payment_methods is None)
    )


def _shown_link(billing: Mapping[str, Any]) -> dict[str, ProviderCustomer]:
    """Return the one link that *billing* of an answer shows."""
    provider = billing["payment_provider"]
    if provider is None:
        return {}
    methods = billing.get("provider_payment_methods")
    flags = {name: billing[name] for name in FLAGS if name in billing}
    return {provider: _link([True, billing["provider_customer_id"], methods, flags])}


def _links(written: Mapping[str, list[Any]]) -> dict[str, ProviderCustomer]:
    return {name: _link(link) for name, link in written.items()}


def _link(written: list[Any]) -> ProviderCustomer:
    linked, provider_customer_id, methods, settings = written
    methods = None if methods is None else tuple(methods)
    return ProviderCustomer(linked, provider_customer_id, methods, settings)


def _written(link: ProviderCustomer) -> list[Any]:
    return [link.linked, link.provider_customer_id, link.payment_methods, dict(link.settings)]
