"""Customers in memory: by external_id, in the order of their creation.

Not locked: the organization that owns it is. A deleted customer leaves its number used and its
external_id free (behaviour reference, section 4.1).
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.customers.record import Customer


class Store(Protocol):
    """What an organization needs of a place to keep customers."""

    def get(self, external_id: str) -> Customer | None:
        """Return the customer that has *external_id* now, or None."""

    def put(self, customer: Customer) -> None:
        """Keep *customer* in place of the one with its external_id, or behind all others."""

    def delete(self, external_id: str) -> None:
        """Forget the customer that has *external_id*; raise KeyError if there is none."""

    def page(self, start: int, size: int) -> list[Customer]:
        """Return at most *size* customers from the place *start* on, counted from 0."""

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
        """Return the customers in the order of their creation."""


class MemoryStore:
    """A `Store` in this process's memory.

    *deleted* says how many customers of each external_id were deleted, *highest* is the last number
    that was used.
    """

    def __init__(self, deleted: Mapping[str, int] | None = None, highest: int = 0) -> None:
        self._customers: dict[str, Customer] = {}
        self._deleted: Counter[str] = Counter(deleted or {})
        self._uses: Counter[str] = Counter()
        self._highest = highest

    def get(self, external_id: str) -> Customer | None:
        """Return the customer that has *external_id* now, or None."""
        return self._customers.get(external_id)

    def put(self, customer: Customer) -> None:
        """Keep *customer* in place of the one with its external_id, or behind all others."""
        before = self._customers.get(customer.external_id)
        if before is not None:
            self._uses.subtract(before.tax_codes)
        self._uses.update(customer.tax_codes)
        self._customers[customer.external_id] = customer
        self._highest = max(self._highest, customer.sequential_id)

    def delete(self, external_id: str) -> None:
        """Forget the customer that has *external_id*; raise KeyError if there is none."""
        self._uses.subtract(self._customers.pop(external_id).tax_codes)
        self._deleted[external_id] += 1

    def page(self, start: int, size: int) -> list[Customer]:
        """Return at most *size* customers from the place *start* on, counted from 0."""
        end = min(start + size, len(self._customers))
        return list(islice(self._customers.values(), start, end)) if start < end else []

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
        return len(self._customers)

    def __iter__(self) -> Iterator[Customer]:
        """Return the customers in the order of their creation."""
        return iter(self._customers.values())
