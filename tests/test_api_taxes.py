"""Taxes: given by code, or made of the legacy vat_rate."""

from __future__ import annotations

import pytest

CUSTOMERS = "/api/v1/customers"
FRENCH = "french_standard_vat"


def tax(code, rate):
    return {"code": code, "name": f"Tax {code}", "rate": rate}


def codes(response):
    return [each["code"] for each in response.json["customer"]["taxes"]]


@pytest.fixture
def taxed(make_client, organization_file):
    """Post a customer to an organization with the taxes a (5), b (7.5) and c (20)."""
    taxes = [tax("a", 5), tax("b", 7.5), tax("c", 20)]
    client = make_client(fixtures=organization_file(taxes=taxes))

    def post(**attributes):
        return client.post(CUSTOMERS, json={"customer": {"external_id": "acme", **attributes}})

    return post


def test_a_tax_is_answered_with_the_documented_keys_in_order(upsert):
    response = upsert(external_id="acme", tax_codes=[FRENCH])

    (answered,) = response.json["customer"]["taxes"]
    assert list(answered.items())[1:] == [
        ("name", "TVA"),
        ("code", FRENCH),
        ("rate", 20.0),
        ("description", "French standard VAT"),
        ("applied_to_organization", True),
        ("add_ons_count", 0),
        ("customers_count", 1),
        ("plans_count", 0),
        ("charges_count", 0),
        ("created_at", "2023-07-06T14:35:58Z"),
    ]
    assert next(iter(answered)) == "lago_id"


def test_a_whole_rate_is_written_as_a_float(upsert):
    response = upsert(
        external_id="acme", tax_codes=[FRENCH], billing_configuration={"vat_rate": 20}
    )

    assert '"rate":20.0' in response.text
    assert '"vat_rate":20.0' in response.text


def test_taxes_of_the_whole_organization_are_not_listed(upsert):
    response = upsert(external_id="acme")

    assert response.json["customer"]["taxes"] == []


def test_tax_codes_replace_the_present_taxes(taxed):
    first = taxed(tax_codes=["a", "b"])

    second = taxed(tax_codes=["c"])

    assert codes(first) == ["a", "b"]
    assert codes(second) == ["c"]


def test_the_same_code_twice_is_applied_once(taxed):
    response = taxed(tax_codes=["b", "a", "b"])

    assert sorted(codes(response)) == ["a", "b"]


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({}, id="absent"),
        pytest.param({"tax_codes": None}, id="null"),
        pytest.param({"tax_codes": []}, id="empty"),
    ],
)
def test_tax_codes_that_name_nothing_change_nothing(taxed, attributes):
    before = taxed(tax_codes=["a", "b"])

    response = taxed(**attributes)

    assert response.json == before.json


def test_an_empty_list_that_removes_nothing_is_remarked_on(taxed):
    taxed(tax_codes=["a"])

    response = taxed(tax_codes=[])

    assert response.headers["Mock-Explanation"].startswith("/customer/tax_codes: [empty]")


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param(["none"], id="alone"),
        pytest.param(["a", "none", "b"], id="among others"),
        pytest.param(["A"], id="in another case"),
        pytest.param([""], id="empty"),
    ],
)
def test_an_unknown_code_is_404_and_rolls_all_back(taxed, unknown):
    before = taxed(tax_codes=["c"])

    refused = taxed(name="New", tax_codes=unknown)

    assert refused.status_code == 404
    assert refused.json == {"status": 404, "error": "Not Found", "code": "tax_not_found"}
    assert taxed().json == before.json


def test_an_unknown_code_leaves_no_new_customer(upsert, client):
    upsert(external_id="acme", tax_codes=["none"])

    assert client.get(f"{CUSTOMERS}/acme").status_code == 404
    assert upsert(external_id="other").json["customer"]["sequential_id"] == 1


@pytest.mark.parametrize(
    ("rate", "code", "name"),
    [
        pytest.param(12.5, "tax_12.5", "Tax (12.5%)", id="fraction"),
        pytest.param(20, "tax_20", "Tax (20%)", id="whole number"),
        pytest.param(20.0, "tax_20", "Tax (20%)", id="whole number written as fraction"),
        pytest.param(0, "tax_0", "Tax (0%)", id="nothing"),
        pytest.param(100, "tax_100", "Tax (100%)", id="all"),
        pytest.param(8.25, "tax_8.25", "Tax (8.25%)", id="two decimals"),
    ],
)
def test_a_vat_rate_makes_and_applies_a_tax(upsert, rate, code, name):
    response = upsert(external_id="acme", billing_configuration={"vat_rate": rate})

    customer = response.json["customer"]
    (made,) = customer["taxes"]
    assert customer["billing_configuration"]["vat_rate"] == rate
    assert made == {
        "lago_id": made["lago_id"],
        "name": name,
        "code": code,
        "rate": rate,
        "description": None,
        "applied_to_organization": False,
        "add_ons_count": 0,
        "customers_count": 1,
        "plans_count": 0,
        "charges_count": 0,
        "created_at": "2026-01-02T03:04:05Z",
    }


