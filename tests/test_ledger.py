"""The differences between page, server and us: each entry has the test of its name here."""

from __future__ import annotations

from mockserver import data

CUSTOMERS = "/api/v1/customers"


def test_every_entry_of_the_ledger_has_a_test_of_its_own():
    entries = {entry["id"] for entry in data.schemas()["ledger"]}

    tests = {name.removeprefix("test_ledger_") for name in globals() if "test_ledger_" in name}

    assert entries == tests


def test_ledger_wrong_json_types(upsert):
    response = upsert(external_id="a", name=123, net_payment_term="30", city={}, state=None)

    assert response.json["error_details"] == {
        "net_payment_term": ["value_is_invalid"],
        "name": ["value_is_invalid"],
        "city": ["value_is_invalid"],
    }


def test_ledger_example_numbers_are_numbers(client, page_request):
    customer = client.post(CUSTOMERS, json=page_request).json["customer"]

    assert customer["sequential_id"] == 1
    assert customer["billing_configuration"]["invoice_grace_period"] == 3
    assert customer["taxes"][0]["rate"] == 12.5
    assert customer["taxes"][0]["customers_count"] == 1


def test_ledger_example_address_line2(client, page_request):
    customer = client.post(CUSTOMERS, json=page_request).json["customer"]

    assert customer["address_line2"] == ""


def test_ledger_example_time_zone(client, page_request):
    customer = client.post(CUSTOMERS, json=page_request).json["customer"]

    assert customer["timezone"] == "Europe/Paris"
    assert customer["applicable_timezone"] == "Europe/Paris"


def test_ledger_example_taxes(client, page_request, upsert):
    paged = client.post(CUSTOMERS, json=page_request).json["customer"]
    asked = upsert(external_id="b", tax_codes=["french_standard_vat"]).json["customer"]

    assert [tax["code"] for tax in paged["taxes"]] == ["tax_12.5"]
    assert [tax["code"] for tax in asked["taxes"]] == ["french_standard_vat"]


def test_ledger_key_order(upsert):
    answered = list(upsert(external_id="a").json["customer"])

    assert answered[:5] == ["lago_id", "external_id", "name", "sequential_id", "slug"]
    assert answered[-3:] == ["billing_configuration", "metadata", "taxes"]


def test_ledger_vat_rate_and_salesforce_always(upsert):
    customer = upsert(external_id="a").json["customer"]

    assert customer["billing_configuration"]["vat_rate"] is None
    assert customer["external_salesforce_id"] is None


def test_ledger_sync_is_echoed(upsert):
    linked = {"payment_provider": "stripe", "provider_customer_id": "cus_1"}
    upsert(external_id="a", billing_configuration=linked)

    silent = upsert(external_id="a").json["customer"]
    asked = upsert(external_id="a", billing_configuration={"sync": False}).json["customer"]

    assert "sync" not in silent["billing_configuration"]
    assert asked["billing_configuration"]["sync"] is False


def test_ledger_page_request_repeated(client, page_request):
    stored = client.post(CUSTOMERS, json=page_request).json["customer"]["metadata"][0]

    repeated = client.post(CUSTOMERS, json=page_request)

    assert repeated.status_code == 422
    assert repeated.json["error_details"] == {"key": ["value_already_exist"]}
    assert f'"id": "{stored["lago_id"]}"' in repeated.headers["Mock-Explanation"]


def test_ledger_unknown_keys_reported(upsert, make_client):
    strict = make_client(unknown_fields="reject")
    body = {"customer": {"external_id": "a", "adress_line1": "x"}}

    dropped = upsert(**body["customer"])
    refused = strict.post(CUSTOMERS, json=body)
    beside = strict.post(CUSTOMERS, json={"customer": {"external_id": "a"}, "custmer": 1})

    assert dropped.status_code == 200
    assert 'did you mean "address_line1"?' in dropped.headers["Mock-Explanation"]
    assert refused.status_code == 422
    assert refused.json["error_details"] == {"adress_line1": ["value_is_invalid"]}
    assert beside.json["error_details"] == {"custmer": ["value_is_invalid"]}


def test_ledger_documented_providers_only(upsert):
    response = upsert(external_id="a", billing_configuration={"payment_provider": "paypal"})

    assert response.json["error_details"] == {"payment_provider": ["value_is_invalid"]}


def test_ledger_documented_methods_only(upsert):
    response = upsert(external_id="a", billing_configuration={"provider_payment_methods": ["link"]})

    assert response.json["error_details"] == {"provider_payment_methods": ["is invalid"]}


def test_ledger_refusal_stores_nothing(upsert, client):
    refused = upsert(
        external_id="a", billing_configuration={"vat_rate": 7, "document_locale": "xx"}
    )

    assert refused.status_code == 422
    assert client.get(f"{CUSTOMERS}/a").status_code == 404
    assert upsert(external_id="b", tax_codes=["tax_7"]).status_code == 404
    assert upsert(external_id="b").json["customer"]["sequential_id"] == 1


