"""Pages of the list operation, with Lago's reading of odd parameters.

Source: behaviour reference, section 7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver.errors import MalformedJson
from mockserver.findings import Fault, Finding, Remark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockserver.contract import Contract

PARAMETERS = ("page", "per_page")
DEFAULT_SIZE = 100
FALLBACK_SIZE = 25
_LARGEST = 2**63 - 1
# Ruby reads a page as " +2" too, but a page size must start with a digit.
_LEADING_DIGITS = {"page": re.compile(r"\s*\+?([0-9]+)"), "per_page": re.compile("([0-9]+)")}


@dataclass(frozen=True, slots=True)
class Page:
    """What to list: page *number* from 1, *size* customers on each, and what was odd about it."""

    number: int
    size: int
    remarks: tuple[Finding, ...] = ()

    @property
    def start(self) -> int:
        """The place of the page's first customer, from 0."""
        return (self.number - 1) * self.size


def asked_page(query: Mapping[str, str]) -> Page:
    """Return the page that the parameters ``page`` and ``per_page`` of *query* ask for.

    Raises `MalformedJson`, Lago's 400, for what makes Lago fail: ``page[]`` and numbers beyond 64
    bits.
    """
    for name in PARAMETERS:
        for key in (each for each in query if each.startswith(f"{name}[")):
            raise _unreadable(key, query[key], f"{name}=N, without brackets")
    number = _number(query, "page", 1, 1)
    size = _number(query, "per_page", DEFAULT_SIZE, FALLBACK_SIZE)
    remarks = (*_oddity(query, "page", number), *_oddity(query, "per_page", size))
    return Page(number or 1, size, remarks)


def meta(contract: Contract, page: Page, total: int) -> dict[str, Any]:
    """Return the ``meta`` of *page* where there are *total* customers in all.

    Nothing found, be it that the page lies beyond the end, is all zeros and nulls.
    """
    if page.size == 0 or page.start >= total:
        current, following, preceding, pages, total = 0, None, None, 0, 0
    else:
        current, pages = page.number, -(-total // page.size)
        following = current + 1 if current < pages else None
        preceding = current - 1 if current > 1 else None
    values = {
        "current_page": current,
        "next_page": following,
        "prev_page": preceding,
        "total_pages": pages,
        "total_count": total,
    }
    return contract.ordered("customers.json#/$defs/meta", values)


def _number(query: Mapping[str, str], name: str, default: int, fallback: int) -> int:
    if name not in query:
        return default
    digits = _LEADING_DIGITS[name].match(query[name])
    if digits is None:
        return fallback
    if len(digits[1].lstrip("0")) > len(str(_LARGEST)) or int(digits[1]) > _LARGEST:
        raise _unreadable(name, query[name], "a number of at most 64 bits")
    return int(digits[1])


def _oddity(query: Mapping[str, str], name: str, read: int) -> tuple[Finding, ...]:
    given = query.get(name)
    if given is None or given == str(read) != "0":
        return ()
    taken = max(read, 1) if name == "page" else read
    return (Remark(f"query {name}", "number", given, f"read as {taken}, as Lago does"),)


def _unreadable(name: str, given: str, note: str) -> MalformedJson:
    where = f"query {name}"
    return MalformedJson(Fault(where, "number", given, note))
