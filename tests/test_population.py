"""Made-up customers: believable, coherent, valid, and always the same."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import data
from mockserver.contract import Contract
from mockserver.population import Population

TODAY = datetime(2026, 1, 2, tzinfo=UTC)
NOW = TODAY + timedelta(hours=3, minutes=4, seconds=5)
CONTRACT = Contract()
COUNTRIES = {each["country"]: each for each in data.fixture("countries")}
SEEDS = st.text(max_size=20)
NUMBERS = st.integers(min_value=0, max_value=2_000_000)
COUNTS = st.integers(min_value=1, max_value=60)


def documents(seed, start, count):
    return [each.document for each in Population(seed).customers(start, count, NOW)]


def pattern(text):
    """The regular expression of what a pattern of the country table makes."""
    parts = {"#": "[0-9]", "@": "[1-9]", "?": "[A-Z]"}
    return "".join(parts.get(letter, re.escape(letter)) for letter in text)


@given(SEEDS, NUMBERS, COUNTS)
def test_every_customer_is_valid_and_nothing_is_to_be_remarked_upon(seed, start, count):
    for document in documents(seed, start, count):
        checked = CONTRACT.check(document, premium=True, at="/customer")

        assert not checked.violations
        assert not checked.remarks


@given(SEEDS, NUMBERS, COUNTS)
def test_what_belongs_to_a_place_fits_it(seed, start, count):
    for document in documents(seed, start, count):
        country = COUNTRIES[document["country"]]
        region = next(each for each in country["regions"] if each["state"] == document["state"])
        place = next(each for each in region["cities"] if each["city"] == document["city"])

        assert document["currency"] == country["currency"]
        assert document["timezone"] == region["timezone"]
        assert re.fullmatch(pattern(place["zipcode"]), document["zipcode"])
        assert re.fullmatch(pattern(place["phone"]), document.get("phone", place["phone"])) or (
            "phone" not in document
        )
        assert (
            document.get("billing_configuration", {}).get("document_locale")
            == country["document_locale"]
        )
        if "tax_identification_number" in document:
            legal, tax = document["legal_number"], document["tax_identification_number"]
            written = legal if "/" in legal else re.sub("[ -]", "", legal)
            before, made_of_it, after = country["tax_number"].partition("{legal_number}")
            wanted = pattern(before) + (re.escape(written) if made_of_it else "") + pattern(after)
            assert re.fullmatch(pattern(country["legal_number"]), legal)
            assert re.fullmatch(wanted, tax)
            assert document["legal_name"].startswith(document["name"])


@given(SEEDS, NUMBERS, COUNTS)
def test_nobody_is_bothered_by_mail_or_visits(seed, start, count):
    for document in documents(seed, start, count):
        assert document["email"].endswith(".example")
        assert document["email"].isascii()
        assert document.get("url", "https://www.x.example").endswith(".example")


@given(SEEDS, NUMBERS, st.integers(min_value=2, max_value=60))
def test_a_customer_depends_on_seed_and_number_alone(seed, start, count):
    half = count // 2

    assert documents(seed, start, count)[half:] == documents(seed, start + half, count - half)


@given(SEEDS, NUMBERS, COUNTS)
def test_identifiers_are_unique(seed, start, count):
    found = [document["external_id"] for document in documents(seed, start, count)]

    assert len(set(found)) == count


@given(SEEDS, NUMBERS, COUNTS)
def test_customers_came_one_after_the_other_and_none_in_the_future(seed, start, count):
    times = [each.created_at for each in Population(seed).customers(start, count, NOW)]

    assert all(earlier <= later for earlier, later in pairwise(times))
    assert TODAY - timedelta(days=3 * 365) <= times[0]
    assert times[-1] <= TODAY


@given(SEEDS, NUMBERS, COUNTS, st.timedeltas(timedelta(), timedelta(hours=23, minutes=59)))
def test_the_whole_day_long_the_same_customers_came_at_the_same_times(seed, start, count, later):
    early = [*Population(seed).customers(start, count, TODAY)]

    late = [*Population(seed).customers(start, count, TODAY + later)]

    assert late == early


def test_more_came_in_the_last_year_than_in_the_first():
    times = [each.created_at for each in Population("lago").customers(0, 900, NOW)]
    first = sum(each < NOW - timedelta(days=730) for each in times)
    last = sum(each >= NOW - timedelta(days=365) for each in times)

    assert first < last


def test_another_seed_makes_other_customers():
    assert documents("a", 0, 5) != documents("b", 0, 5)


def test_a_hundred_customers_are_of_many_countries_and_kinds():
    found = documents("lago", 0, 100)

    assert len({each["country"] for each in found}) > 8
    assert len({each["name"] for each in found}) > 90
    assert any("legal_name" not in each for each in found)
    assert any("metadata" in each for each in found)
    assert any("phone" not in each for each in found)


@pytest.mark.parametrize("country", COUNTRIES.values(), ids=COUNTRIES)
def test_every_country_is_described_in_values_that_lago_takes(country):
    definitions = data.schemas()["definitions"]["$defs"]

    assert country["country"] in definitions["country"]["enum"]
    assert country["currency"] in definitions["currency"]["enum"]
    assert country["document_locale"] in definitions["locale"]["enum"]
    for region in country["regions"]:
        assert region["timezone"] in definitions["timezone"]["enum"]