def test_ledger_no_crashes(upsert, client):
    text = client.post(CUSTOMERS, json={"customer": "text"})
    number = upsert(external_id="a", net_payment_term=2**31)
    nul = upsert(external_id="a", city="a\0b")
    page = client.get(f"{CUSTOMERS}?page[]=1")

    assert text.status_code == 400
    assert number.json["error_details"] == {"net_payment_term": ["value_is_out_of_range"]}
    assert nul.json["error_details"] == {"city": ["value_is_invalid"]}
    assert page.status_code == 400


def test_ledger_bearer_scheme_only(make_client):
    client = make_client(key=None)

    basic = client.get(CUSTOMERS, headers={"Authorization": "Basic some-key"})
    lower = client.get(CUSTOMERS, headers={"Authorization": "bearer some-key"})

    assert basic.status_code == 401
    assert lower.status_code == 200


def test_ledger_any_key_is_accepted(make_client, make_app):
    app = make_app(api_key=("the-key",))

    assert make_client(key="whatever").get(CUSTOMERS).status_code == 200
    assert make_client(app, key="the-key").get(CUSTOMERS).status_code == 200
    assert make_client(app, key="whatever").get(CUSTOMERS).status_code == 401


def test_ledger_json_bodies_only(client):
    response = client.post(CUSTOMERS, data={"customer[external_id]": "a"})

    assert response.status_code == 400
    assert "application/json" in response.headers["Mock-Explanation"]


def test_ledger_malformed_json_is_answered_in_json(client):
    response = client.post(
        CUSTOMERS, data="{", content_type="application/json", headers={"Accept": "text/html"}
    )

    assert response.status_code == 400
    assert response.json == {"status": 400, "error": "Bad Request"}


def test_ledger_every_answer_is_json(client):
    root = client.get("/")
    options = client.options(CUSTOMERS)
    verb = client.open(CUSTOMERS, method="BREW")
    media_type = client.post(CUSTOMERS, data="{}", content_type="???")

    unrouted = {"status": 404, "error": "Not Found", "code": "resource_not_found"}
    assert root.json == options.json == unrouted
    assert verb.json == {"status": 405, "error": "Method Not Allowed"}
    assert media_type.json == {"status": 406, "error": "Not Acceptable"}


def test_ledger_dot_in_id(upsert, client):
    upsert(external_id="a.b")

    found = client.get(f"{CUSTOMERS}/a.b")
    missed = client.get(f"{CUSTOMERS}/c.d")

    assert found.json["customer"]["external_id"] == "a.b"
    assert "cuts it at the dot" in found.headers["Mock-Explanation"]
    assert "cuts it at the dot" in missed.headers["Mock-Explanation"]


def test_ledger_parallel_creates(upsert):
    winner = upsert(external_id="a")
    loser = upsert(external_id="a")

    assert winner.status_code == loser.status_code == 200
    assert winner.json == loser.json


def test_ledger_provider_is_imitated(upsert, client):
    wish = {"payment_provider": "stripe", "sync_with_provider": True}

    at_once = upsert(external_id="a", billing_configuration={**wish, "sync": True})
    later = upsert(external_id="b", billing_configuration=wish)
    read = client.get(f"{CUSTOMERS}/b")

    made = at_once.json["customer"]["billing_configuration"]["provider_customer_id"]
    assert made.startswith("cus_")
    assert later.json["customer"]["billing_configuration"]["provider_customer_id"] is None
    assert read.json["customer"]["billing_configuration"]["provider_customer_id"] is not None


def test_ledger_unconnected_provider_is_404(make_client, organization_file):
    client = make_client(fixtures=organization_file(payment_providers=[]))
    linked = {"payment_provider": "stripe", "provider_customer_id": "cus_1"}
    customer = {"external_id": "a", "billing_configuration": linked}
    client.post(CUSTOMERS, json={"customer": customer})

    response = client.post(f"{CUSTOMERS}/a/checkout_url")

    assert response.status_code == 404
    assert response.json["code"] == "stripe_payment_provider_not_found"


def test_ledger_links_lead_nowhere(upsert, client):
    linked = {"payment_provider": "stripe", "provider_customer_id": "cus_1"}
    upsert(external_id="a", billing_configuration=linked)

    portal = client.get(f"{CUSTOMERS}/a/portal_url").json["customer"]["portal_url"]
    checkout = client.post(f"{CUSTOMERS}/a/checkout_url").json["customer"]["checkout_url"]

    assert portal.startswith("https://lago.test/customer-portal/")
    assert checkout.startswith("https://checkout.stripe.test/")


def test_ledger_local_origins_allowed(client):
    origin = "http://localhost:5173"

    response = client.get(CUSTOMERS, headers={"Origin": origin})

    assert response.headers["Access-Control-Allow-Origin"] == origin


def test_ledger_faults_by_name(make_app):
    client = make_app().test_client()
    headers = {"Authorization": "Bearer a-key"}
    body = {"customer": {"external_id": "fault-429-times-1"}}

    met = [client.post(CUSTOMERS, json=body, headers=headers).status_code for _ in range(2)]

    assert met == [429, 200]
