"""Which request reaches which operation, what is checked first, and what the rest is told."""

from __future__ import annotations

from urllib.parse import quote

import pytest

PATH = "/api/v1/customers"
NOT_FOUND = {"status": 404, "error": "Not Found", "code": "resource_not_found"}
MALFORMED = {"status": 400, "error": "Bad Request"}
BROKEN_JSON = {"data": b'{"customer": ', "content_type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/", id="root"),
        pytest.param("GET", "/api/v1", id="API root"),
        pytest.param("GET", "/api/v1/invoices", id="other resource"),
        pytest.param("GET", "/api/v2/customers", id="other version of the API"),
        pytest.param("GET", "/ready", id="readiness of later versions"),
        pytest.param("GET", "/favicon.ico", id="favicon"),
        pytest.param("GET", "/API/V1/CUSTOMERS", id="upper case"),
        pytest.param("GET", f"{PATH}/acme/invoices", id="other sub-resource"),
        pytest.param("GET", f"{PATH}/acme/portal_url/more", id="path behind a route"),
        pytest.param("PUT", PATH, id="put on the collection"),
        pytest.param("PATCH", PATH, id="patch on the collection"),
        pytest.param("DELETE", PATH, id="delete on the collection"),
        pytest.param("PUT", f"{PATH}/acme", id="put on a customer"),
        pytest.param("PATCH", f"{PATH}/acme", id="patch on a customer"),
        pytest.param("POST", f"{PATH}/acme", id="post on a customer"),
        pytest.param("POST", f"{PATH}/acme/portal_url", id="post on the portal"),
        pytest.param("GET", f"{PATH}/acme/checkout_url", id="get on the checkout"),
        pytest.param("POST", "/health", id="post on the health check"),
        pytest.param("OPTIONS", PATH, id="options"),
        pytest.param("TRACE", PATH, id="trace"),
        pytest.param("PROPFIND", PATH, id="method of WebDAV"),
    ],
)
def test_what_is_not_routed_is_not_found_even_without_a_key(make_client, method, path):
    client = make_client(key=None)

    response = client.open(path, method=method)

    assert response.status_code == 404
    assert response.json == NOT_FOUND


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(PATH, id="known path"),
        pytest.param("/nowhere", id="unknown path"),
    ],
)
def test_a_method_that_http_does_not_know_is_not_allowed(make_client, path):
    client = make_client(key=None)

    response = client.open(path, method="BREW")

    assert response.status_code == 405
    assert response.json["status"] == 405
    assert response.json["error"] == "Method Not Allowed"


@pytest.mark.parametrize(
    ("method", "path", "meant"),
    [
        pytest.param("GET", "/customers", PATH, id="prefix left out"),
        pytest.param("GET", "/v1/customers", PATH, id="half of the prefix"),
        pytest.param("GET", "/api/v1/customer", PATH, id="singular"),
        pytest.param("GET", "/api/v1/custmers", PATH, id="misspelt"),
        pytest.param("GET", "/API/V1/CUSTOMERS", PATH, id="upper case"),
        pytest.param("GET", "/openapi", "/openapi.json", id="suffix left out"),
        pytest.param("GET", "/heath", "/health", id="health misspelt"),
        pytest.param("GET", "/__admin/request", "/__admin/requests", id="journal misspelt"),
    ],
)
def test_a_path_near_a_served_one_is_told_which(client, method, path, meant):
    response = client.open(path, method=method)

    assert response.status_code == 404
    assert f'did you mean "{meant}"?' in response.headers["Mock-Explanation"]


def test_a_path_like_no_other_is_told_what_is_served(client):
    response = client.get("/x")

    assert "did you mean" not in response.headers["Mock-Explanation"]
    assert PATH in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    ("method", "path", "served"),
    [
        pytest.param("DELETE", PATH, "GET, HEAD, POST", id="delete on the collection"),
        pytest.param("POST", f"{PATH}/acme", "DELETE, GET, HEAD", id="post on a customer"),
        pytest.param("GET", f"{PATH}/acme/checkout_url", "POST", id="get on the checkout"),
    ],
)
def test_a_method_that_a_path_lacks_is_told_which_it_has(client, method, path, served):
    response = client.open(path, method=method)

    assert f"a method that this path answers: {served}" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize("method", [pytest.param(each, id=each) for each in ("PUT", "PATCH")])
