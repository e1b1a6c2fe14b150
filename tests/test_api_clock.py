"""The clock of an organization: frozen, advanced, released; customers follow it."""

from __future__ import annotations

import pytest

PATH = "/api/v1/customers"
CLOCK = "/__admin/clock"


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def client(app, make_client):
    return make_client(app)


def upserted(client, **attributes):
    body = {"customer": {"external_id": "a", **attributes}}
    return client.post(PATH, json=body).json["customer"]


def now(response):
    assert response.status_code == 200
    return response.json["clock"]["now"]


def test_created_at_and_updated_at_follow_the_clock_exactly(client):
    client.post(f"{CLOCK}/freeze", json={"at": "2026-01-01T00:00:00Z"})
    created = upserted(client)
    client.post(f"{CLOCK}/advance", json={"hours": 1})

    updated = upserted(client, name="A")

    assert created["created_at"] == created["updated_at"] == "2026-01-01T00:00:00Z"
    assert updated["created_at"] == "2026-01-01T00:00:00Z"
    assert updated["updated_at"] == "2026-01-01T01:00:00Z"


def test_a_clock_is_frozen_at_the_present_moment_by_default(client, clock):
    client.post(f"{CLOCK}/freeze")
    clock.advance(days=1)

    response = client.get(CLOCK)

    assert response.json["clock"] == {
        "now": "2026-01-02T03:04:05Z",
        "frozen": True,
        "offset_seconds": -86400.0,
    }


def test_a_clock_that_runs_is_advanced_and_runs_on(client, clock):
    client.post(f"{CLOCK}/advance", json={"days": 1, "minutes": 2, "seconds": 0.5})
    clock.advance(seconds=10)

    response = client.get(CLOCK)

    assert now(response) == "2026-01-03T03:06:16Z"
    assert response.json["clock"]["frozen"] is False


def test_a_clock_frozen_and_advanced_may_be_frozen_again(client):
    client.post(f"{CLOCK}/freeze", json={"at": "2030-01-01T00:00:00Z"})
    client.post(f"{CLOCK}/advance", json={"hours": 1})

    response = client.post(f"{CLOCK}/freeze")

    assert now(response) == "2030-01-01T01:00:00Z"


def test_a_released_clock_shows_the_time_again(client):
    client.post(f"{CLOCK}/freeze", json={"at": "2030-01-01T00:00:00.25Z"})

    response = client.post(f"{CLOCK}/release")

    assert response.json["clock"] == {
        "now": "2026-01-02T03:04:05Z",
        "frozen": False,
        "offset_seconds": 0.0,
    }


def test_the_clock_of_another_key_goes_its_own_way(app, client, make_client):
    client.post(f"{CLOCK}/freeze", json={"at": "2030-01-01T00:00:00Z"})

    assert now(make_client(app, key="another").get(CLOCK)) == "2026-01-02T03:04:05Z"


def test_the_clock_of_the_server_moves_those_that_follow_it(app, client, make_client):
    other, nobody = make_client(app, key="another"), make_client(app, key=None)
    client.post(f"{CLOCK}/freeze", json={"at": "2030-01-01T00:00:00Z"})

    nobody.post(f"{CLOCK}/advance", json={"days": 1})

    assert now(client.get(CLOCK)) == "2030-01-01T00:00:00Z"
    assert now(other.get(CLOCK)) == "2026-01-03T03:04:05Z"


def test_a_clock_stands_still_for_all_keys_where_the_whole_server_does(client, make_client):
    nobody = make_client(client.application, key=None)

    nobody.post(f"{CLOCK}/freeze", json={"at": "2026-01-01T00:00:00Z"})

    assert client.get(CLOCK).json["clock"]["frozen"] is True
    assert now(client.get(CLOCK)) == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        pytest.param("freeze", {"at": "yesterday"}, "/at", id="no time"),
        pytest.param("freeze", {"at": "2026-13-01T00:00:00Z"}, "/at", id="no such month"),
        pytest.param("freeze", {"at": "2026-01-01T00:00:00+01:00"}, "/at", id="not UTC"),
        pytest.param("freeze", {"when": "2026-01-01T00:00:00Z"}, "/when", id="misspelt"),
        pytest.param("advance", {}, "", id="nothing"),
        pytest.param("advance", {"hours": -1}, "/hours", id="backwards"),
        pytest.param("advance", {"hours": "1"}, "/hours", id="text"),
        pytest.param("advance", {"days": 3_000_000}, "", id="beyond the year 9999"),
        pytest.param("advance", {"days": 1e300}, "", id="beyond all years"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_leaves_the_clock(client, path, body, pointer):
    before = client.get(CLOCK).json

    response = client.post(f"{CLOCK}/{path}", json=body)

    assert response.status_code == 422
    assert response.json["explanation"][0]["pointer"] == pointer
    assert client.get(CLOCK).json == before
