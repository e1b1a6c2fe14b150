"""The compiled validator, which accepts, and jsonschema, which explains, are of one mind."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.acceptance import Acceptance, Doubts
from mockserver.contract import Contract
from mockserver.shaping import Shape
from mockserver.wording import Validator

SCHEMA = Contract().schema("customer-create.json#/$defs/customer")
EXPLAINING = Validator(SCHEMA)
SHAPE = Shape(SCHEMA, {}, ())
DOUBTS = Doubts(SCHEMA)
ACCEPTANCE = {premium: Acceptance(SCHEMA, premium=premium) for premium in (True, False)}

often = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

BLANKS = (
    " \t\n\x0b\x0c\r\x1c\x1f\x85\xa0\u1680\u180e\u2000\u200a\u200b\u2028\u2029\u202f\u3000\ufeff"
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=25) | st.text(BLANKS, max_size=3)
odd = st.sampled_from(["", "\0", "a\0b", "x" * 256, "x" * 10_000, "\U0001f600" * 21, *BLANKS])
whole = st.integers(-2, 40) | st.sampled_from([2**31 - 1, 2**31, 2**63, 2**64, 10**30, 10**400])
numbers = (
    whole
    | whole.filter(lambda n: n < 2**64).map(float)
    | st.floats(allow_nan=False, allow_infinity=False)
)
anything = st.recursive(
    st.none() | st.booleans() | numbers | words | odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


def _valid(schema):
    """Return a strategy for what is valid by *schema*, or nearly so."""
    if "properties" in schema:
        return _objects({key: _valid(part) for key, part in schema["properties"].items()})
    if "items" in schema:
        return st.lists(_valid(schema["items"]), max_size=7) | st.none()
    if "enum" in schema:
        choices = st.sampled_from(schema["enum"])
        return choices | choices.map(lambda each: each and each.lower())
    types = schema.get("type", ())
    if "integer" in types or "number" in types:
        return numbers | st.none()
    if "boolean" in types:
        return st.booleans() | st.none()
    return words | odd | st.none() if "null" in types else words | odd


def _objects(parts):
    strange = st.dictionaries(words, anything, max_size=1)
    kept = st.fixed_dictionaries({}, optional=parts)
    return kept | kept | st.builds(dict.__or__, kept, strange)


@st.composite
def _documents(draw):
    """Draw an object under ``customer``: most values of it valid, some of a wrong type."""
    properties = SCHEMA["properties"]
    names = draw(st.lists(st.sampled_from(sorted(properties)), max_size=6, unique=True))
    document = {name: draw(_valid(properties[name])) for name in names}
    if draw(st.integers(0, 9)):
        document["external_id"] = draw(st.text("ab1", min_size=1, max_size=5))
    if not draw(st.integers(0, 4)):
        document[draw(st.sampled_from(sorted(properties)))] = draw(anything)
    if not draw(st.integers(0, 4)):
        document[draw(words)] = draw(anything)
    return document


def _errors(document):
    return sorted(
        (json.dumps(list(error.absolute_path)), str(error.validator))
        for error in EXPLAINING.iter_errors(document)
    )


@pytest.mark.parametrize(
    "premium", [pytest.param(True, id="premium"), pytest.param(False, id="free")]
)
@often
@given(document=_documents())
def test_what_is_accepted_is_what_nothing_is_to_be_said_about(premium, document):
    fitted = SHAPE.fitted(document, at="/customer", premium=premium)
    said = [*_errors(fitted.given), *fitted.unknown, *fitted.remarks]

    accepted = ACCEPTANCE[premium].accepted(document)

    assert (accepted is None) == bool(said)
    if accepted is not None:
        assert json.dumps(accepted) == json.dumps(fitted.given)


@pytest.mark.parametrize("schema", [SCHEMA, SCHEMA["properties"]["billing_configuration"]])
def test_an_object_says_nothing_that_doubts_would_pass_over(schema):
    heeded = {"properties", "required"}
    annotations = {"title", "description", "type"}  # of what is no object, jsonschema is told all

    assert schema.keys() <= heeded | annotations | {key for key in schema if key[:2] == "x-"}


@often
@given(document=_documents())
def test_the_doubtful_part_of_a_document_is_wrong_as_the_whole_is(document):
    fitted = SHAPE.fitted(document, at="/customer", premium=True).given

    part = DOUBTS.about(fitted)

    assert _errors(part) == _errors(fitted)
