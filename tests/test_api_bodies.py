"""Bodies: which are read, which are refused before anybody looks at the customer in them."""

from __future__ import annotations

import json

import pytest

CUSTOMERS = "/api/v1/customers"
WITHOUT_CUSTOMER = {
    "status": 400,
    "error": "BadRequest: param is missing or the value is empty: customer",
}
MALFORMED = {"status": 400, "error": "Bad Request"}
ACME = b'{"customer":{"external_id":"acme"}}'


def nested(depth):
    """Return a body of lists and objects *depth* deep, two of which are the body's own."""
    inner = "[" * (depth - 2) + "]" * (depth - 2)
    return f'{{"customer":{{"external_id":"acme","x":{inner}}}}}'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="an empty object"),
        pytest.param([], id="a list"),
        pytest.param([{"customer": {"external_id": "a"}}], id="a list of bodies"),
        pytest.param(None, id="null"),
        pytest.param("text", id="a text"),
        pytest.param(5, id="a number"),
        pytest.param(True, id="true"),
        pytest.param({"customer": None}, id="a customer that is null"),
        pytest.param({"customer": {}}, id="a customer that is empty"),
        pytest.param({"customer": ""}, id="a customer that is an empty text"),
        pytest.param({"customer": []}, id="a customer that is an empty list"),
        pytest.param({"customer": "text"}, id="a customer that is a text"),
        pytest.param({"customer": 5}, id="a customer that is a number"),
        pytest.param({"customer": False}, id="a customer that is false"),
        pytest.param({"customer": [{"external_id": "a"}]}, id="a list of customers"),
        pytest.param({"external_id": "a", "name": "A"}, id="fields that are not wrapped"),
        pytest.param({"Customer": {"external_id": "a"}}, id="a capital letter"),
    ],
)
def test_a_body_without_a_usable_customer_object_is_400(client, body):
    response = client.post(CUSTOMERS, data=json.dumps(body), content_type="application/json")

    assert response.status_code == 400
    assert response.json == WITHOUT_CUSTOMER
    assert list(response.json) == ["status", "error"]


@pytest.mark.parametrize(
    "body",
    [pytest.param(b"", id="no bytes"), pytest.param(b" \n\t ", id="white space")],
)
def test_an_empty_body_is_400(client, body):
    response = client.post(CUSTOMERS, data=body, content_type="application/json")

    assert response.status_code == 400
    assert response.json == WITHOUT_CUSTOMER


def test_fields_that_are_not_wrapped_are_explained(client):
    response = client.post(CUSTOMERS, json={"external_id": "a"})

    assert '{"customer": {"external_id": "..."}}' in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"unknown": 1}, id="nothing known"),
        pytest.param({"external_id": None}, id="an external_id that is null"),
        pytest.param({"billing_configuration": {}}, id="no external_id"),
    ],
)
def test_a_customer_object_with_anything_in_it_is_looked_at(client, fields):
    response = client.post(CUSTOMERS, json={"customer": fields})

    assert response.status_code == 422
    assert response.json["error_details"] == {"external_id": ["value_is_mandatory"]}


@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param("application/json", id="JSON"),
        pytest.param("application/json; charset=utf-8", id="JSON with a charset"),
        pytest.param("application/json;charset=UTF-8", id="JSON with a charset and no space"),
        pytest.param("Application/JSON", id="JSON in capitals"),
        pytest.param("text/x-json", id="the old name of JSON"),
    ],
)
def test_a_body_announced_as_json_is_read(client, content_type):
    response = client.post(CUSTOMERS, data=ACME, content_type=content_type)

    assert response.status_code == 200
    assert response.json["customer"]["external_id"] == "acme"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(ACME, "text/plain", id="plain text"),
        pytest.param(ACME, "application/xml", id="XML"),
        pytest.param(ACME, "application/vnd.api+json", id="JSON:API"),
        pytest.param(ACME, None, id="nothing"),
        pytest.param(ACME, "application/x-www-form-urlencoded", id="a form that is JSON"),
        pytest.param(
            b"customer[external_id]=acme", "application/x-www-form-urlencoded", id="a form"
        ),
        pytest.param(b"{", "text/plain", id="plain text that is no JSON"),
    ],
)
def test_a_body_announced_as_anything_else_is_not_read(client, body, content_type):
    response = client.post(CUSTOMERS, data=body, content_type=content_type)

    assert response.status_code == 400
    assert response.json == WITHOUT_CUSTOMER
    assert "application/json" in response.headers["Mock-Explanation"]
    assert client.get(f"{CUSTOMERS}/acme").status_code == 404


