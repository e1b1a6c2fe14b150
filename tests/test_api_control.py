"""The control API: what it shows and changes, of one organization or of the whole server."""

from __future__ import annotations

import pytest

PATH = "/api/v1/customers"
ADMIN = "/__admin"
OTHER = "key-of-another"


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def client(app, make_client):
    return make_client(app)


@pytest.fixture
def other(app, make_client):
    return make_client(app, key=OTHER)


@pytest.fixture
def nobody(app, make_client):
    return make_client(app, key=None)


def create(client, *external_ids):
    for external_id in external_ids:
        body = {"customer": {"external_id": external_id}}
        assert client.post(PATH, json=body).status_code == 200


def ids(response):
    return [each["external_id"] for each in response.json["customers"]]


def lago_id(client):
    return client.get(f"{ADMIN}/organizations").json["organizations"][0]["lago_id"]


def pointers(response):
    return [found["pointer"] for found in response.json["explanation"]]


def test_organizations_are_listed_with_what_is_in_them(client, other, nobody):
    create(client, "a", "b")
    other.post(PATH, json={"customer": {"external_id": ""}})

    response = nobody.get(f"{ADMIN}/organizations")

    first, second = response.json["organizations"]
    assert (first["customers_count"], first["requests_count"], first["refused_count"]) == (2, 2, 0)
    assert (second["customers_count"], second["refused_count"]) == (0, 1)
    assert first["prefix"].startswith("LAG-")
    assert "key" not in response.text


def test_an_organization_can_be_named_by_its_identifier_in_place_of_its_key(client, other, nobody):
    create(client, "a")
    create(other, "b")

    response = nobody.get(f"{ADMIN}/customers?organization={lago_id(client)}")

    assert ids(response) == ["a"]


def test_an_identifier_that_names_no_organization_is_not_found(nobody):
    response = nobody.get(f"{ADMIN}/customers?organization=nobody")

    assert response.status_code == 404
    assert response.json["code"] == "organization_not_found"
    assert pointers(response) == ["query organization"]


def test_an_organization_is_made_though_its_key_is_not_accepted(make_app, make_client):
    app = make_app(api_key=("the-key",))
    client = make_client(app, key="key-of-a-test")
    assert client.get(PATH).status_code == 401

    made = client.put(f"{ADMIN}/organization")

    assert made.json["organization"]["customers_count"] == 0
    assert client.get(PATH).status_code == 200


def test_a_forgotten_organization_leaves_nothing_behind(make_app, make_client):
    app = make_app(api_key=("the-key",))
    client = make_client(app, key="key-of-a-test")
    client.put(f"{ADMIN}/organization")
    create(client, "a")

    gone = client.delete(f"{ADMIN}/organization")

    assert gone.json["organization"]["customers_count"] == 1
    assert client.get(PATH).status_code == 401
    assert client.delete(f"{ADMIN}/organization").status_code == 401


def test_an_organization_made_by_hand_has_a_journal_of_its_own_size(client):
    client.put(f"{ADMIN}/organization", json={"journal_size": 2, "body_limit": 3})
    for each in ("one", "two", "three"):
        client.post(PATH, data=each, content_type="text/plain")

    entries = client.get(f"{ADMIN}/requests").json["requests"]

    assert [entry["body"] for entry in entries] == ["two", "thr"]


@pytest.mark.parametrize("path", ["/organization", "/customers/populate", "/snapshot", "/restore"])
def test_what_concerns_one_organization_needs_one(nobody, path):
    method = {"/organization": "DELETE", "/snapshot": "GET"}.get(path, "POST")
    body = {"/customers/populate": {"count": 1}}.get(path)

    response = nobody.open(f"{ADMIN}{path}", method=method, json=body)

    assert response.status_code == 422
    assert pointers(response) == ["header Authorization"]


def test_an_organization_cannot_be_made_without_a_key(nobody):
    response = nobody.put(f"{ADMIN}/organization")

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", ["a", "b", "c"], id="all"),
        pytest.param("?after=1", ["b", "c"], id="after a number"),
        pytest.param("?limit=2", ["b", "c"], id="the latest"),
        pytest.param("?limit=0", [], id="none"),
        pytest.param("?after=1&limit=1", ["c"], id="the latest after a number"),
        pytest.param("?after=99", [], id="after the last"),
    ],
)
def test_a_part_of_the_journal_can_be_asked_for(client, query, found):
    create(client, "a", "b", "c")

    response = client.get(f"{ADMIN}/requests{query}")

    entries = response.json["requests"]
    assert [entry["body"]["customer"]["external_id"] for entry in entries] == found
    assert response.json["meta"] == {"total_count": 3, "last_arrival": 3}


@pytest.mark.parametrize("query", ["after=-1", "limit=x", "after=", f"limit={'9' * 19}", "limit=²"])
def test_a_part_of_the_journal_is_asked_for_by_numbers(client, query):
    response = client.get(f"{ADMIN}/requests?{query}")

    assert response.status_code == 422
    assert pointers(response) == [f"query {query.partition('=')[0]}"]


