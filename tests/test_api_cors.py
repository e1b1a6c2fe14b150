"""Browsers: whose pages may read Lago's answers."""

from __future__ import annotations

import pytest

PATH = "/api/v1/customers"
APP = "http://localhost:5173"


def preflight(client, origin, path=PATH, wanted="authorization,content-type"):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": wanted,
    }
    return client.options(path, headers=headers)


@pytest.mark.parametrize(
    ("settings", "origin", "allowed"),
    [
        pytest.param({}, APP, True, id="any port of this machine"),
        pytest.param({}, "http://127.0.0.1:8080", True, id="address of this machine"),
        pytest.param({}, "https://[::1]:8443", True, id="IPv6 address of this machine"),
        pytest.param({}, "http://app.localhost", True, id="name below localhost"),
        pytest.param({}, "https://evil.example", False, id="another site"),
        pytest.param({}, "http://localhost.evil.example", False, id="name like localhost"),
        pytest.param({}, "file://localhost", False, id="a file"),
        pytest.param({}, "null", False, id="hidden origin"),
        pytest.param({}, "http://[", False, id="no origin at all"),
        pytest.param({}, "http://", False, id="no host"),
        pytest.param({"cors_origin": ("off",)}, APP, False, id="turned off"),
        pytest.param({"cors_origin": ("*",)}, "https://any.example", True, id="everywhere"),
        pytest.param({"cors_origin": ("https://a.example",)}, "https://a.example", True, id="one"),
        pytest.param({"cors_origin": ("https://a.example",)}, APP, False, id="narrowed"),
    ],
)
def test_pages_of_allowed_origins_read_answers(make_client, settings, origin, allowed):
    client = make_client(**settings)

    before = preflight(client, origin)
    answer = client.get(PATH, headers={"Origin": origin})

    assert before.status_code == answer.status_code == 200
    assert before.data == b""
    for each in (before, answer):
        assert each.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
        assert "Origin" in each.headers["Vary"]
    assert ("Mock-Explanation" in answer.headers) is not allowed


def test_a_preflight_allows_what_clients_send_and_shows_what_we_say(client):
    response = preflight(client, APP)

    headers = response.headers
    assert headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    assert headers["Access-Control-Allow-Methods"].split(", ")[:2] == ["GET", "POST"]
    assert headers["Access-Control-Max-Age"] == "7200"
    assert (
        headers["Access-Control-Expose-Headers"] == "Mock-Explanation, Mock-Contract, X-Request-Id"
    )


def test_a_refusal_can_be_read_by_a_page(client):
    body = {"customer": {"external_id": ""}}

    response = client.post(PATH, json=body, headers={"Origin": APP})

    assert response.status_code == 422
    assert response.headers["Access-Control-Allow-Origin"] == APP


def test_odd_names_of_headers_are_not_echoed(client):
    response = preflight(client, APP, wanted="x; evil")

    assert "Access-Control-Allow-Headers" not in response.headers


def test_an_allowed_preflight_is_not_in_the_journal_but_another_is(client):
    preflight(client, APP)
    preflight(client, "https://evil.example")

    (entry,) = client.get("/__admin/requests").json["requests"]

    assert entry["method"] == "OPTIONS"
    assert "--cors-origin" in entry["explanation"][0]["note"]


@pytest.mark.parametrize("allowed", ["local", "off"])
def test_the_origin_of_the_server_itself_is_nothing_to_speak_of(make_client, allowed):
    client = make_client(cors_origin=(allowed,))

    response = client.get(PATH, headers={"Origin": "http://localhost"})

    assert "Mock-Explanation" not in response.headers


def test_the_control_api_is_never_for_other_origins(make_client):
    client = make_client(cors_origin=("*",))

    before = preflight(client, APP, "/__admin/reset")
    answer = client.post("/__admin/reset", headers={"Origin": APP})

    assert before.status_code == 404
    assert answer.status_code == 403
    for each in (before, answer):
        assert "Access-Control-Allow-Origin" not in each.headers


@pytest.mark.parametrize("left_out", ["Origin", "Access-Control-Request-Method"])
def test_options_without_a_preflight_is_not_found(client, left_out):
    headers = {"Origin": APP, "Access-Control-Request-Method": "POST"}
    del headers[left_out]

    response = client.options(PATH, headers=headers)

    assert response.status_code == 404