def test_a_multipart_form_is_not_read(client):
    response = client.post(
        CUSTOMERS, data={"customer[external_id]": "acme"}, content_type="multipart/form-data"
    )

    assert response.status_code == 400
    assert response.json == WITHOUT_CUSTOMER


def test_query_parameters_are_not_read_as_a_body(client):
    alone = client.post(f"{CUSTOMERS}?customer[external_id]=query")
    beside = client.post(
        f"{CUSTOMERS}?customer[external_id]=query", data=ACME, content_type="application/json"
    )

    assert alone.json == WITHOUT_CUSTOMER
    assert beside.json["customer"]["external_id"] == "acme"


@pytest.mark.parametrize(
    "content_type",
    [pytest.param("???", id="question marks"), pytest.param("json", id="half a media type")],
)
def test_a_content_type_that_is_no_media_type_is_406(client, content_type):
    response = client.post(CUSTOMERS, data=ACME, content_type=content_type)

    assert response.status_code == 406
    assert response.headers["Mock-Explanation"].startswith("header Content-Type")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"customer":{"external_id":"acme"}', id="truncated"),
        pytest.param(b'{"customer":{"external_id":"acme",}}', id="trailing comma"),
        pytest.param(ACME + b"x", id="trailing text"),
        pytest.param(ACME + ACME, id="two bodies"),
        pytest.param(b"{'customer':{}}", id="single quotes"),
        pytest.param(b'{"customer":{"external_id":"a","net_payment_term":NaN}}', id="NaN"),
        pytest.param(
            b'{"customer":{"external_id":"a","net_payment_term":Infinity}}', id="Infinity"
        ),
        pytest.param(b'{"customer":{"external_id":"a","net_payment_term":01}}', id="leading zero"),
        pytest.param(b"\xef\xbb\xbf" + ACME, id="byte order mark"),
        pytest.param(b'{"customer":{"external_id":"\xff"}}', id="invalid UTF-8"),
        pytest.param(b'{"customer":{"external_id":"a\nb"}}', id="raw line break in a text"),
        pytest.param(ACME.decode().encode("utf-16"), id="UTF-16"),
        pytest.param(nested(101).encode(), id="nested 101 deep"),
        pytest.param(b"[" * 100_000, id="nested far too deep"),
        pytest.param(b'{"customer":{"external_id":"\\ud800"}}', id="half a surrogate pair"),
    ],
)
def test_a_body_that_is_not_strict_json_is_400(client, body):
    response = client.post(CUSTOMERS, data=body, content_type="application/json")

    assert response.status_code == 400
    assert response.json == MALFORMED
    assert response.headers["Mock-Explanation"].startswith("body: [json]")


def test_a_body_nested_as_deep_as_allowed_is_read(client):
    response = client.post(CUSTOMERS, data=nested(100), content_type="application/json")

    assert response.status_code == 200


def test_brackets_in_texts_are_no_nesting(client):
    response = client.post(
        CUSTOMERS, json={"customer": {"external_id": "acme", "name": "[" * 200 + '"{' * 200}}
    )

    assert response.status_code == 200


def test_the_last_of_duplicate_keys_wins(client):
    body = (
        b'{"customer":{"external_id":"lost"},'
        b'"customer":{"external_id":"acme","name":"first","name":"last"}}'
    )

    response = client.post(CUSTOMERS, data=body, content_type="application/json")

    assert response.json["customer"]["external_id"] == "acme"
    assert response.json["customer"]["name"] == "last"


def test_escaped_and_raw_characters_are_the_same_text(client):
    escaped = b'{"customer":{"external_id":"acme","name":"\\u00e9\\ud83d\\ude00\\/\\n"}}'

    response = client.post(CUSTOMERS, data=escaped, content_type="application/json")

    assert response.json["customer"]["name"] == "\u00e9\U0001f600/\n"


def test_malformed_json_is_told_before_a_missing_key(make_client):
    client = make_client(key=None)

    malformed = client.post(CUSTOMERS, data=b"{", content_type="application/json")
    readable = client.post(CUSTOMERS, data=b"{}", content_type="application/json")

    assert malformed.status_code == 400
    assert readable.status_code == 401