@pytest.mark.parametrize(
    ("sought", "count"),
    [
        pytest.param({}, 4, id="any"),
        pytest.param({"method": "post"}, 3, id="method in any case"),
        pytest.param({"path": "/customers"}, 3, id="path without its root"),
        pytest.param({"path": "/api/v1/customers/a%2Fb"}, 1, id="whole path"),
        pytest.param({"path": "/customers*"}, 4, id="any text"),
        pytest.param({"path": "customers/*"}, 1, id="any text below"),
        pytest.param({"status": 422}, 1, id="status"),
        pytest.param({"body": {"customer": {"country": "FR"}}}, 1, id="part of the body"),
        pytest.param({"body": {"customer": {"external_id": "x"}}}, 0, id="none"),
    ],
)
def test_requests_are_found_and_counted_by_what_they_are_like(client, sought, count):
    client.post(PATH, json={"customer": {"external_id": "a", "country": "FR"}})
    client.post(PATH, json={"customer": {"external_id": "a/b"}})
    client.post(PATH, json={"customer": {"external_id": ""}})
    client.get(f"{PATH}/a%2Fb")

    found = client.post(f"{ADMIN}/requests/find", json=sought)
    counted = client.post(f"{ADMIN}/requests/count", json=sought)

    assert len(found.json["requests"]) == count
    assert counted.json == {"count": count}


def test_the_journal_is_emptied_of_one_key_only(client, other):
    create(client, "a")
    create(other, "b")

    response = client.delete(f"{ADMIN}/requests")

    assert response.json == {"deleted": 1}
    assert client.get(f"{ADMIN}/requests").json["requests"] == []
    assert len(other.get(f"{ADMIN}/requests").json["requests"]) == 1


def test_the_journal_of_the_whole_server_is_emptied_without_a_key(client, nobody):
    create(client, "a")
    nobody.get(PATH)

    response = nobody.delete(f"{ADMIN}/requests")

    assert response.json == {"deleted": 2}
    assert nobody.get(f"{ADMIN}/requests").json["requests"] == []


def test_a_customer_is_arranged_without_a_request(client):
    response = client.post(f"{ADMIN}/customers", json={"customer": {"external_id": "a"}})

    assert response.json["customer"]["sequential_id"] == 1
    assert client.get(f"{PATH}/a").status_code == 200
    assert [entry["method"] for entry in client.get(f"{ADMIN}/requests").json["requests"]] == [
        "GET"
    ]


def test_a_customer_that_a_request_could_not_make_is_not_arranged_either(client):
    body = {"customer": {"external_id": "a", "country": "France"}}

    response = client.post(f"{ADMIN}/customers", json=body)

    assert response.status_code == 422
    assert response.json["error_details"] == {"country": ["not_a_valid_country_code"]}
    assert response.json["explanation"][0]["suggestion"] == "FR"


def test_customers_of_all_organizations_are_paged_through_one_after_the_other(
    client, other, nobody
):
    create(client, "a", "b", "c")
    create(other, "d", "e")

    pages = [nobody.get(f"{ADMIN}/customers?per_page=2&page={page}") for page in (1, 2, 3)]

    assert [ids(page) for page in pages] == [["a", "b"], ["c", "d"], ["e"]]
    assert pages[1].json["meta"] == {
        "current_page": 2,
        "next_page": 3,
        "prev_page": 1,
        "total_pages": 3,
        "total_count": 5,
    }


def test_deleted_customers_leave_their_numbers_used(client, other):
    create(client, "a", "b")
    create(other, "c")

    response = client.delete(f"{ADMIN}/customers")
    create(client, "a")

    assert response.json == {"deleted": 2}
    assert client.get(f"{PATH}/a").json["customer"]["sequential_id"] == 3
    assert ids(other.get(PATH)) == ["c"]


def test_customers_are_made_up_and_each_would_be_accepted(client, other):
    made = client.post(f"{ADMIN}/customers/populate", json={"count": 30})

    customers = client.get(f"{PATH}?per_page=50").json["customers"]
    assert made.json["count"] == 30
    assert [each["external_id"] for each in customers] == made.json["external_ids"]
    assert [each["sequential_id"] for each in customers] == list(range(1, 31))
    assert all(each["created_at"] < "2026-01-02T03:04:06Z" for each in customers)
    for document in client.get(f"{ADMIN}/snapshot").json["customers"]:
        del document["stored"]
        for item in document.get("metadata", ()):
            del item["id"]
        assert other.post(PATH, json={"customer": document}).status_code == 200


def test_more_customers_are_made_up_beside_those_there_are(client):
    create(client, "cust_000002")

    first = client.post(f"{ADMIN}/customers/populate", json={"count": 2})
    second = client.post(f"{ADMIN}/customers/populate", json={"count": 1})

    assert first.json["external_ids"] == ["cust_000001", "cust_000003"]
    assert second.json["external_ids"] == ["cust_000004"]