def test_who_updates_by_another_method_is_told_to_post(client, method):
    response = client.open(f"{PATH}/acme", method=method)

    assert f"POST {PATH}" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/nowhere", id="unrouted path"),
        pytest.param("PUT", PATH, id="unrouted method"),
        pytest.param("POST", PATH, id="upsert without a key"),
        pytest.param("GET", PATH, id="list without a key"),
        pytest.param("GET", "/health", id="route that needs no key"),
    ],
)
def test_malformed_json_is_refused_before_route_and_key(make_client, method, path):
    client = make_client(key=None)

    response = client.open(path, method=method, **BROKEN_JSON)

    assert response.status_code == 400
    assert response.json == MALFORMED


@pytest.mark.parametrize(
    "accept",
    [
        pytest.param("application/json", id="JSON"),
        pytest.param("*/*", id="anything"),
        pytest.param("text/html", id="html"),
        pytest.param("image/png", id="pictures"),
    ],
)
def test_malformed_json_is_answered_in_json_whatever_is_accepted(client, accept):
    response = client.post(PATH, headers={"Accept": accept}, **BROKEN_JSON)

    assert response.status_code == 400
    assert response.json == MALFORMED


def test_a_missing_key_is_refused_before_a_missing_customer(make_client):
    client = make_client(key=None)

    response = client.post(PATH, json={})

    assert response.status_code == 401


def test_a_missing_customer_is_refused_with_a_key(client):
    response = client.post(PATH, json={})

    assert response.status_code == 400
    assert response.json == {
        "status": 400,
        "error": "BadRequest: param is missing or the value is empty: customer",
    }


def test_malformed_json_that_is_not_announced_as_json_is_not_read(client):
    response = client.get(PATH, data=b"{", content_type="text/plain")

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("POST", PATH, id="upsert"),
        pytest.param("GET", "/nowhere", id="unrouted path"),
    ],
)
def test_a_content_type_that_is_no_media_type_is_not_acceptable(client, method, path):
    response = client.open(path, method=method, data=b"{}", content_type="???")

    assert response.status_code == 406
    assert response.json["status"] == 406
    assert "application/json" in response.headers["Mock-Explanation"]


def test_a_body_beyond_the_limit_is_refused_in_json(client):
    response = client.post(PATH, data=b" " * 10_485_761, content_type="application/json")

    assert response.status_code == 413
    assert response.json["status"] == 413


@pytest.mark.parametrize(
    "external_id",
    [
        pytest.param("a/b", id="slash"),
        pytest.param("/", id="slash alone"),
        pytest.param("a//b/", id="several slashes"),
        pytest.param("a b", id="space"),
        pytest.param(" a ", id="spaces around"),
        pytest.param("München-東京", id="beyond ASCII"),
        pytest.param("🎟", id="beyond the basic plane"),
        pytest.param("100%", id="percent sign"),
        pytest.param("a%2Fb", id="an escape, escaped"),
        pytest.param("a+b", id="plus"),
        pytest.param("a?b#c", id="question mark and hash"),
        pytest.param("a;b=c,d", id="semicolon"),
        pytest.param("a\\b\"c'", id="backslash and quotes"),
        pytest.param("<{id}>", id="brackets"),
        pytest.param("portal_url", id="the name of a route"),
        pytest.param("a\nb", id="line break"),
    ],
)
def test_an_identifier_is_found_by_its_escaped_form(client, upsert, external_id):
    upsert(external_id=external_id)

    response = client.get(f"{PATH}/{quote(external_id, safe='')}")

    assert response.status_code == 200
    assert response.json["customer"]["external_id"] == external_id


