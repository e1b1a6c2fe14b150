"""What every answer carries, and how its JSON text is written."""

from __future__ import annotations

import json
import re
from uuid import UUID

import pytest

PATH = "/api/v1/customers"
SECURITY = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-XSS-Protection": "0",
    "X-Content-Type-Options": "nosniff",
    "X-Download-Options": "noopen",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Vary": "Origin",
}


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        pytest.param("order-66_a@b", "order-66_a@b", id="allowed characters"),
        pytest.param("a b.c/d:e", "abcde", id="other characters left out"),
        pytest.param("<script>", "script", id="brackets left out"),
        pytest.param("é1", "1", id="letters beyond ASCII left out"),
        pytest.param("x" * 256, "x" * 255, id="cut to 255"),
        pytest.param("." * 300 + "x" * 255, "x" * 255, id="cut after cleaning"),
    ],
)
def test_the_request_id_of_the_client_is_cleaned_and_echoed(client, sent, echoed):
    response = client.get(PATH, headers={"X-Request-Id": sent})

    assert response.headers["X-Request-Id"] == echoed


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no header"),
        pytest.param({"X-Request-Id": ""}, id="empty header"),
        pytest.param({"X-Request-Id": "./:"}, id="nothing left of it"),
    ],
)
def test_a_request_without_an_id_gets_a_uuid(client, headers):
    response = client.get(PATH, headers=headers)

    assert str(UUID(response.headers["X-Request-Id"])) == response.headers["X-Request-Id"]


def test_two_requests_without_an_id_get_different_ones(client):
    first = client.get(PATH)

    second = client.get(PATH)

    assert second.headers["X-Request-Id"] != first.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("method", "path", "key", "status"),
    [
        pytest.param("GET", PATH, "a-key", 200, id="success"),
        pytest.param("POST", PATH, "a-key", 400, id="bad request"),
        pytest.param("GET", PATH, None, 401, id="unauthorized"),
        pytest.param("GET", "/nowhere", None, 404, id="unrouted"),
        pytest.param("BREW", PATH, None, 405, id="unknown method"),
        pytest.param("GET", "/health", None, 200, id="health"),
        pytest.param("GET", "/__admin/requests", None, 200, id="journal"),
    ],
)
def test_every_answer_has_the_headers_of_all(make_client, method, path, key, status):
    client = make_client(key=key)

    response = client.open(path, method=method, headers={"X-Request-Id": "mine"})

    assert response.status_code == status
    assert {name: response.headers[name] for name in SECURITY} == SECURITY
    assert response.headers["X-Request-Id"] == "mine"
    assert re.fullmatch(r"\d+\.\d{6}", response.headers["X-Runtime"])
    assert response.headers["Mock-Contract"] == "v0.53"
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.headers["Content-Length"] == str(len(response.data))


def test_an_answer_that_succeeds_has_an_etag_and_may_be_cached_privately(upsert):
    response = upsert(external_id="acme")

    assert re.fullmatch(r'W/"[0-9a-f]{32}"', response.headers["ETag"])
    assert response.headers["Cache-Control"] == "max-age=0, private, must-revalidate"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", PATH, id="bad request"),
        pytest.param("GET", f"{PATH}/nobody", id="not found"),
        pytest.param("GET", "/nowhere", id="unrouted"),
    ],
)
def test_a_refusal_has_no_etag_and_is_not_cached(client, method, path):
    response = client.open(path, method=method)

    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-cache"


def test_the_etag_changes_with_the_answer_and_only_with_it(client, upsert):
    upsert(external_id="acme")
    first = client.get(f"{PATH}/acme").headers["ETag"]
    second = client.get(f"{PATH}/acme").headers["ETag"]
    upsert(external_id="acme", name="Acme")

    third = client.get(f"{PATH}/acme").headers["ETag"]

    assert first == second != third


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("{}", id="as it was given"),
        pytest.param('"other", {}', id="among others"),
        pytest.param("*", id="any"),
    ],
)
def test_a_get_that_knows_the_answer_gets_304_without_a_body(client, upsert, pattern):
    upsert(external_id="acme")
    etag = client.get(f"{PATH}/acme").headers["ETag"]

    response = client.get(f"{PATH}/acme", headers={"If-None-Match": pattern.format(etag)})

    assert response.status_code == 304
    assert response.data == b""
    assert response.headers["ETag"] == etag
    assert "Content-Type" not in response.headers


def test_a_get_that_knows_an_older_answer_gets_the_new_one(client, upsert):
    upsert(external_id="acme")
    etag = client.get(f"{PATH}/acme").headers["ETag"]
    upsert(external_id="acme", name="Acme")

    response = client.get(f"{PATH}/acme", headers={"If-None-Match": etag})

    assert response.status_code == 200
    assert response.json["customer"]["name"] == "Acme"


def test_a_post_is_answered_in_full_whatever_etag_it_brings(client, upsert):
    etag = upsert(external_id="acme").headers["ETag"]

    response = client.post(
        PATH, json={"customer": {"external_id": "acme"}}, headers={"If-None-Match": etag}
    )

    assert response.status_code == 200
    assert response.headers["ETag"] == etag


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("<b>", r"\u003cb\u003e", id="angle brackets"),
        pytest.param("A&B", r"A\u0026B", id="ampersand"),
        pytest.param("a\u2028b", r"a\u2028b", id="line separator"),
        pytest.param("a\u2029b", r"a\u2029b", id="paragraph separator"),
        pytest.param("Zoë 東京 🎟", "Zoë 東京 🎟", id="other characters raw"),
        pytest.param('a"b\\c/d', r"a\"b\\c/d", id="quote and backslash, slash raw"),
        pytest.param("a\tb\nc", r"a\tb\nc", id="control characters"),
        pytest.param("\x7f", "\x7f", id="delete raw"),
    ],
)
def test_json_text_is_written_as_rails_writes_it(upsert, name, written):
    response = upsert(external_id="acme", name=name)

    assert f'"name":"{written}"' in response.text
    assert response.json["customer"]["name"] == name


def test_json_text_has_no_spaces_between_its_parts(upsert):
    response = upsert(external_id="acme")

    assert response.text == json.dumps(response.json, separators=(",", ":"))


def test_no_header_speaks_of_locations_or_rate_limits(upsert):
    response = upsert(external_id="acme")

    assert "Location" not in response.headers
    assert not [name for name, _ in response.headers if "ratelimit" in name.lower()]


def test_an_answer_with_nothing_odd_has_no_explanation(upsert):
    response = upsert(external_id="acme")

    assert "Mock-Explanation" not in response.headers


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a\r\nSet-Cookie: b", id="line break"),
        pytest.param("\x00\x01\x1b[31m", id="control characters"),
        pytest.param("\x7f", id="delete"),
        pytest.param("\u0085\u2028", id="other line ends"),
        pytest.param("Zoë", id="beyond ASCII"),
    ],
)
def test_an_explanation_is_printable_ascii_whatever_came(client, name):
    response = client.post(PATH, json={"customer": {"external_id": "acme", name: name}})

    explanation = response.headers["Mock-Explanation"]
    assert explanation.isascii()
    assert explanation.isprintable()
    assert "Set-Cookie" not in response.headers
