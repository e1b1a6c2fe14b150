"""Keys: what is taken for one, what is not, and that a refused one is never shown."""

from __future__ import annotations

import pytest

PATH = "/api/v1/customers"
UNAUTHORIZED = {"status": 401, "error": "Unauthorized"}


def _authorization(value):
    return {} if value is None else {"Authorization": value}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Bearer a-key", id="as documented"),
        pytest.param("bearer a-key", id="lower case scheme"),
        pytest.param("BEARER a-key", id="upper case scheme"),
        pytest.param("Bearer    a-key", id="several spaces"),
        pytest.param("  Bearer a-key  ", id="spaces around"),
        pytest.param("Bearer\ta-key", id="tab instead of space"),
        pytest.param("Bearer a-key and more", id="words after the key"),
    ],
)
def test_a_key_after_the_word_bearer_is_accepted(make_client, value):
    client = make_client(key=None, api_key=("a-key",))

    response = client.get(PATH, headers=_authorization(value))

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, "Authorization: Bearer <key>", id="no header"),
        pytest.param("", "Authorization: Bearer <key>", id="empty header"),
        pytest.param("Bearer", "a key after the word Bearer", id="scheme alone"),
        pytest.param("Bearer   ", "a key after the word Bearer", id="scheme and spaces"),
        pytest.param("a-key", "the word Bearer and then the key", id="key alone"),
        pytest.param("Basic a-key", "the word Bearer and then the key", id="scheme Basic"),
        pytest.param("Token token=a-key", "the word Bearer and then the key", id="scheme Token"),
        pytest.param("Bearer A-KEY", "a key that this server accepts", id="key in other case"),
        pytest.param("Bearer a-ke", "a key that this server accepts", id="part of the key"),
        pytest.param("Bearer a-key2", "a key that this server accepts", id="more than the key"),
    ],
)
def test_other_authorizations_are_refused_with_the_reason(make_client, value, expected):
    client = make_client(key=None, api_key=("a-key",))

    response = client.get(PATH, headers=_authorization(value))

    assert response.status_code == 401
    assert response.json == UNAUTHORIZED
    assert expected in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Bearer sk-secret", id="wrong key"),
        pytest.param("sk-secret", id="no scheme"),
        pytest.param("Basic sk-secret", id="other scheme"),
        pytest.param("Token token=sk-secret", id="scheme Token"),
    ],
)
def test_the_answer_to_a_refused_key_never_shows_the_key(make_client, value):
    client = make_client(key=None, api_key=("a-key",))

    response = client.get(PATH, headers=_authorization(value))

    assert response.status_code == 401
    assert "sk-secret" not in f"{response.headers}{response.text}"
    assert "a-key" not in f"{response.headers}{response.text}"


def test_an_unauthorized_answer_asks_for_no_authentication_scheme(make_client):
    client = make_client(key=None)

    response = client.get(PATH)

    assert "WWW-Authenticate" not in response.headers


def test_a_key_in_the_query_is_no_key(make_client):
    client = make_client(key=None, api_key=("a-key",))

    response = client.get(f"{PATH}?api_key=a-key")

    assert response.status_code == 401


def test_a_key_in_the_body_is_no_key(make_client):
    client = make_client(key=None, api_key=("a-key",))

    response = client.post(PATH, json={"api_key": "a-key", "customer": {"external_id": "a"}})

    assert response.status_code == 401


def test_without_restriction_every_key_is_accepted(make_client):
    client = make_client(key="whatever-you-like")

    response = client.get(PATH)

    assert response.status_code == 200


@pytest.mark.parametrize("key", [pytest.param(each, id=each) for each in ("first", "second")])
def test_each_of_several_given_keys_is_accepted(make_client, key):
    client = make_client(key=key, api_key=("first", "second"))

    response = client.get(PATH)

    assert response.status_code == 200


def test_a_customer_of_one_key_is_unknown_to_another(make_app, make_client):
    app = make_app()
    make_client(app, key="first").post(PATH, json={"customer": {"external_id": "acme"}})

    response = make_client(app, key="second").get(f"{PATH}/acme")

    assert response.status_code == 404
    assert response.json["code"] == "customer_not_found"


def test_two_keys_may_use_the_same_external_id(make_app, make_client):
    app = make_app()
    first = make_client(app, key="first").post(PATH, json={"customer": {"external_id": "acme"}})

    second = make_client(app, key="second").post(PATH, json={"customer": {"external_id": "acme"}})

    assert second.json["customer"]["sequential_id"] == 1
    assert second.json["customer"]["lago_id"] != first.json["customer"]["lago_id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", PATH, id="upsert"),
        pytest.param("GET", PATH, id="list"),
        pytest.param("GET", f"{PATH}/acme", id="show"),
        pytest.param("DELETE", f"{PATH}/acme", id="delete"),
        pytest.param("GET", f"{PATH}/acme/portal_url", id="portal"),
        pytest.param("POST", f"{PATH}/acme/checkout_url", id="checkout"),
    ],
)
def test_every_customer_route_needs_a_key(make_client, method, path):
    client = make_client(key=None)

    response = client.open(path, method=method)

    assert response.status_code == 401
    assert response.json == UNAUTHORIZED


@pytest.mark.parametrize(
    "path", [pytest.param(each, id=each) for each in ("/health", "/openapi.json")]
)
def test_what_describes_the_server_needs_no_key(make_client, path):
    client = make_client(key=None, api_key=("a-key",))

    response = client.get(path)

    assert response.status_code == 200


@pytest.mark.parametrize("key", ["undefined", "<me>", "Bearer", "me too"])
def test_a_key_that_looks_like_a_slip_is_remarked_on_and_not_shown(make_client, key):
    response = make_client(key=key).get("/api/v1/customers")

    assert response.status_code == 200
    assert "looks like a slip" in response.headers["Mock-Explanation"]
    assert "<me>" not in response.headers["Mock-Explanation"]
