"""The taxes of one organization: those it starts with, and those that a ``vat_rate`` made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mockserver import texts
from mockserver.clock import stamp
from mockserver.customers.record import Tax
from mockserver.customers.rendering import rendered_tax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.contract import Contract
    from mockserver.customers.taxes import NewTax
    from mockserver.fakery import Fakery
    from mockserver.profile import Profile


_COUNT = b'"customers_count":'  # as a key: within a string its quotes would be escaped


class TaxBook(Mapping[str, Tax]):
    """Taxes by code, in the order of their making.

    *now* dates the taxes of *profile* that name no day of their own.
    """

    def __init__(self, profile: Profile, contract: Contract, fakery: Fakery, now: str) -> None:
        self._contract = contract
        self._fakery = fakery
        self._texts: dict[str, tuple[bytes, bytes]] = {}
        self._taxes: dict[str, Tax] = {}
        for tax in profile.taxes:
            made = tax["created_at"]
            self._put(tax, stamp(datetime.fromisoformat(made)) if made else now)

    def make(self, tax: NewTax, now: str) -> None:
        """Add *tax*, which applies to nobody yet."""
        plain = {"description": None, "applied_to_organization": False}
        self._put({"code": tax.code, "name": tax.name, "rate": tax.rate, **plain}, now)

    def text(self, code: str, customers: int) -> bytes:
        """Return the tax *code* as answers show it, JSON text: so many *customers* carry it."""
        if code not in self._texts:
            self._texts[code] = self._around_the_count(code)
        before, after = self._texts[code]
        return b"%b%d%b" % (before, customers, after)

    def __contains__(self, code: object) -> bool:
        return code in self._taxes

    def __getitem__(self, code: str) -> Tax:
        return self._taxes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._taxes)

    def __len__(self) -> int:
        return len(self._taxes)

    def _around_the_count(self, code: str) -> tuple[bytes, bytes]:
        shown = texts.written(rendered_tax(self._taxes[code], self._contract, customers_count=0))
        before, key, after = shown.partition(_COUNT)
        return before + key, after.removeprefix(b"0")

    def _put(self, tax: Mapping[str, Any], created_at: str) -> None:
        self._taxes[tax["code"]] = Tax(
            lago_id=self._fakery.uuid("tax", tax["code"]),
            name=tax["name"],
            code=tax["code"],
            rate=float(tax["rate"]),
            description=tax["description"],
            applied_to_organization=tax["applied_to_organization"],
            created_at=created_at,
        )
