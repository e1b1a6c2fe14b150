"""Create and update: who is meant, what a second call keeps, and what the answer looks like."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

CUSTOMERS = "/api/v1/customers"
ANSWER_KEYS = [
    "lago_id", "external_id", "name", "sequential_id", "slug", "created_at", "updated_at",
    "country", "address_line1", "address_line2", "state", "zipcode", "email", "city", "url",
    "phone", "logo_url", "legal_name", "legal_number", "currency", "tax_identification_number",
    "timezone", "applicable_timezone", "net_payment_term", "external_salesforce_id",
    "billing_configuration", "metadata", "taxes",
]  # fmt: skip
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TEXTS = [
    "name", "address_line1", "address_line2", "state", "zipcode", "city", "url", "phone",
    "logo_url", "legal_name", "legal_number", "tax_identification_number", "email",
    "external_salesforce_id",
]  # fmt: skip
FILLED = {
    **{name: f"the {name}" for name in TEXTS},
    "country": "FR",
    "currency": "EUR",
    "timezone": "Europe/Paris",
    "net_payment_term": 30,
}
BILLING = {"invoice_grace_period": 3, "document_locale": "fr"}


def test_upsert_keeps_attributes_absent_from_the_second_call(upsert):
    first = upsert(external_id="acme", name="Acme", currency="EUR").json["customer"]

    second = upsert(external_id="acme", name="Acme Inc.").json["customer"]

    assert second == first | {"name": "Acme Inc."}


def test_create_and_update_both_answer_200(upsert):
    created = upsert(external_id="acme")
    updated = upsert(external_id="acme", name="Acme")

    assert (created.status_code, updated.status_code) == (200, 200)


def test_a_customer_with_nothing_but_an_external_id_has_the_documented_defaults(upsert):
    customer = upsert(external_id="acme").json["customer"]

    assert customer == {
        **dict.fromkeys([*FILLED]),
        "lago_id": customer["lago_id"],
        "external_id": "acme",
        "sequential_id": 1,
        "slug": customer["slug"],
        "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z",
        "applicable_timezone": "UTC",
        "billing_configuration": {
            "invoice_grace_period": None,
            "payment_provider": None,
            "vat_rate": None,
            "document_locale": None,
        },
        "metadata": [],
        "taxes": [],
    }


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({}, id="nothing but an external_id"),
        pytest.param(FILLED, id="every plain field"),
        pytest.param(dict(reversed(FILLED.items())), id="the fields sent in another order"),
    ],
)
def test_the_answer_has_every_documented_key_in_the_documented_order(upsert, attributes):
    response = upsert(**attributes, external_id="acme")

    assert list(response.json["customer"]) == ANSWER_KEYS


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        pytest.param({}, [], id="no provider"),
        pytest.param(
            {"payment_provider": "stripe", "provider_customer_id": "cus_1"},
            ["provider_customer_id", "provider_payment_methods"],
            id="stripe",
        ),
        pytest.param(
            {"payment_provider": "adyen", "provider_customer_id": "a1"},
            ["provider_customer_id"],
            id="adyen",
        ),
        pytest.param(
            {"payment_provider": "gocardless", "provider_customer_id": "CU1"},
            ["provider_customer_id"],
            id="gocardless",
        ),
    ],
)
def test_billing_configuration_has_its_keys_in_the_documented_order(upsert, settings, keys):
    response = upsert(external_id="acme", billing_configuration=settings)

    base = ["invoice_grace_period", "payment_provider", "vat_rate", "document_locale"]
    assert list(response.json["customer"]["billing_configuration"]) == base + keys


def test_numbers_are_numbers_and_identifiers_are_uuids(upsert):
    response = upsert(
        external_id="acme",
        net_payment_term=30,
        billing_configuration={"invoice_grace_period": 3, "vat_rate": 20},
        metadata=[{"key": "k", "value": "v"}],
    )

    customer = response.json["customer"]
    assert type(customer["sequential_id"]) is int
    assert type(customer["net_payment_term"]) is int
    assert type(customer["billing_configuration"]["invoice_grace_period"]) is int
    assert type(customer["billing_configuration"]["vat_rate"]) is float
    assert type(customer["taxes"][0]["rate"]) is float
    made = [customer, customer["metadata"][0], customer["taxes"][0]]
    assert all(UUID.fullmatch(each["lago_id"]) for each in made)


def test_the_page_s_own_request_is_answered_as_the_server_answers_it(client, page_request):
    response = client.post(CUSTOMERS, json=page_request)

    sent = page_request["customer"]
    customer = response.json["customer"]
    now = "2026-01-02T03:04:05Z"
    assert response.status_code == 200
    assert "Mock-Explanation" not in response.headers
    assert customer == {
        **{key: value for key, value in sent.items() if key in FILLED},
        "lago_id": customer["lago_id"],
        "external_id": "5eb02857-a71e-4ea2-bcf9-57d3a41bc6ba",
        "sequential_id": 1,
        "slug": customer["slug"],
        "created_at": now,
        "updated_at": now,
        "address_line2": "",
        "applicable_timezone": "Europe/Paris",
        "net_payment_term": None,
        "external_salesforce_id": None,
        "billing_configuration": {
            "invoice_grace_period": 3,
            "payment_provider": "stripe",
            "vat_rate": 12.5,
            "document_locale": "fr",
            "provider_customer_id": "cus_12345",
            "provider_payment_methods": ["card", "sepa_debit"],
            "sync": True,
            "sync_with_provider": True,
        },
        "metadata": [
            {
                "lago_id": customer["metadata"][0]["lago_id"],
                "key": "Purchase Order",
                "value": "123456789",
                "display_in_invoice": True,
                "created_at": now,
            }
        ],
        "taxes": [
            {
                "lago_id": customer["taxes"][0]["lago_id"],
                "name": "Tax (12.5%)",
                "code": "tax_12.5",
                "rate": 12.5,
                "description": None,
                "applied_to_organization": False,
                "add_ons_count": 0,
                "customers_count": 1,
                "plans_count": 0,
                "charges_count": 0,
                "created_at": now,
            }
        ],
    }


def test_the_page_s_own_request_sent_twice_is_refused_with_the_id_that_would_help(
    client, page_request
):
    stored = client.post(CUSTOMERS, json=page_request).json["customer"]["metadata"][0]

    again = client.post(CUSTOMERS, json=page_request)

    assert again.status_code == 422
    assert again.json == {
        "status": 422,
        "error": "Unprocessable Entity",
        "code": "validation_errors",
        "error_details": {"key": ["value_already_exist"]},
    }
    assert again.headers["Mock-Explanation"].startswith("/customer/metadata/0/key: [unique]")
    assert stored["lago_id"] in again.headers["Mock-Explanation"]


def test_get_answers_what_the_create_answered(client, page_request):
    created = client.post(CUSTOMERS, json=page_request)

    read = client.get(f"{CUSTOMERS}/{page_request['customer']['external_id']}")

    assert read.json == created.json


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("acme", "ACME", id="case"),
        pytest.param("acme", " acme", id="a leading space"),
        pytest.param("acme", "acme ", id="a trailing space"),
        pytest.param("caf\u00e9", "cafe\u0301", id="composed and decomposed letters"),
    ],
)
def test_external_ids_that_are_not_exactly_equal_are_two_customers(upsert, first, second):
    one = upsert(external_id=first).json["customer"]
    other = upsert(external_id=second).json["customer"]

    assert one["lago_id"] != other["lago_id"]
    assert (one["external_id"], other["external_id"]) == (first, second)
    assert (one["sequential_id"], other["sequential_id"]) == (1, 2)


@pytest.mark.parametrize(
    "external_id",
    [
        pytest.param("a/b", id="slash"),
        pytest.param("a b", id="space"),
        pytest.param("a%2Fb", id="percent sign"),
        pytest.param("\u00fcn\u00ef\U0001f600", id="beyond ASCII"),
        pytest.param("x" * 3000, id="3000 characters"),
    ],
)
def test_any_text_that_is_not_blank_identifies_a_customer(upsert, external_id):
    created = upsert(external_id=external_id).json["customer"]

    updated = upsert(external_id=external_id, name="Acme").json["customer"]

    assert updated == created | {"name": "Acme"}
    assert updated["external_id"] == external_id


def test_an_update_keeps_identifier_number_slug_and_creation(upsert, clock):
    created = upsert(external_id="acme").json["customer"]
    clock.advance(days=1)

    updated = upsert(external_id="acme", name="Acme").json["customer"]

    kept = ("lago_id", "sequential_id", "slug", "created_at")
    assert {key: updated[key] for key in kept} == {key: created[key] for key in kept}
    assert updated["updated_at"] == "2026-01-03T03:04:05Z"


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_kept_when_absent_cleared_by_null_and_stored_when_empty(upsert, name):
    given = upsert(external_id="acme", **{name: "a text"}).json["customer"]
    absent = upsert(external_id="acme").json["customer"]
    empty = upsert(external_id="acme", **{name: ""}).json["customer"]
    null = upsert(external_id="acme", **{name: None}).json["customer"]

    assert [each[name] for each in (given, absent, empty, null)] == ["a text", "a text", "", None]


@pytest.mark.parametrize("name", ["country", "currency", "timezone", "net_payment_term"])
def test_other_plain_fields_are_kept_when_absent_and_cleared_by_null(upsert, name):
    given = upsert(external_id="acme", **{name: FILLED[name]}).json["customer"]
    absent = upsert(external_id="acme").json["customer"]
    null = upsert(external_id="acme", **{name: None}).json["customer"]

    assert [each[name] for each in (given, absent, null)] == [FILLED[name], FILLED[name], None]


@pytest.mark.parametrize("name", [*BILLING])
def test_billing_fields_are_kept_when_absent_and_cleared_by_null(upsert, name):
    given = upsert(external_id="acme", billing_configuration={name: BILLING[name]})
    absent = upsert(external_id="acme", billing_configuration={"vat_rate": None})
    null = upsert(external_id="acme", billing_configuration={name: None})

    answers = [each.json["customer"]["billing_configuration"] for each in (given, absent, null)]
    assert [each[name] for each in answers] == [BILLING[name], BILLING[name], None]


@pytest.mark.parametrize("nothing", [pytest.param(None, id="null"), pytest.param({}, id="empty")])
def test_an_absent_billing_configuration_changes_nothing(upsert, nothing):
    created = upsert(external_id="acme", billing_configuration=BILLING).json["customer"]

    updated = upsert(external_id="acme", billing_configuration=nothing).json["customer"]

    assert updated == created


def test_text_of_any_length_is_stored_as_it_was_sent(upsert):
    long = ' <a href="x">&\u2028\t\n' + "\u00e9" * 10_000

    customer = upsert(external_id="acme", name=long, email="no address").json["customer"]

    assert customer["name"] == long
    assert customer["email"] == "no address"


def test_the_currency_of_a_customer_may_change(upsert):
    upsert(external_id="acme", currency="EUR")

    customer = upsert(external_id="acme", currency="USD").json["customer"]

    assert customer["currency"] == "USD"


def test_an_applicable_time_zone_is_the_customer_s_own_or_else_the_organization_s(
    make_client, organization_file
):
    client = make_client(fixtures=organization_file(timezone="Europe/Berlin"))

    own = {"external_id": "a", "timezone": "Asia/Tokyo"}
    zones = [
        client.post(CUSTOMERS, json={"customer": each}).json["customer"]["applicable_timezone"]
        for each in (own, {"external_id": "b"}, {"external_id": "a", "timezone": None})
    ]

    assert zones == ["Asia/Tokyo", "Europe/Berlin", "Europe/Berlin"]


def test_times_are_utc_in_whole_seconds_cut_and_not_rounded(upsert, clock):
    clock.now = datetime(2026, 5, 6, 7, 8, 9, 999_999, UTC)

    customer = upsert(external_id="acme").json["customer"]

    assert customer["created_at"] == customer["updated_at"] == "2026-05-06T07:08:09Z"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": "New"}, id="a text"),
        pytest.param({"name": None}, id="a cleared text"),
        pytest.param({"name": ""}, id="an emptied text"),
        pytest.param({"country": "DE"}, id="country"),
        pytest.param({"net_payment_term": 0}, id="net_payment_term"),
        pytest.param({"timezone": "UTC"}, id="timezone"),
        pytest.param({"billing_configuration": {"document_locale": "de"}}, id="document_locale"),
        pytest.param({"billing_configuration": {"invoice_grace_period": 0}}, id="grace period"),
        pytest.param({"billing_configuration": {"payment_provider": "adyen"}}, id="provider"),
    ],
)
def test_updated_at_moves_when_a_field_of_the_customer_changes(upsert, clock, change):
    upsert(external_id="acme", **FILLED)
    clock.advance(seconds=1)

    customer = upsert(external_id="acme", **change).json["customer"]

    assert customer["updated_at"] == "2026-01-02T03:04:06Z"


@pytest.mark.parametrize(
    "same",
    [
        pytest.param({}, id="nothing but the external_id"),
        pytest.param(FILLED, id="the same fields"),
        pytest.param({"country": "fr"}, id="the same country in lower case"),
        pytest.param({"net_payment_term": 30.0}, id="the same number written otherwise"),
        pytest.param({"metadata": [{"key": "k", "value": "v"}]}, id="metadata"),
        pytest.param({"metadata": []}, id="no metadata"),
        pytest.param({"tax_codes": ["french_standard_vat"]}, id="taxes"),
        pytest.param(
            {"billing_configuration": {"provider_customer_id": "cus_2"}}, id="provider customer"
        ),
    ],
)
def test_updated_at_stays_when_no_field_of_the_customer_changes(upsert, clock, same):
    upsert(external_id="acme", **FILLED, billing_configuration={"payment_provider": "stripe"})
    upsert(external_id="acme", billing_configuration={"payment_provider": "stripe"})
    clock.advance(seconds=1)

    response = upsert(external_id="acme", **same)

    assert response.status_code == 200
    assert response.json["customer"]["updated_at"] == "2026-01-02T03:04:05Z"


def test_a_refused_update_changes_nothing(upsert, client, clock):
    upsert(external_id="acme", **FILLED, metadata=[{"key": "k", "value": "v"}])
    before = client.get(f"{CUSTOMERS}/acme").json
    clock.advance(seconds=1)

    refused = upsert(external_id="acme", name="New", metadata=[], currency="zz")

    assert refused.status_code == 422
    assert client.get(f"{CUSTOMERS}/acme").json == before


def test_a_customer_made_again_after_deletion_inherits_nothing(upsert, client):
    old = upsert(external_id="acme", **FILLED, metadata=[{"key": "k", "value": "v"}])
    client.delete(f"{CUSTOMERS}/acme")

    new = upsert(external_id="acme").json["customer"]

    assert new["lago_id"] != old.json["customer"]["lago_id"]
    assert new["sequential_id"] == 2
    assert [new[name] for name in FILLED] == [None] * len(FILLED)
    assert new["metadata"] == []


def test_an_external_id_may_be_deleted_and_made_again_any_number_of_times(upsert, client):
    made = []
    for _ in range(4):
        made.append(upsert(external_id="acme").json["customer"])
        client.delete(f"{CUSTOMERS}/acme")

    assert [each["sequential_id"] for each in made] == [1, 2, 3, 4]
    assert len({each["lago_id"] for each in made}) == 4


def test_a_deleted_customer_s_number_is_not_given_again(upsert, client):
    upsert(external_id="a")
    upsert(external_id="b")
    client.delete(f"{CUSTOMERS}/b")

    customer = upsert(external_id="c").json["customer"]

    assert customer["sequential_id"] == 3


def test_a_refused_create_uses_no_number(upsert):
    upsert(external_id="a")
    upsert(external_id="b", currency="zz")

    customer = upsert(external_id="c").json["customer"]

    assert customer["sequential_id"] == 2


def test_a_slug_is_the_default_prefix_and_the_number_in_three_digits(upsert):
    first = upsert(external_id="a").json["customer"]["slug"]
    second = upsert(external_id="b").json["customer"]["slug"]

    assert re.fullmatch(r"LAG-[0-9A-F]{4}-001", first)
    assert second == first.removesuffix("001") + "002"


def test_a_slug_begins_with_the_prefix_in_the_fixtures_file(make_client, organization_file):
    client = make_client(fixtures=organization_file(prefix="ACME-9"))

    response = client.post(CUSTOMERS, json={"customer": {"external_id": "a"}})

    assert response.json["customer"]["slug"] == "ACME-9-001"


def test_a_slug_has_four_digits_from_the_thousandth_customer_on(make_client, organization_file):
    customers = [{"external_id": f"c{number}"} for number in range(1, 1000)]
    client = make_client(fixtures=organization_file(customers, prefix="P"))

    thousandth = client.post(CUSTOMERS, json={"customer": {"external_id": "c1000"}})
    before = client.get(f"{CUSTOMERS}/c999")

    assert before.json["customer"]["slug"] == "P-999"
    assert thousandth.json["customer"]["slug"] == "P-1000"
    assert thousandth.json["customer"]["sequential_id"] == 1000


@pytest.mark.parametrize(
    ("zone", "grace"),
    [
        pytest.param("Europe/Paris", 3, id="valid values"),
        pytest.param("foo", -1, id="invalid values"),
        pytest.param(5, "three", id="values of wrong types"),
    ],
)
def test_a_free_organization_drops_time_zone_and_grace_period_unchecked(
    make_client, organization_file, zone, grace
):
    client = make_client(fixtures=organization_file(premium=False))
    settings = {"invoice_grace_period": grace, "document_locale": "fr"}
    customer = {"external_id": "a", "timezone": zone, "billing_configuration": settings}

    response = client.post(CUSTOMERS, json={"customer": customer})

    stored = response.json["customer"]
    assert response.status_code == 200
    assert stored["timezone"] is None
    assert stored["applicable_timezone"] == "UTC"
    assert stored["billing_configuration"]["invoice_grace_period"] is None
    assert stored["billing_configuration"]["document_locale"] == "fr"
    assert "/customer/timezone: [premium]" in response.headers["Mock-Explanation"]
    assert "/invoice_grace_period: [premium]" in response.headers["Mock-Explanation"]


def test_a_free_organization_checks_all_other_fields(make_client, organization_file):
    client = make_client(fixtures=organization_file(premium=False))
    customer = {"external_id": "a", "timezone": "foo", "country": "ZZZ", "currency": "zz"}

    response = client.post(CUSTOMERS, json={"customer": customer})

    assert list(response.json["error_details"]) == ["country", "currency"]
