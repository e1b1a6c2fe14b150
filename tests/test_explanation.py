"""Findings in words: the line, the header that holds them all, and what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.explanation import (
    HEADER_LIMIT,
    Vocabulary,
    converted,
    expected,
    header,
    line,
    lines,
    nearest,
)
from mockserver.findings import MISSING, Fault, Remark

CURRENCIES = ["EUR", "USD", "GBP", None]
ZONES = ["Europe/Paris", "America/New_York", "UTC"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FAULTS = st.builds(Fault, st.text(), st.just("enum"), JSON, st.text(), JSON)


def _faults(count, length=30):
    return [Fault(f"/customer/{n}", "type", n, "x" * length) for n in range(count)]


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        pytest.param(
            Fault("/customer/name", "type", 5, "a string or null", "5"),
            '/customer/name: [type] came 5, expected a string or null; did you mean "5"?',
            id="fault with a suggestion",
        ),
        pytest.param(
            Fault("/customer/name", "type", 5, "a string or null"),
            "/customer/name: [type] came 5, expected a string or null",
            id="fault without a suggestion",
        ),
        pytest.param(
            Fault("/customer/external_id", "required", MISSING, "an identifier"),
            "/customer/external_id: [required] came nothing, expected an identifier",
            id="nothing came",
        ),
        pytest.param(
            Fault("/customer/external_id", "type", None, "an identifier"),
            "/customer/external_id: [type] came null, expected an identifier",
            id="null came",
        ),
        pytest.param(
            Fault("/customer/x", "type", "", "a text", suggestion=False),
            '/customer/x: [type] came "", expected a text; did you mean false?',
            id="suggestion that is false",
        ),
        pytest.param(
            Remark("/customer/nmae", "unknown", "Acme", "not a documented key, dropped", "name"),
            '/customer/nmae: [unknown] came "Acme", not a documented key, dropped;'
            ' did you mean "name"?',
            id="remark",
        ),
        pytest.param(
            Fault("/a", "type", {"b": [1, None]}, "a text"),
            '/a: [type] came {"b": [1, null]}, expected a text',
            id="object came",
        ),
    ],
)
def test_a_line_says_where_which_rule_what_came_and_what_was_expected(finding, said):
    assert line(finding) == said


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\r\nb", id="line break"),
        pytest.param("\x00\x1b\x7f", id="control characters"),
        pytest.param("Zoë 東京 🎟", id="beyond ASCII"),
        pytest.param("\ud800", id="half a surrogate pair"),
        pytest.param("\u0085\u2028", id="other line ends"),
    ],
)
def test_a_line_is_printable_ascii_whatever_it_is_made_of(text):
    said = line(Fault(text, "type", text, text, text))

    assert said.isascii()
    assert said.isprintable()


def test_a_line_shortens_what_came():
    said = line(Fault("/a", "type", "x" * 1000, "a number"))

    assert len(said) < 120
    assert '"xxx' in said
    assert '...", expected a number' in said


def test_a_line_shortens_where_it_came():
    said = line(Fault("/customer/" + "x" * 1000, "unknown", 1, "another key"))

    assert len(said) < 200
    assert said.startswith("/customer/xxx")


def test_lines_are_one_for_each_finding():
    assert lines(_faults(3)) == [line(each) for each in _faults(3)]


def test_a_header_of_no_findings_is_empty():
    assert header([]) == ""


def test_a_header_joins_the_lines():
    findings = _faults(2)

    assert header(findings) == f"{line(findings[0])} | {line(findings[1])}"


@pytest.mark.parametrize(
    "count",
    [pytest.param(count, id=f"{count} findings") for count in (20, 24, 25, 60, 1000, 100_000)],
)
def test_a_header_too_long_says_how_many_more_there_are(count):
    said = header(_faults(count))

    shown = said.split(" | ")
    more = count - (len(shown) - 1)
    assert len(said) <= HEADER_LIMIT
    assert shown[-1] == f"and {more} more"
    assert shown[:-1] == lines(_faults(len(shown) - 1))


def test_a_header_is_filled_to_the_limit_before_it_is_cut():
    findings = _faults(1, HEADER_LIMIT)
    spare = len(line(findings[0])) - HEADER_LIMIT

    said = header(_faults(1, HEADER_LIMIT - spare))

    assert len(said) == HEADER_LIMIT
    assert not said.endswith("...")


def test_a_single_finding_too_long_is_shortened():
    said = header(_faults(1, 5000))

    assert len(said) == HEADER_LIMIT
    assert said.endswith("...")


def test_a_first_finding_too_long_leaves_room_to_count_the_others():
    said = header(_faults(3, 5000))

    assert len(said) <= HEADER_LIMIT
    assert said.endswith(" | and 2 more")


@given(st.lists(FAULTS, max_size=40))
def test_a_header_is_short_printable_ascii_whatever_was_found(findings):
    said = header(findings)

    assert len(said) <= HEADER_LIMIT
    assert said.isascii()
    assert said.isprintable()


@pytest.mark.parametrize(
    ("sent", "choices", "words", "meant"),
    [
        pytest.param("eur", CURRENCIES, {}, "EUR", id="other case"),
        pytest.param("  EUR ", CURRENCIES, {}, "EUR", id="spaces around"),
        pytest.param("Euro", CURRENCIES, {"euro": "EUR"}, "EUR", id="known word"),
        pytest.param("dollar", CURRENCIES, {"dollar": "AUD"}, None, id="word for no choice"),
        pytest.param("Paris", ZONES, {}, "Europe/Paris", id="last part of a path"),
        pytest.param("new york", ZONES, {}, "America/New_York", id="space for underscore"),
        pytest.param("Europe/Pariss", ZONES, {}, "Europe/Paris", id="misspelt"),
        pytest.param("XXX", CURRENCIES, {}, None, id="like none"),
        pytest.param("EUX", CURRENCIES, {}, None, id="three letters are not guessed at"),
        pytest.param("", CURRENCIES, {}, None, id="empty"),
        pytest.param("   ", CURRENCIES, {}, None, id="blank"),
        pytest.param(5, CURRENCIES, {}, None, id="number"),
        pytest.param(None, CURRENCIES, {}, None, id="null"),
        pytest.param(["EUR"], CURRENCIES, {}, None, id="list"),
        pytest.param("Europe/Paris" * 10, ZONES, {}, None, id="too long to be meant"),
        pytest.param("EUR", [], {}, None, id="no choices"),
    ],
)
def test_the_nearest_choice_is_suggested(sent, choices, words, meant):
    assert Vocabulary(choices, words).nearest(sent) == meant


def test_the_nearest_choice_is_found_without_a_vocabulary_at_hand():
    assert nearest("Paris", ZONES) == "Europe/Paris"


@pytest.mark.parametrize(
    ("sent", "types", "meant"),
    [
        pytest.param("30", ["integer", "null"], 30, id="whole number in quotes"),
        pytest.param(" 30 ", ["integer"], 30, id="spaces around"),
        pytest.param("12.5", ["number"], 12.5, id="number in quotes"),
        pytest.param("30 days", ["integer"], None, id="words behind a number"),
        pytest.param("12.5", ["integer"], None, id="fraction for a whole number"),
        pytest.param("true", ["boolean"], True, id="true in quotes"),
        pytest.param("False", ["boolean"], False, id="false in quotes"),
        pytest.param("yes", ["boolean"], None, id="other word"),
        pytest.param(5, ["string"], "5", id="number for a text"),
        pytest.param(1.5, ["string", "null"], "1.5", id="fraction for a text"),
        pytest.param(True, ["string"], None, id="true for a text"),
        pytest.param(None, ["string"], None, id="null"),
        pytest.param([1], ["integer"], None, id="list"),
        pytest.param("nan", ["number", "null"], None, id="not a number"),
        pytest.param("Infinity", ["number"], None, id="infinity"),
        pytest.param("1e999", ["number"], None, id="beyond a double"),
        pytest.param("9" * 5000, ["integer"], None, id="too many digits"),
    ],
)
def test_a_value_of_the_wrong_type_is_converted_where_it_is_plain(sent, types, meant):
    found = converted(sent, {"type": types})

    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    ("rule", "limit", "sent", "words"),
    [
        pytest.param("type", "integer", "x", "a whole number", id="one type"),
        pytest.param("type", ["string", "null"], 5, "a string or null", id="two types"),
        pytest.param("type", "string", None, "a title", id="null for a value"),
        pytest.param("enum", ["a", "b", None], "x", 'a title, one of "a", "b"', id="few choices"),
        pytest.param(
            "enum",
            list("abcdefghi"),
            "x",
            'a title, one of 9: "a", "b", "c", ...',
            id="many choices",
        ),
        pytest.param("minimum", 0, -1, "at least 0", id="minimum"),
        pytest.param("maximum", 9, 10, "at most 9", id="maximum"),
        pytest.param("maxLength", 2, "abc", "at most 2 characters, not 3", id="longest text"),
        pytest.param("maxItems", 1, [1, 2], "at most 1 items, not 2", id="most items"),
        pytest.param("pattern", "x", "y", "a title", id="pattern"),
    ],
)
def test_a_rule_is_put_in_words(rule, limit, sent, words):
    assert expected(rule, limit, {"title": "a title"}, sent) == words