def test_a_vat_rate_replaces_the_present_tax(taxed):
    taxed(tax_codes=["a"])

    first = taxed(billing_configuration={"vat_rate": 12.5})
    second = taxed(billing_configuration={"vat_rate": 8})

    assert codes(first) == ["tax_12.5"]
    assert codes(second) == ["tax_8"]


def test_a_vat_rate_equal_to_the_applied_tax_s_changes_nothing(taxed):
    taxed(tax_codes=["c"])

    response = taxed(billing_configuration={"vat_rate": 20})

    assert codes(response) == ["c"]
    assert response.json["customer"]["billing_configuration"]["vat_rate"] == 20


def test_a_vat_rate_takes_the_organization_s_tax_by_code_and_not_by_rate(taxed):
    response = taxed(billing_configuration={"vat_rate": 20})

    assert codes(response) == ["tax_20"]


def test_a_vat_rate_finds_the_tax_made_for_another_customer(upsert, clock):
    first = upsert(external_id="a", billing_configuration={"vat_rate": 12.5})
    clock.advance(days=1)

    second = upsert(external_id="b", billing_configuration={"vat_rate": 12.5})

    (made,), (found,) = (each.json["customer"]["taxes"] for each in (first, second))
    assert found == made | {"customers_count": 2}


def test_a_tax_made_by_vat_rate_can_be_asked_for_by_its_code(upsert):
    upsert(external_id="a", billing_configuration={"vat_rate": 12.5})

    response = upsert(external_id="b", tax_codes=["tax_12.5", FRENCH])

    assert sorted(codes(response)) == [FRENCH, "tax_12.5"]


def test_a_vat_rate_is_refused_for_a_customer_with_several_taxes(taxed):
    before = taxed(tax_codes=["a", "b"])

    refused = taxed(name="New", billing_configuration={"vat_rate": 12.5})

    assert refused.status_code == 422
    assert refused.json["error_details"] == {"vat_rate": ["multiple_taxes"]}
    assert taxed().json == before.json


def test_a_vat_rate_of_null_without_a_tax_does_nothing(upsert):
    response = upsert(external_id="acme", billing_configuration={"vat_rate": None})

    assert response.status_code == 200
    assert codes(response) == []
    assert response.json["customer"]["billing_configuration"]["vat_rate"] is None


def test_a_vat_rate_of_null_is_refused_where_a_tax_is_applied(taxed):
    before = taxed(tax_codes=["a"])

    refused = taxed(billing_configuration={"vat_rate": None})

    assert refused.status_code == 422
    assert refused.json["error_details"] == {"rate": ["value_is_mandatory"]}
    assert taxed().json == before.json


def test_tax_codes_are_applied_before_the_vat_rate_of_the_same_request(taxed):
    replaced = taxed(tax_codes=["a"], billing_configuration={"vat_rate": 12.5})
    kept = taxed(tax_codes=["c"], billing_configuration={"vat_rate": 20})
    refused = taxed(tax_codes=["a", "b"], billing_configuration={"vat_rate": 20})

    assert codes(replaced) == ["tax_12.5"]
    assert codes(kept) == ["c"]
    assert refused.json["error_details"] == {"vat_rate": ["multiple_taxes"]}


def test_a_vat_rate_out_of_range_makes_no_tax(upsert):
    refused = upsert(external_id="acme", billing_configuration={"vat_rate": 150})

    assert refused.json["error_details"] == {"vat_rate": ["value_is_out_of_range"]}
    assert upsert(external_id="acme", tax_codes=["tax_150"]).status_code == 404


def test_the_count_of_customers_is_live(upsert, client):
    upsert(external_id="a", tax_codes=[FRENCH])
    upsert(external_id="b", tax_codes=[FRENCH])
    both = client.get(f"{CUSTOMERS}/a").json["customer"]["taxes"][0]
    client.delete(f"{CUSTOMERS}/b")
    deleted = client.get(f"{CUSTOMERS}/a").json["customer"]["taxes"][0]
    upsert(external_id="c", tax_codes=[FRENCH])
    upsert(external_id="c", billing_configuration={"vat_rate": 5})
    moved = client.get(f"{CUSTOMERS}/a").json["customer"]["taxes"][0]

    assert [each["customers_count"] for each in (both, deleted, moved)] == [2, 1, 1]


def test_a_tax_has_the_same_lago_id_wherever_it_is_listed(upsert):
    first = upsert(external_id="a", tax_codes=[FRENCH])
    second = upsert(external_id="b", tax_codes=[FRENCH])

    ids = {each.json["customer"]["taxes"][0]["lago_id"] for each in (first, second)}
    assert len(ids) == 1


def test_an_organization_without_taxes_says_so(make_client, organization_file):
    client = make_client(fixtures=organization_file(taxes=[]))
    customer = {"external_id": "a", "tax_codes": ["vat"]}

    response = client.post("/api/v1/customers", json={"customer": customer})

    assert response.status_code == 404
    assert "organization, which has no taxes" in response.headers["Mock-Explanation"]