def test_an_identifier_with_a_slash_has_a_portal_too(client, upsert):
    upsert(external_id="a/b")

    response = client.get(f"{PATH}/a%2Fb/portal_url")

    assert response.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/api/v1/customers/acme/", id="trailing slash"),
        pytest.param("/api/v1/customers/acme///", id="trailing slashes"),
        pytest.param("/api//v1///customers//acme", id="doubled slashes"),
        pytest.param("/api/v1/customers/acm%65", id="needless escapes"),
        pytest.param("/api/v1/customers/acme?a=b", id="query"),
    ],
)
def test_paths_that_mean_the_same_find_the_same(client, upsert, path):
    upsert(external_id="acme")

    response = client.get(path)

    assert response.status_code == 200
    assert response.json["customer"]["external_id"] == "acme"


def test_a_customer_is_created_at_a_path_with_a_trailing_slash(client):
    response = client.post(f"{PATH}/", json={"customer": {"external_id": "acme"}})

    assert response.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("a.b", id="literal dot"),
        pytest.param("a%2Eb", id="escaped dot"),
        pytest.param("a%2eb", id="escaped dot in lower case"),
    ],
)
def test_an_identifier_with_a_dot_is_found_whole(client, upsert, path):
    upsert(external_id="a.b")

    response = client.get(f"{PATH}/{path}")

    assert response.status_code == 200
    assert response.json["customer"]["external_id"] == "a.b"


@pytest.mark.parametrize(
    ("external_id", "path"),
    [
        pytest.param("a.b", "a.b", id="literal dot"),
        pytest.param("a.json", "a.json", id="what looks like a format"),
        pytest.param("a.b.c", "a.b%2Ec", id="literal dot before an escaped one"),
    ],
)
def test_a_literal_dot_is_remarked_on(client, upsert, external_id, path):
    upsert(external_id=external_id)

    response = client.get(f"{PATH}/{path}")

    assert response.status_code == 200
    assert "%2E" in response.headers["Mock-Explanation"]


def test_an_escaped_dot_is_not_remarked_on(client, upsert):
    upsert(external_id="a.b")

    response = client.get(f"{PATH}/a%2Eb")

    assert "Mock-Explanation" not in response.headers


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param("ACME", id="other case"),
        pytest.param("acm", id="part"),
        pytest.param("acme%20", id="space behind"),
        pytest.param("%FF", id="no UTF-8"),
        pytest.param("%00", id="NUL"),
        pytest.param("%zz", id="broken escape"),
    ],
)
def test_an_identifier_is_matched_exactly(client, upsert, wanted):
    upsert(external_id="acme")

    response = client.get(f"{PATH}/{wanted}")

    assert response.status_code == 404
    assert response.json["code"] == "customer_not_found"


def test_a_head_request_is_answered_like_get_without_a_body(client, upsert):
    upsert(external_id="acme")
    read = client.get(f"{PATH}/acme")

    response = client.head(f"{PATH}/acme")

    assert response.status_code == 200
    assert response.data == b""
    assert response.headers["ETag"] == read.headers["ETag"]
    assert response.headers["Content-Length"] == read.headers["Content-Length"]


def test_the_health_check_answers_in_lagos_words(make_client):
    client = make_client(key=None)

    response = client.get("/health")

    assert list(response.json) == ["version", "github_url", "message"]
    assert response.json["message"] == "Success"


def test_the_description_lists_exactly_the_routes_of_the_customer_resource(client):
    response = client.get("/openapi.json")

    routes = {
        (method, path)
        for path, operations in response.json["paths"].items()
        for method in operations
        if path.startswith("/api/")
    }
    assert routes == {
        ("post", PATH),
        ("get", PATH),
        ("get", f"{PATH}/{{external_id}}"),
        ("delete", f"{PATH}/{{external_id}}"),
        ("get", f"{PATH}/{{external_id}}/portal_url"),
        ("post", f"{PATH}/{{external_id}}/checkout_url"),
    }
