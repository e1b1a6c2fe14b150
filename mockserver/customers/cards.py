"""A customer as it is kept: the text of its answer, and beside it what no answer shows.

Texts cost a third of the memory of records. And a million records would be a million things for
Python's garbage collector to look through, which takes seconds; it passes over texts, and over
dicts that have nothing else in them.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from mockserver import texts
from mockserver.customers.record import Customer, MetadataItem, ProviderCustomer
from mockserver.customers.rendering import rendered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mockserver.contract import Contract

# One line or two of JSON. The first is the answer's customer with no taxes, for what is said of
# these changes with other customers. The second, where there is something to remember, has the
# codes of its taxes and what no answer shows.
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

    def written(self, customer: Customer) -> Card:
        """Return the card of *customer*; fractions of its seconds, which none sees, are cut."""
        answer = texts.written(rendered(customer, self._contract, timezone=self._timezone))
        return _NEXT.join([answer, *_beside(customer)])

    def read(self, card: Card) -> Customer:
        """Return the customer on *card*."""
        answer, _, beside = card.partition(_NEXT)
        shown = orjson.loads(answer)
        billing = shown["billing_configuration"]
        codes, made, providers = orjson.loads(beside) if beside else ((), None, {})
        return Customer(
            lago_id=shown["lago_id"],
            external_id=shown["external_id"],
            sequential_id=shown["sequential_id"],
            slug=shown["slug"],
            created_at=datetime.fromisoformat(shown["created_at"]),
            updated_at=datetime.fromisoformat(shown["updated_at"]),
            attributes={key: shown[key] for key in self._contract.defaults},
            billing={key: billing[key] for key in self._contract.billing_defaults},
            metadata=tuple(_item(each) for each in shown["metadata"]),
            metadata_made=_made(shown["metadata"]) if made is None else made,
            providers={name: _link(link) for name, link in providers.items()},
            tax_codes=tuple(codes),
        )


def tax_codes(card: Card) -> list[str]:
    """Return the codes of the taxes that the customer on *card* carries."""
    beside = card.partition(_NEXT)[2]
    codes: list[str] = orjson.loads(beside)[0] if beside else []
    return codes


def shown(card: Card, tax: Callable[[str], bytes]) -> bytes:
    """Return the answer's text for the customer on *card*; *tax* returns that of a tax code."""
    answer, _, beside = card.partition(_NEXT)
    if not beside:
        return answer
    taxes = b",".join(map(tax, orjson.loads(beside)[0]))
    return answer.replace(_NO_TAXES, b'"taxes":[%b]' % taxes, 1)


def _beside(customer: Customer) -> Iterator[bytes]:
    made: dict[str, int] | None = dict(customer.metadata_made)
    if made == dict.fromkeys((item.key for item in customer.metadata), 1):
        made = None
    if made is None and not customer.tax_codes and not customer.providers:
        return
    links = {
        name: [link.linked, link.provider_customer_id, link.payment_methods, dict(link.settings)]
        for name, link in customer.providers.items()
    }
    yield texts.written([customer.tax_codes, made, links])


def _made(metadata: Iterable[dict[str, Any]]) -> dict[str, int]:
    return {item["key"]: 1 for item in metadata}


def _item(shown: dict[str, Any]) -> MetadataItem:
    return MetadataItem(**{**shown, "created_at": datetime.fromisoformat(shown["created_at"])})


def _link(written: list[Any]) -> ProviderCustomer:
    linked, provider_customer_id, methods, settings = written
    methods = None if methods is None else tuple(methods)
    return ProviderCustomer(linked, provider_customer_id, methods, settings)