def test_every_organization_starts_with_as_many_made_up_customers_as_are_set(make_client):
    client = make_client(populate=120)

    response = client.get(f"{PATH}?per_page=50&page=3")

    assert len(response.json["customers"]) == 20
    assert response.json["meta"]["total_count"] == 120


def test_the_same_seed_makes_up_the_same_customers(make_client):
    first, second = (
        make_client(populate=50, seed="7").get(f"{PATH}?per_page=50") for _ in range(2)
    )
    other = make_client(populate=50, seed="8").get(f"{PATH}?per_page=50")

    assert first.json == second.json != other.json


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        pytest.param("/customers/populate", {}, "/count", id="nothing"),
        pytest.param("/customers/populate", {"count": 0}, "/count", id="too few"),
        pytest.param("/customers/populate", {"count": 100_001}, "/count", id="too many"),
        pytest.param("/customers/populate", {"count": "5"}, "/count", id="text"),
        pytest.param("/customers/populate", {"cuont": 5}, "/count", id="misspelt"),
        pytest.param("/customers/populate", [5], "", id="list"),
        pytest.param("/requests/find", {"path": "/a?b"}, "/path", id="query in a path"),
        pytest.param("/requests/find", {"pth": "/a"}, "/pth", id="unknown key"),
        pytest.param("/faults", {"fault": "429", "times": 0}, "/times", id="no times"),
        pytest.param("/faults", {"fault": "429", "path": "/a?b"}, "/path", id="query"),
    ],
)
def test_a_bad_body_is_refused_with_the_place_of_its_fault(client, path, body, told):
    response = client.post(f"{ADMIN}{path}", json=body)

    assert response.status_code == 422
    assert told in pointers(response)


def test_a_body_that_is_no_json_is_refused(client):
    malformed = client.post(f"{ADMIN}/faults", data="{", content_type="application/json")
    other = client.post(f"{ADMIN}/faults", data="fault=429", content_type="text/plain")

    assert malformed.status_code == 400
    assert malformed.json["explanation"]
    assert other.status_code == 422
    assert pointers(other) == ["header Content-Type"]


def test_settings_are_shown_without_secrets(make_client):
    client = make_client(
        api_key=("key-of-the-tests", "another"), admin_token="open-sesame", seed="7"
    )

    response = client.get(f"{ADMIN}/settings", headers={"Mock-Admin-Token": "open-sesame"})

    settings = response.json["settings"]
    assert settings["seed"] == "7"
    assert settings["api_key"] == 2
    assert settings["admin_token"] is True
    assert "sesame" not in response.text
    assert "another" not in response.text


def test_the_contract_is_shown_with_its_ledger(client):
    contract = client.get(f"{ADMIN}/contract").json["contract"]

    assert contract["version"] == "v0.53"
    assert {"method": "POST", "path": PATH, "summary": "Create or update a customer"} in (
        contract["operations"]
    )
    assert contract["request"]["properties"]["customer"]["required"] == ["external_id"]
    assert contract["ledger"]


def test_health_tells_which_server_it_is_and_needs_no_token(make_client):
    client = make_client(key=None, host="0.0.0.0", admin_token="open-sesame")  # noqa: S104

    response = client.get(f"{ADMIN}/health")

    assert response.json["status"] == "healthy"
    assert response.json["contract"] == "v0.53"
    assert response.json["uptime_seconds"] >= 0


def test_a_reset_starts_one_organization_afresh(client, other):
    create(client, "a")
    create(other, "b")
    client.post(f"{ADMIN}/faults", json={"fault": "500"})
    client.post(f"{ADMIN}/clock/freeze", json={"at": "2020-01-01T00:00:00Z"})

    response = client.post(f"{ADMIN}/reset")

    assert response.json == {"organizations": 1}
    assert client.get(f"{ADMIN}/requests").json["requests"] == []
    assert client.get(f"{ADMIN}/faults").json["faults"] == []
    assert client.get(f"{ADMIN}/clock").json["clock"]["frozen"] is False
    assert ids(client.get(PATH)) == []
    assert ids(other.get(PATH)) == ["b"]


def test_a_reset_without_a_key_starts_the_whole_server_afresh(client, other, nobody):
    create(client, "a")
    create(other, "b")
    nobody.get(PATH)
    nobody.post(f"{ADMIN}/faults", json={"fault": "500"})
    nobody.post(f"{ADMIN}/clock/freeze")

    response = nobody.post(f"{ADMIN}/reset")

    assert response.json == {"organizations": 2}
    assert nobody.get(f"{ADMIN}/requests").json["requests"] == []
    assert ids(client.get(PATH)) == ids(other.get(PATH)) == []
    assert nobody.get(f"{ADMIN}/clock").json["clock"]["frozen"] is False


def test_a_reset_brings_back_the_customers_of_the_fixtures_file(make_client, organization_file):
    client = make_client(fixtures=organization_file([{"external_id": "acme"}]))
    client.delete(f"{PATH}/acme")

    client.post(f"{ADMIN}/reset")

    assert ids(client.get(PATH)) == ["acme"]
    assert client.get(f"{PATH}/acme").json["customer"]["sequential_id"] == 1
