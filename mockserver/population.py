"""Customers that a person would believe: names by Faker, places from ``fixtures/countries.json``.

Country, state, city, zip code, telephone, currency, time zone, language and tax number fit each
other. Addresses of mail and web are under ``.example``, and telephone numbers are those set apart
for fiction where a country has some, so that nobody is ever bothered.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from functools import cache
from hashlib import blake2b
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import orjson

from mockserver import data, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

_PAST = timedelta(days=3 * 365)
_GROWTH = 0.6  # below 1: the nearer to now, the more customers came in a month
# Letters are those that British postcodes end with; others do not mind.
_ALPHABETS = {"#": "0123456789", "@": "123456789", "?": "ABDEFGHJLNPQRSTUWXYZ"}
_PLANS = ("starter", "growth", "scale", "enterprise")
_SOURCES = ("referral", "website", "conference", "partner")
_TERMS = (0, 14, 30, 30, 30, 45, 60)
_STRANGE = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o"}

T = TypeVar("T")


class Newcomer(NamedTuple):
    """A customer made up: *text* is what a request would send under ``customer``.

    A text, for servers keep those that their organizations start with.
    """

    text: bytes
    created_at: datetime

    @property
    def document(self) -> dict[str, Any]:
        """What a request would send, as an object."""
        found: dict[str, Any] = orjson.loads(self.text)
        return found


class Population:
    """The customers made up from *seed*: the same number is always the same customer."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def customers(self, start: int, count: int, now: datetime) -> Iterator[Newcomer]:
        """Yield *count* customers from the number *start* on, counted from 0, the earliest first.

        They came within the three years before the day of *now*, more and more of them: servers
        that start one after the other have the same.
        """
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        for place in range(count):
            dice = _Dice(self._seed, start + place)
            elapsed = ((place + dice.share()) / count) ** _GROWTH
            created_at = today - _PAST * (1 - elapsed)
            yield Newcomer(texts.written(_document(start + place + 1, dice)), created_at)


class _Dice:
    """Chance for one customer: the same *seed* and *number* throw the same."""

    def __init__(self, seed: str, number: int) -> None:
        digest = blake2b(f"{number}:{seed}".encode())
        self._left = int.from_bytes(digest.digest())

    def below(self, limit: int) -> int:
        """Return a number from 0 to *limit* - 1."""
        self._left, thrown = divmod(self._left, limit)
        return thrown

    def share(self) -> float:
        """Return a number from 0 to almost 1."""
        return self.below(1_000_000) / 1_000_000

    def one_of(self, choices: Sequence[T]) -> T:
        """Return one of *choices*."""
        return choices[self.below(len(choices))]

    def filled(self, pattern: str) -> str:
        """Return *pattern* with ``#`` a digit, ``@`` one from 1 to 9, ``?`` a letter."""
        template, alphabets = _blanks(pattern)
        left, thrown = self._left, []
        for alphabet in alphabets:
            left, index = divmod(left, len(alphabet))
            thrown.append(alphabet[index])
        self._left = left
        return template % tuple(thrown)


@cache
def _blanks(pattern: str) -> tuple[str, list[str]]:
    """Return *pattern* as a template, and the alphabets of its blanks."""
    template = re.sub("[#@?]", "%s", pattern.replace("%", "%%"))
    return template, [_ALPHABETS[letter] for letter in pattern if letter in _ALPHABETS]


def _document(number: int, dice: _Dice) -> dict[str, Any]:
    country = dice.one_of(_countries())
    region = dice.one_of(country["regions"])
    place = dice.one_of(region["cities"])
    somebody = _person(country, dice) if dice.below(7) == 0 else _company(country, dice)
    gaps = dice.below(64)  # real data has some
    street = dice.one_of(country["streets"]).format(n=1 + dice.below(180))
    document = {
        "external_id": f"cust_{number:06d}",
        **somebody,
        "phone": dice.filled(place["phone"]) if gaps & 3 else None,
        "address_line1": street,
        "city": place["city"],
        "state": region["state"],
        "zipcode": dice.filled(place["zipcode"]),
        "country": country["country"],
        "currency": country["currency"],
        "timezone": region["timezone"],
        "net_payment_term": dice.one_of(_TERMS),
        "billing_configuration": _billing(country, dice),
        "metadata": _metadata(dice) if gaps & 12 == 0 else None,
    }
    return {key: value for key, value in document.items() if value is not None}


def _company(country: Mapping[str, Any], dice: _Dice) -> dict[str, Any]:
    names = _last_names(country["locale"])
    owner, trade = dice.one_of(names), dice.one_of(country["trades"])
    name = f"{owner} & {dice.one_of(names)}" if dice.below(4) == 0 else f"{owner} {trade}"
    domain = f"{_slug(name)}.example"
    legal_number = dice.filled(country["legal_number"])
    tax_number = dice.filled(country["tax_number"])
    return {
        "name": name,
        "email": f"{dice.one_of(('billing', 'accounts', 'finance', 'office'))}@{domain}",
        "url": f"https://www.{domain}",
        "legal_name": f"{name} {dice.one_of(country['legal_forms'])}",
        "legal_number": legal_number,
        # In some countries one number is made of the other.
        "tax_identification_number": tax_number.replace("{legal_number}", _bare(legal_number)),
    }


def _person(country: Mapping[str, Any], dice: _Dice) -> dict[str, Any]:
    first = dice.one_of(_first_names(country["locale"]))
    last = dice.one_of(_last_names(country["locale"]))
    return {"name": f"{first} {last}", "email": f"{_slug(first)}.{_slug(last)}@mail.example"}


def _billing(country: Mapping[str, Any], dice: _Dice) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    if country["document_locale"]:
        found["document_locale"] = country["document_locale"]
    if dice.below(5) == 0:
        found["invoice_grace_period"] = 1 + dice.below(5)
    if dice.below(3) == 0:
        methods = ["card", "sepa_debit"] if country["currency"] == "EUR" else ["card"]
        found |= {
            "payment_provider": "stripe",
            "provider_customer_id": dice.filled("cus_?#??#?#??#?#??"),
            "provider_payment_methods": methods,
        }
    return found or None


def _metadata(dice: _Dice) -> list[dict[str, Any]]:
    return [
        {"key": "plan", "value": dice.one_of(_PLANS), "display_in_invoice": True},
        {"key": "source", "value": dice.one_of(_SOURCES), "display_in_invoice": False},
    ]


@cache
def _countries() -> list[dict[str, Any]]:
    """Return the countries, each as often as its weight says."""
    return [each for each in data.fixture("countries") for _ in range(each["weight"])]


@cache
def _first_names(locale: str) -> list[str]:
    return _names(locale, "first_names")


@cache
def _last_names(locale: str) -> list[str]:
    return _names(locale, "last_names")


def _names(locale: str, kind: str) -> list[str]:
    """Return Faker's names of a *locale* in a fixed order.

    Faker's own calls weigh them, which costs more than all the rest of a customer.
    """
    provider = import_module(f"faker.providers.person.{locale}").Provider
    found = getattr(provider, kind)
    return sorted({str(name) for name in found if str(name).replace("-", "").isalpha()})


def _bare(number: str) -> str:
    """Return *number* without spaces and hyphens; other marks belong to it."""
    return number.replace(" ", "").replace("-", "") if "/" not in number else number


def _slug(name: str) -> str:
    plain = "".join(_STRANGE.get(letter, letter) for letter in name.lower())
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", ascii_only).strip("-")
