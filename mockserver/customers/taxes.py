"""A customer's taxes: given by code, or made of the legacy ``vat_rate``.

Source: behaviour reference, section 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from mockserver.explanation import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.contract import Contract
    from mockserver.customers.record import Customer, Tax
    from mockserver.findings import Violation

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class NewTax:
    """A tax that ``vat_rate`` asks for and the organization does not have yet."""

    code: str
    name: str
    rate: float


def unknown_codes(
    contract: Contract, taxes: Mapping[str, Tax], given: Mapping[str, Any], at: str
) -> Iterator[Violation]:
    """Yield the codes in *given*, a request at pointer *at*, that name none of *taxes*."""
    codes = given.get("tax_codes")
    for index, code in enumerate(codes if isinstance(codes, list) else ()):
        if isinstance(code, str) and code not in taxes:
            where = f"{at}/tax_codes/{index}"
            yield contract.unknown("tax", where, code, _known(taxes), nearest(code, taxes))


def applied_codes(customer: Customer | None, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the codes in force once ``tax_codes`` of *given* is applied; an empty list is none."""
    codes = given.get("tax_codes")
    if isinstance(codes, list) and codes:
        return tuple(dict.fromkeys(code for code in codes if isinstance(code, str)))
    return customer.tax_codes if customer else ()


def vat_violations(
    contract: Contract, applied: tuple[str, ...], billing: Mapping[str, Any], at: str
) -> Iterator[Violation]:
    """Yield why the ``vat_rate`` in *billing*, at pointer *at*, can't replace *applied*.

    These are one code at least.
    """
    rate, where = billing["vat_rate"], f"{at}/vat_rate"
    if len(applied) > 1:
        note = f"no vat_rate for a customer with {len(applied)} taxes; send tax_codes instead"
        yield contract.violation("one-tax", where, rate, note, code="multiple_taxes")
    elif rate is None:
        note = "a percentage, for a tax is applied; leave the key out to keep it"
        yield contract.violation("required", where, rate, note, field="rate")


def of_vat_rate(
    taxes: Mapping[str, Tax], applied: tuple[str, ...], rate: float | None
) -> tuple[tuple[str, ...], NewTax | None]:
    """Return the codes in force once ``vat_rate`` *rate* is applied, and the tax to make for it.

    *applied* stays where its first tax has that rate already.
    """
    if rate is None or (applied and taxes[applied[0]].rate == rate):
        return applied, None
    rate = abs(rate)  # -0.0 is a percentage too
    codes = _codes(rate)
    if codes[0] in taxes:
        return codes, None
    return codes, NewTax(codes[0], f"Tax ({_percent(rate)}%)", rate)


@lru_cache(maxsize=64)  # there are few rates
def _codes(rate: float) -> tuple[str]:
    return (f"tax_{_percent(rate)}",)


def _percent(rate: float) -> str:
    return repr(rate).removesuffix(".0")


def _known(taxes: Mapping[str, Tax]) -> str:
    if not taxes:
        return "a tax code of the organization, which has no taxes"
    codes = ", ".join(islice(taxes, _SHOWN))
    return f"a tax code of the organization: {codes}{', ...' if len(taxes) > _SHOWN else ''}"
