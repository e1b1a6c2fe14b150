"""Bodies as JSON: what is read, what is malformed, and where the wanted object is."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.bodies import DEEPEST, decoded, document_under, is_json
from mockserver.errors import MalformedJson, NotAcceptable, ParameterMissing
from mockserver.explanation import line
from mockserver.findings import MISSING

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(b"{}", {}, id="empty object"),
        pytest.param(b"null", None, id="null"),
        pytest.param(b'"text"', "text", id="text"),
        pytest.param(b"-0.5e1", -5.0, id="number"),
        pytest.param(b" \r\n\t[1, 2]\n", [1, 2], id="spaces around"),
        pytest.param('"Zoë 🎟"'.encode(), "Zoë 🎟", id="UTF-8"),
        pytest.param(rb'"\ud83c\udf9f"', "🎟", id="a surrogate pair"),
        pytest.param(rb'"\u0000"', "\x00", id="escaped NUL"),
        pytest.param(b'{"a": 1, "a": 2}', {"a": 2}, id="the last of equal keys"),
        pytest.param(b"9" * 40, int("9" * 40), id="large whole number"),
    ],
)
def test_strict_json_is_read(body, value):
    assert decoded(body) == value


@pytest.mark.parametrize(
    "body",
    [pytest.param(b"", id="nothing"), pytest.param(b" \r\n\t", id="white space")],
)
def test_a_blank_body_is_missing(body):
    assert decoded(body) is MISSING


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(b'{"a": ', "line 1, column 7", id="truncated"),
        pytest.param(b'{\n"a": 1,\n}', "line ", id="trailing comma"),
        pytest.param(b"{} x", "line 1, column 4", id="trailing text"),
        pytest.param(b"{'a': 1}", "line 1, column 2", id="single quotes"),
        pytest.param(b"{a: 1}", "line 1, column 2", id="bare key"),
        pytest.param(b"[1] // note", "line 1, column 5", id="comment"),
        pytest.param(b"[01]", "line 1", id="leading zero"),
        pytest.param(b'"a\nb"', "line 1", id="raw line break in a text"),
        pytest.param(rb'"\x"', "line 1", id="unknown escape"),
        pytest.param(b"True", "line 1, column 1", id="Python's true"),
        pytest.param(b"[NaN]", "NaN is no JSON number", id="not a number"),
        pytest.param(b"[Infinity]", "Infinity is no JSON number", id="infinity"),
        pytest.param(b"[-Infinity]", "-Infinity is no JSON number", id="minus infinity"),
        pytest.param(b"[1e999]", "1e999 is too large a number", id="beyond a double"),
        pytest.param(b"\xef\xbb\xbf{}", "BOM", id="byte order mark"),
        pytest.param(b'"\xff"', "UTF-8", id="no UTF-8"),
        pytest.param('"Zoë"'.encode("latin-1"), "UTF-8", id="Latin-1"),
        pytest.param('{"a": 1}'.encode("utf-16"), "UTF-8", id="UTF-16"),
        pytest.param(rb'"\ud800"', "UTF-8", id="half a surrogate pair"),
        pytest.param(rb'{"\udc00": 1}', "UTF-8", id="half a surrogate pair in a key"),
        pytest.param(b"[" * 101 + b"]" * 101, "at most 100 deep", id="nesting of 101"),
        pytest.param(b'{"a":' * 101 + b"1" + b"}" * 101, "at most 100 deep", id="101 objects"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "at most 100 deep", id="very deep nesting"),
        pytest.param(b"9" * 5000, "too large a number", id="whole number of 5000 digits"),
    ],
)
def test_malformed_json_is_refused_with_the_place_or_reason(body, told):
    with pytest.raises(MalformedJson) as refused:
        decoded(body)

    assert told in line(refused.value.findings[0])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * DEEPEST + b"]" * DEEPEST, id="as deep as allowed"),
        pytest.param(b"[" + b"[]," * 500 + b"[]]", id="many lists side by side"),
        pytest.param(b'"' + b"[{" * 500 + b'"', id="brackets in a text"),
    ],
)
def test_nesting_within_the_limit_is_read(body):
    assert decoded(body) == json.loads(body)


@given(st.binary())
@example(b"\xed\xa0\x80")
@example(b"-")
@example(b'{"a":"\\ud800"}')
@example(b"1" * 4301)
def test_any_bytes_give_a_json_value_or_malformed_json(body):
    try:
        value = decoded(body)
    except MalformedJson as refused:
        value = line(refused.findings[0])

    assert value is MISSING or json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


@given(JSON)
def test_every_json_value_is_read_as_it_was_written(value):
    assert decoded(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("content_type", "announced"),
    [
        pytest.param("application/json", True, id="JSON"),
        pytest.param("application/json; charset=utf-8", True, id="JSON with charset"),
        pytest.param("Application/JSON;charset=UTF-8", True, id="other case"),
        pytest.param(" application/json ", True, id="spaces around"),
        pytest.param("text/x-json", True, id="older name"),
        pytest.param("", False, id="none"),
        pytest.param("  ", False, id="blank"),
        pytest.param("text/plain", False, id="text"),
        pytest.param("application/vnd.api+json", False, id="JSON of another kind"),
        pytest.param("application/x-www-form-urlencoded", False, id="form"),
        pytest.param("multipart/form-data; boundary=x", False, id="parts"),
    ],
)
def test_json_is_read_where_the_content_type_announces_it(content_type, announced):
    assert is_json(content_type) is announced


@pytest.mark.parametrize(
    "content_type",
    [pytest.param(each, id=each) for each in ("???", "json", "application/", "a b/c")],
)
def test_a_content_type_that_is_no_media_type_is_refused(content_type):
    with pytest.raises(NotAcceptable) as refused:
        is_json(content_type)

    assert "send application/json" in line(refused.value.findings[0])


def test_the_object_under_the_root_is_returned():
    assert document_under("customer", {"customer": {"a": 1}, "other": 2}) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(MISSING, "came nothing", id="no body"),
        pytest.param(None, "came null", id="null"),
        pytest.param([], "came []", id="list"),
        pytest.param("text", 'came "text"', id="text"),
        pytest.param({}, "came nothing", id="empty object"),
        pytest.param({"customer": None}, "came null", id="null under the root"),
        pytest.param({"customer": {}}, "came {}", id="empty object under the root"),
        pytest.param({"customer": []}, "came []", id="list under the root"),
        pytest.param({"customer": "text"}, 'came "text"', id="text under the root"),
        pytest.param({"external_id": "a"}, "the fields wrapped", id="fields without the root"),
        pytest.param({"custmer": {"a": 1}}, 'did you mean "customer"?', id="root misspelt"),
        pytest.param({"Customer": {"a": 1}}, 'did you mean "customer"?', id="root in capitals"),
    ],
)
def test_a_body_without_the_object_is_refused_with_the_reason(body, told):
    with pytest.raises(ParameterMissing) as refused:
        document_under("customer", body)

    assert told in line(refused.value.findings[0])
