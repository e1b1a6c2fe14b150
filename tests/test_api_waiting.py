"""Requests that take their time say so, so that the server serves others meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from mockserver.environ import WAIT

CUSTOMERS = "/api/v1/customers"


@pytest.fixture
def told(client):
    """A list that grows whenever the client's request tells the server that it may wait."""
    told = []
    client.environ_base[WAIT] = lambda: told.append(True)
    return told


@pytest.mark.parametrize(
    ("path", "headers", "waits"),
    [
        pytest.param(CUSTOMERS, {}, False, id="list"),
        pytest.param(f"{CUSTOMERS}/acme", {}, False, id="read"),
        pytest.param(f"{CUSTOMERS}?per_page=1000", {}, False, id="list of a thousand"),
        pytest.param(f"{CUSTOMERS}?per_page=1001", {}, True, id="longer list"),
        pytest.param(CUSTOMERS, {"Mock-Fault": "delay 1"}, True, id="delay"),
        pytest.param("/__admin/requests", {}, True, id="control API"),
    ],
)
def test_a_request_says_that_it_may_take_its_time(client, told, path, headers, waits):
    client.get(path, headers=headers)

    assert bool(told) is waits


def test_the_first_request_waits_for_the_customers_to_be_let_in(make_client, organization_file):
    told = []
    path = organization_file([{"external_id": "acme"}])
    client = make_client(fixtures=path)
    client.environ_base[WAIT] = lambda: told.append(True)

    for _ in range(2):
        client.get(f"{CUSTOMERS}/acme")

    assert told == [True]


def test_a_request_says_that_it_waits_for_another(client):
    client.get(CUSTOMERS)
    (organization,) = client.application.extensions["mockserver"].all()
    told = Event()
    client.environ_base[WAIT] = told.set

    with ThreadPoolExecutor(1) as pool:
        with organization:
            answer = pool.submit(client.get, CUSTOMERS)
            assert told.wait(20)

        assert answer.result(20).status_code == 200


def test_customers_are_let_in_for_who_makes_no_request_too(make_app, organization_file):
    app = make_app(fixtures=organization_file([{"external_id": "acme"}]))

    organization = app.extensions["mockserver"].opened("a-key")

    assert organization.summary()["customers_count"] == 1
