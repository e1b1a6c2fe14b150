"""One customer: read, deleted, and its links to portal and checkout."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest

PATH = "/api/v1/customers"
NOT_FOUND = {"status": 404, "error": "Not Found", "code": "customer_not_found"}
LINKED = {"payment_provider": "stripe", "provider_customer_id": "cus_1"}


def test_a_customer_is_read_as_it_was_answered(client, upsert):
    made = upsert(external_id="acme", name="Acme", currency="EUR")

    response = client.get(f"{PATH}/acme")

    assert response.status_code == 200
    assert response.json == made.json


def test_reading_changes_nothing(client, upsert, clock):
    upsert(external_id="acme")
    first = client.get(f"{PATH}/acme")
    clock.advance(hours=1)

    second = client.get(f"{PATH}/acme")

    assert second.data == first.data


@pytest.mark.parametrize(
    ("method", "suffix"),
    [
        pytest.param("GET", "", id="show"),
        pytest.param("DELETE", "", id="delete"),
        pytest.param("GET", "/portal_url", id="portal"),
        pytest.param("POST", "/checkout_url", id="checkout"),
    ],
)
def test_an_unknown_customer_is_not_found(client, method, suffix):
    response = client.open(f"{PATH}/nobody{suffix}", method=method)

    assert response.status_code == 404
    assert response.json == NOT_FOUND
    assert response.headers["Mock-Explanation"].startswith("path external_id: ")


@pytest.mark.parametrize(
    ("method", "suffix"),
    [
        pytest.param("GET", "", id="show"),
        pytest.param("DELETE", "", id="delete"),
        pytest.param("GET", "/portal_url", id="portal"),
        pytest.param("POST", "/checkout_url", id="checkout"),
    ],
)
def test_a_deleted_customer_is_not_found(client, upsert, method, suffix):
    upsert(external_id="acme", billing_configuration=LINKED)
    client.delete(f"{PATH}/acme")

    response = client.open(f"{PATH}/acme{suffix}", method=method)

    assert response.status_code == 404
    assert response.json == NOT_FOUND
    assert "was deleted" in response.headers["Mock-Explanation"]


def test_a_lago_id_is_no_address_and_the_answer_says_so(client, upsert):
    made = upsert(external_id="acme").json["customer"]

    response = client.get(f"{PATH}/{made['lago_id']}")

    assert response.status_code == 404
    assert 'did you mean "acme"?' in response.headers["Mock-Explanation"]


def test_a_misspelt_external_id_is_told_the_nearest(client, upsert):
    upsert(external_id="acme-germany")

    response = client.get(f"{PATH}/acme-germny")

    assert 'did you mean "acme-germany"?' in response.headers["Mock-Explanation"]


def test_delete_answers_with_the_whole_customer(client, page_request, clock):
    client.post(PATH, json=page_request)
    external_id = page_request["customer"]["external_id"]
    before = client.get(f"{PATH}/{external_id}").json["customer"]
    clock.advance(minutes=1)

    response = client.delete(f"{PATH}/{external_id}")

    assert response.status_code == 200
    assert response.json["customer"] == before | {"updated_at": "2026-01-02T03:05:05Z"}
    assert list(response.json["customer"]) == list(before)
    assert response.json["customer"]["metadata"]
    assert response.json["customer"]["taxes"]


def test_a_deleted_external_id_can_be_used_anew(client, upsert):
    first = upsert(external_id="acme", name="Acme").json["customer"]
    client.delete(f"{PATH}/acme")

    second = upsert(external_id="acme").json["customer"]

    assert second["lago_id"] != first["lago_id"]
    assert second["name"] is None


def test_deleting_one_customer_leaves_the_others(client, upsert):
    upsert(external_id="a")
    upsert(external_id="b")

    client.delete(f"{PATH}/a")

    assert client.get(f"{PATH}/b").status_code == 200


def test_delete_ignores_a_json_body(client, upsert):
    upsert(external_id="acme")

    response = client.delete(f"{PATH}/acme", json={"anything": 1})

    assert response.status_code == 200


def test_the_portal_url_ends_in_a_message_signed_as_rails_does(client, upsert):
    customer = upsert(external_id="acme").json["customer"]

    response = client.get(f"{PATH}/acme/portal_url")

    assert list(response.json) == ["customer"]
    assert list(response.json["customer"]) == ["portal_url"]
    token = response.json["customer"]["portal_url"].partition("/customer-portal/")[2]
    message, _, signature = token.partition("--")
    envelope = json.loads(b64decode(message, validate=True))["_rails"]
    assert json.loads(b64decode(envelope["message"])) == customer["lago_id"]
    assert envelope["exp"] == "2026-01-02T15:04:05.000Z"
    assert len(signature) == 40
    assert int(signature, 16) >= 0


def test_the_portal_urls_of_two_customers_differ(client, upsert):
    upsert(external_id="a")
    upsert(external_id="b")
    first = client.get(f"{PATH}/a/portal_url")

    second = client.get(f"{PATH}/b/portal_url")

    assert second.json != first.json


@pytest.mark.parametrize(
    "external_id",
    [
        pytest.param("acme", id="known customer"),
        pytest.param("nobody", id="unknown customer"),
    ],
)
def test_a_free_organization_has_no_portal_for_anybody(make_client, organization_file, external_id):
    fixtures = organization_file([{"external_id": "acme"}], premium=False)
    client = make_client(fixtures=fixtures)

    response = client.get(f"{PATH}/{external_id}/portal_url")

    assert response.status_code == 403
    assert response.json == {"status": 403, "error": "Forbidden", "code": "feature_unavailable"}
    assert "premium" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    "provider",
    [pytest.param(each, id=each) for each in ("stripe", "gocardless", "adyen")],
)
def test_the_checkout_url_names_customer_and_provider(client, upsert, provider):
    settings = {"payment_provider": provider, "provider_customer_id": "id-at-the-provider"}
    customer = upsert(external_id="acme", billing_configuration=settings).json["customer"]

    response = client.post(f"{PATH}/acme/checkout_url")

    assert response.status_code == 200
    answer = response.json["customer"]
    assert list(answer) == [
        "lago_customer_id",
        "external_customer_id",
        "payment_provider",
        "checkout_url",
    ]
    assert answer["checkout_url"].startswith("https://")
    assert answer | {"checkout_url": ""} == {
        "lago_customer_id": customer["lago_id"],
        "external_customer_id": "acme",
        "payment_provider": provider,
        "checkout_url": "",
    }


def test_the_checkout_url_needs_no_body_and_ignores_one(client, upsert):
    upsert(external_id="acme", billing_configuration=LINKED)

    response = client.post(f"{PATH}/acme/checkout_url", json={"anything": 1})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="no provider"),
        pytest.param({"payment_provider": "stripe"}, id="provider that was never asked"),
        pytest.param({"provider_customer_id": "cus_1"}, id="identifier without provider"),
    ],
)
def test_an_unlinked_customer_has_no_checkout(client, upsert, settings):
    upsert(external_id="acme", billing_configuration=settings)

    response = client.post(f"{PATH}/acme/checkout_url")

    assert response.status_code == 422
    assert response.json["error_details"] == {"base": ["no_linked_payment_provider"]}


@pytest.mark.parametrize(
    "provider",
    [pytest.param(each, id=each) for each in ("stripe", "gocardless", "adyen")],
)
def test_a_provider_that_is_not_connected_has_no_checkout(make_client, organization_file, provider):
    settings = {"payment_provider": provider, "provider_customer_id": "id-at-the-provider"}
    customer = {"external_id": "acme", "billing_configuration": settings}
    client = make_client(fixtures=organization_file([customer], payment_providers=[]))

    response = client.post(f"{PATH}/acme/checkout_url")

    assert response.status_code == 404
    assert response.json["code"] == f"{provider}_payment_provider_not_found"


def test_a_customer_with_a_long_identifier_is_found(client, upsert):
    upsert(external_id="x" * 500)

    response = client.get(f"/api/v1/customers/{'x' * 500}")

    assert response.json["customer"]["external_id"] == "x" * 500
