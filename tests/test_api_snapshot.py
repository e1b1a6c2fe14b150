"""Snapshots: an organization as a readable file, and the same again from it."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PATH = "/api/v1/customers"
SNAPSHOT, RESTORE = "/__admin/snapshot", "/__admin/restore"
FULL = {
    "external_id": "full",
    "name": "Full",
    "country": "FR",
    "timezone": "Europe/Paris",
    "tax_codes": ["french_standard_vat"],
    "metadata": [{"key": "k", "value": "v", "display_in_invoice": True}],
    "billing_configuration": {
        "payment_provider": "stripe",
        "provider_payment_methods": ["card", "sepa_debit"],
        "sync_with_provider": True,
        "sync": True,
        "invoice_grace_period": 3,
        "document_locale": "fr",
    },
}

LINKED = {"payment_provider": "adyen", "provider_customer_id": "a-1"}


def post(client, **customer):
    response = client.post(PATH, json={"customer": customer})
    assert response.status_code == 200
    return response.json["customer"]


def listed(client):
    return client.get(f"{PATH}?per_page=1000").json["customers"]


def test_a_provider_that_knows_nobody_is_no_link(client):
    post(client, external_id="acme")
    post(client, external_id="acme", billing_configuration={"payment_provider": "adyen"})

    (customer,) = client.get(SNAPSHOT).json["customers"]

    assert customer["billing_configuration"]["payment_provider"] == "adyen"
    assert customer["stored"]["providers"] == {}


def test_after_ten_changes_a_snapshot_brings_back_what_there_was(client, clock):
    post(client, **FULL)
    post(client, external_id="b", billing_configuration={"vat_rate": 12.5})
    post(client, external_id="gone")
    client.delete(f"{PATH}/gone")
    before, snapshot = listed(client), client.get(SNAPSHOT).json
    clock.advance(hours=1)
    post(client, external_id="c")
    post(client, external_id="full", name="Other", country=None)
    post(client, external_id="full", metadata=[])
    post(client, external_id="b", billing_configuration={"vat_rate": 3})
    post(client, external_id="b", tax_codes=["french_standard_vat"])
    post(client, external_id="gone")
    post(client, external_id="d", billing_configuration={"payment_provider": "adyen"})
    client.delete(f"{PATH}/b")
    client.delete(f"{PATH}/gone")
    post(client, external_id="full", billing_configuration={"payment_provider": "gocardless"})

    restored = client.post(RESTORE, json=snapshot)

    assert restored.json["organization"]["customers_count"] == 2
    assert listed(client) == before
    assert client.get(SNAPSHOT).json == snapshot


def test_what_comes_after_a_restore_is_what_would_have_come_before(client, make_client):
    twin = make_client()
    for each in (client, twin):
        post(each, **FULL)
        post(each, external_id="gone")
        each.delete(f"{PATH}/gone")
    client.post(RESTORE, json=client.get(SNAPSHOT).json)

    made = [
        (post(each, external_id="gone"), post(each, external_id="new")) for each in (client, twin)
    ]

    assert made[0] == made[1]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.one_of(
            st.builds(
                dict,
                external_id=st.sampled_from("abc"),
                name=st.one_of(st.none(), st.text(max_size=5)),
                net_payment_term=st.one_of(st.none(), st.integers(0, 60)),
                metadata=st.lists(
                    st.builds(dict, key=st.sampled_from("xy"), value=st.just("v")), max_size=1
                ),
                billing_configuration=st.fixed_dictionaries(
                    {},
                    optional={
                        "payment_provider": st.sampled_from(["stripe", "adyen", None]),
                        "sync_with_provider": st.booleans(),
                        "sync": st.booleans(),
                        "vat_rate": st.sampled_from([None, 5, 7.5]),
                    },
                ),
            ),
            st.sampled_from("abc"),
        ),
        max_size=8,
    )
)
def test_any_organization_is_the_same_after_a_restore(make_client, steps):
    client = make_client()
    for step in steps:
        if isinstance(step, str):
            client.delete(f"{PATH}/{step}")
        else:
            client.post(PATH, json={"customer": step})
    before, snapshot = listed(client), client.get(SNAPSHOT).json

    restored = client.post(RESTORE, json=snapshot)

    assert restored.status_code == 200
    assert listed(client) == before
    assert client.get(SNAPSHOT).json == snapshot


def test_a_snapshot_is_a_fixtures_file(client, make_client, tmp_path):
    post(client, **FULL)
    file = tmp_path / "snapshot.json"
    file.write_text(json.dumps(client.get(SNAPSHOT).json))

    other = make_client(key="another", fixtures=file)

    assert [each["slug"] for each in listed(other)] == [each["slug"] for each in listed(client)]
    assert [each["lago_id"] for each in listed(other)] == [
        each["lago_id"] for each in listed(client)
    ]


def test_a_snapshot_shows_a_customer_as_a_request_sends_it(client):
    post(client, external_id="a", name="A", country="FR")

    (customer,) = client.get(SNAPSHOT).json["customers"]

    del customer["stored"]
    assert customer == {"external_id": "a", "name": "A", "country": "FR"}


def test_a_customer_without_what_is_stored_is_taken_up_as_new(client):
    post(client, **FULL)
    snapshot = client.get(SNAPSHOT).json
    snapshot["customers"].append({"external_id": "by-hand"})

    client.post(RESTORE, json=snapshot)

    assert [each["sequential_id"] for each in listed(client)] == [1, 2]


def test_a_metadata_item_written_in_by_hand_gets_an_identifier(client):
    post(client, **FULL)
    snapshot = client.get(SNAPSHOT).json
    snapshot["customers"][0]["metadata"].append(
        {"key": "new", "value": "v", "display_in_invoice": False}
    )

    client.post(RESTORE, json=snapshot)

    (customer,) = listed(client)
    ids = [item["lago_id"] for item in customer["metadata"]]
    assert len(set(ids)) == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        pytest.param({"country": "France"}, "/customers/0/country", id="bad country"),
        pytest.param({"contry": "FR"}, "/customers/0/contry", id="misspelt"),
        pytest.param({"tax_codes": ["no_tax"]}, "/customers/0/tax_codes/0", id="unknown tax"),
        pytest.param({"stored": {}}, "/customers/0/stored/lago_id", id="nothing stored"),
        pytest.param(
            {"created_at": "2026-02-30T00:00:00Z"}, "/customers/0/stored/created_at", id="bad date"
        ),
        pytest.param(
            {"metadata": {"x/y": "2026-02-30T00:00:00Z"}},
            "/customers/0/stored/metadata/x~1y",
            id="bad date of an item",
        ),
    ],
)
def test_a_snapshot_with_a_fault_is_refused_and_changes_nothing(client, change, pointer):
    post(client, **FULL)
    before, snapshot = listed(client), client.get(SNAPSHOT).json
    customer = snapshot["customers"][0]
    inside = "created_at" in change or isinstance(change.get("metadata"), dict)
    (customer["stored"] if inside else customer).update(change)

    response = client.post(RESTORE, json=snapshot)

    assert response.status_code == 422
    assert pointer in [found["pointer"] for found in response.json["explanation"]]
    assert listed(client) == before


def test_what_a_snapshot_says_of_a_provider_beyond_the_documented_stays_in_it(client):
    post(client, external_id="a", billing_configuration=LINKED)
    shown, snapshot = listed(client), client.get(SNAPSHOT).json
    (customer,) = snapshot["customers"]
    customer["stored"]["providers"]["adyen"]["settings"] = {"other": True}

    client.post(RESTORE, json=snapshot)

    assert listed(client) == shown
    assert client.get(SNAPSHOT).json == snapshot


def test_nothing_is_no_snapshot(client):
    response = client.post(RESTORE)

    assert response.status_code == 422
    assert response.json["explanation"][0]["pointer"] == "/organization"
