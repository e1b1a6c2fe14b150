"""Customers in memory: by external_id, and in the order of their numbers.

Not locked: the organization that owns it is. A deleted customer leaves its number used and its
external_id free (behaviour reference, section 4.1).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from mockserver.customers.cards import tax_codes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockserver.customers.cards import Card, Cards
    from mockserver.customers.record import Customer


class Store(Protocol):
    """What an organization needs of a place to keep customers."""

    def get(self, external_id: str) -> Customer | None:
        """Return the customer that has *external_id* now, or None."""

    def card(self, external_id: str) -> Card | None:
        """Return the card of the customer that has *external_id* now, or None."""

    def put(self, customer: Customer) -> bytes:
        """Keep *customer* in place of the one with its external_id.

        Returns the text of the answer's ``customer``, with no taxes.
        """

    def delete(self, customer: Customer) -> None:
        """Forget *customer*, who is kept here."""

    def clear(self) -> None:
        """Forget all customers as if one by one."""

    def page(self, start: int, size: int) -> list[Card]:
        """Return at most *size* cards from the place *start* on, counted from 0."""

    def names(self, most: int) -> list[str]:
        """Return the external_ids of the first customers, *most* of them."""

    def owner(self, lago_id: str, among: Iterable[str]) -> str | None:
        """Return which of the external_ids *among* is that of the customer with *lago_id*."""

    def next_number(self) -> int:
        """Return the number of the customer that is created next, from 1."""

    def generation(self, external_id: str) -> int:
        """Return how many customers with *external_id* were deleted."""

    def deleted(self) -> dict[str, int]:
        """Return how many customers of each external_id were deleted."""

    def uses(self, tax_code: str) -> int:
        """Return how many customers carry the tax *tax_code*."""

    def __len__(self) -> int:
        """Return how many customers there are."""

    def __iter__(self) -> Iterator[Customer]:
        """Return the customers in the order of their numbers."""


class MemoryStore:
    """A `Store` in this process's memory, which keeps *cards* of customers.

    *deleted* says how many customers of each external_id were deleted, *highest* is the last number
    that was used.

    Beside the cards stand, side by side, all numbers and external_ids in order, so that any page is
    found at once. Numbers mostly come in their order; only what a snapshot brings goes between.
    """

    def __init__(
        self, cards: Cards, deleted: Mapping[str, int] | None = None, highest: int = 0
    ) -> None:
        self._cards = cards
        self._kept: dict[str, Card] = {}
        self._numbers = array("q")
        self._names: list[str] = []
        self._deleted: Counter[str] = Counter(deleted or {})
        self._uses: Counter[str] = Counter()
        self._highest = highest

    def get(self, external_id: str) -> Customer | None:
        """Return the customer that has *external_id* now, or None."""
        card = self._kept.get(external_id)
        return None if card is None else self._cards.read(card)

    def card(self, external_id: str) -> Card | None:
        """Return the card of the customer that has *external_id* now, or None."""
        return self._kept.get(external_id)

    def put(self, customer: Customer) -> bytes:
        """Keep *customer* in place of the one with its external_id.

        Returns the text of the answer's ``customer``, with no taxes.
        """
        external_id, number = customer.external_id, customer.sequential_id
        answer, card = self._cards.written(customer)
        before = self._kept.get(external_id)
        if before is not None:
            self._uses.subtract(tax_codes(before))
        elif number > self._highest:
            self._numbers.append(number)
            self._names.append(external_id)
            self._highest = number
        else:
            place = bisect_right(self._numbers, number)
            self._numbers.insert(place, number)
            self._names.insert(place, external_id)
        for code in customer.tax_codes:
            self._uses[code] += 1
        self._kept[external_id] = card
        return answer

    def delete(self, customer: Customer) -> None:
        """Forget *customer*, who is kept here."""
        self._uses.subtract(customer.tax_codes)
        del self._kept[customer.external_id]
        self._deleted[customer.external_id] += 1
        first = bisect_left(self._numbers, customer.sequential_id)
        place = self._names.index(customer.external_id, first)
        del self._numbers[place], self._names[place]

    def clear(self) -> None:
        """Forget all customers as if one by one."""
        self._deleted.update(self._names)
        self._kept, self._names, self._numbers = {}, [], array("q")
        self._uses.clear()

    def page(self, start: int, size: int) -> list[Card]:
        """Return at most *size* cards from the place *start* on, counted from 0."""
        end = min(start + size, len(self._names))
        return [self._kept[name] for name in self._names[start:end]] if start < end else []

    def names(self, most: int) -> list[str]:
        """Return the external_ids of the first customers, *most* of them."""
        return self._names[:most]

    def owner(self, lago_id: str, among: Iterable[str]) -> str | None:
        """Return which of the external_ids *among* is that of the customer with *lago_id*."""
        text = lago_id.encode(errors="replace")
        for name in among:
            # Few have it anywhere in their answer.
            if text in self._kept[name]:
                customer = self.get(name)
                if customer is not None and customer.lago_id == lago_id:
                    return name
        return None

    def next_number(self) -> int:
        """Return the number of the customer that is created next, from 1."""
        return self._highest + 1

    def generation(self, external_id: str) -> int:
        """Return how many customers with *external_id* were deleted."""
        return self._deleted.get(external_id, 0)

    def deleted(self) -> dict[str, int]:
        """Return how many customers of each external_id were deleted."""
        return dict(self._deleted)

    def uses(self, tax_code: str) -> int:
        """Return how many customers carry the tax *tax_code*."""
        return self._uses[tax_code]

    def __len__(self) -> int:
        """Return how many customers there are."""
        return len(self._names)

    def __iter__(self) -> Iterator[Customer]:
        """Return the customers in the order of their numbers."""
        return map(self._cards.read, self.page(0, len(self)))
