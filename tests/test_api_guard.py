"""Who may use the control API: nobody from another site, nor from elsewhere without the token."""

from __future__ import annotations

import pytest

PATH = "/api/v1/customers"
ADMIN = "/__admin"


@pytest.fixture
def app(make_app):
    return make_app()


def test_a_page_of_another_site_cannot_reset(app, make_client):
    client = make_client(app)
    client.post(PATH, json={"customer": {"external_id": "a"}})
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    response = client.post(f"{ADMIN}/reset", headers=headers)

    assert response.status_code == 403
    assert response.json["explanation"][0]["pointer"] == "header Origin"
    assert client.get(f"{PATH}/a").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="program"),
        pytest.param({"Origin": "http://localhost"}, 200, id="own origin"),
        pytest.param({"Origin": "http://localhost:5173"}, 403, id="another port"),
        pytest.param({"Origin": "null"}, 403, id="origin that is hidden"),
        pytest.param({"Origin": "https://evil.example"}, 403, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-origin"}, 200, id="own page"),
        pytest.param({"Sec-Fetch-Site": "none"}, 200, id="typed address"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="page on another port"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="page of another site"),
        pytest.param({"Host": "127.0.0.1:3000"}, 200, id="address of this machine"),
        pytest.param({"Host": "[::1]:3000"}, 200, id="IPv6 address of this machine"),
        pytest.param({"Host": "lago.localhost"}, 200, id="name below localhost"),
        pytest.param({"Host": "evil.example"}, 403, id="name of another"),
        pytest.param({"Host": "localhost.evil.example"}, 403, id="name like localhost"),
        pytest.param({"Host": "10.0.0.1"}, 403, id="address of another"),
    ],
)
def test_a_request_must_not_come_from_another_site(app, make_client, headers, status):
    client = make_client(app)

    response = client.get(f"{ADMIN}/faults", headers=headers)

    assert response.status_code == status
    known = make_client(app, key=None).get(f"{ADMIN}/organizations").json["organizations"]
    assert len(known) == (status == 200), "a refused request made an organization"


def test_the_name_that_the_server_is_bound_to_is_its_own(make_client):
    client = make_client(host="127.0.0.5")

    response = client.get(f"{ADMIN}/faults", headers={"Host": "127.0.0.5:3000"})

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/", {"Sec-Fetch-Mode": "navigate"}, 200, id="link to the page"),
        pytest.param("/", {"Sec-Fetch-Mode": "cors"}, 403, id="fetch of the page"),
        pytest.param("/faults", {"Sec-Fetch-Mode": "navigate"}, 403, id="link to more"),
    ],
)
def test_a_link_on_another_site_may_lead_to_the_page(make_client, path, headers, status):
    client = make_client()

    response = client.get(f"{ADMIN}{path}", headers={"Sec-Fetch-Site": "cross-site", **headers})

    assert response.status_code == status


def test_beyond_this_machine_the_control_api_is_off(make_client):
    client = make_client(host="0.0.0.0")  # noqa: S104

    response = client.get(f"{ADMIN}/requests")
    refused = client.post(PATH, json={"customer": {"external_id": "", "x" * 999: 1}})

    assert response.status_code == 403
    assert "--admin-token" in response.json["explanation"][0]["note"]
    assert "/__admin" not in refused.headers["Mock-Explanation"]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param("open-sesame", 200, id="right"),
        pytest.param("open-barley", 401, id="wrong"),
        pytest.param("öpen", 401, id="no ASCII"),
        pytest.param(None, 401, id="missing"),
    ],
)
def test_where_there_is_a_token_it_is_asked_for(make_client, host, token, status):
    client = make_client(host=host, admin_token="open-sesame")
    headers = {} if token is None else {"Mock-Admin-Token": token}

    response = client.get(f"{ADMIN}/requests", headers={"Host": "mock.internal", **headers})

    assert response.status_code == status
    assert "barley" not in response.text
    assert "sesame" not in response.text


def test_the_page_itself_needs_no_token(make_client):
    client = make_client(host="0.0.0.0", admin_token="open-sesame")  # noqa: S104

    response = client.get(f"{ADMIN}/")

    assert response.status_code == 200
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_a_part_of_the_page_that_there_is_not_is_not_found(make_client):
    response = make_client().get(f"{ADMIN}/page/..%2Fcli.py")

    assert response.status_code == 404


def test_the_page_is_at_an_address_that_ends_with_a_slash(make_app):
    response = make_app().test_client().get(ADMIN)

    assert response.status_code == 302
    assert response.headers["Location"] == f"{ADMIN}/"


def test_the_files_of_the_page_are_served_as_what_they_are(make_client):
    client = make_client()

    types = {
        name: client.get(f"{ADMIN}/page/{name}").headers["Content-Type"]
        for name in ("page.css", "page.js", "icon.svg")
    }

    assert types == {
        "page.css": "text/css; charset=utf-8",
        "page.js": "text/javascript; charset=utf-8",
        "icon.svg": "image/svg+xml; charset=utf-8",
    }


def test_the_document_names_the_token_wherever_it_is_asked_for(make_client):
    client = make_client(admin_token="open-sesame")
    described = client.get("/openapi.json").json
    operations = [
        (method.upper(), path.replace("{", "").replace("}", ""), operation["security"])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/__admin")
    ]

    asked = {
        each[:2] for each in operations if client.open(each[1], method=each[0]).status_code == 401
    }

    named = {each[:2] for each in operations if any("admin_token" in way for way in each[2])}
    assert named == asked
    assert described["components"]["securitySchemes"]["admin_token"]["name"] == "Mock-Admin-Token"
