"""Faults on demand: what breaks, for whom, how often, and who is told."""

from __future__ import annotations

import pytest

PATH = "/api/v1/customers"
FAULTS = "/__admin/faults"


@pytest.fixture
def inject(client):
    """Inject a fault into the organization of the client."""

    def post(fault, **wanted):
        response = client.post(FAULTS, json={"fault": fault, **wanted})
        assert response.status_code == 200
        return response.json["fault"]

    return post


def status_of(client, external_id="a", **headers):
    body = {"customer": {"external_id": external_id}}
    return client.post(PATH, json=body, headers=headers).status_code


def entries(client):
    return client.get("/__admin/requests").json["requests"]


@pytest.fixture
def unheld(app):
    """A client whose answers are not held against the contract: an injected one may be any."""
    app.test_client_class = None
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer key-of-the-tests"
    return client


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def client(app, make_client):
    return make_client(app)


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        ("400", {"status": 400, "error": "Bad Request"}),
        ("401", {"status": 401, "error": "Unauthorized"}),
        ("403", {"status": 403, "error": "Forbidden", "code": "feature_unavailable"}),
        ("404", {"status": 404, "error": "Not Found", "code": "customer_not_found"}),
        ("413", {"status": 413, "error": "Payload Too Large"}),
        (
            "422",
            {
                "status": 422,
                "error": "Unprocessable Entity",
                "code": "validation_errors",
                "error_details": {"external_id": ["value_already_exist"]},
            },
        ),
        (
            "429",
            {"status": 429, "error": "Too Many Requests", "code": "too_many_provider_requests"},
        ),
        ("500", {"status": 500, "error": "Internal Server Error"}),
        ("503", {"status": 503, "error": "Service Unavailable"}),
        ("499", {"status": 499, "error": "Error"}),
    ],
)
def test_a_status_comes_with_lagos_own_body_and_nothing_is_done(unheld, fault, body):
    unheld.post(FAULTS, json={"fault": fault, "times": 1})

    response = unheld.post(PATH, json={"customer": {"external_id": "a"}})

    assert response.status_code == int(fault)
    assert response.json == body
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert "fault 1 of the control API" in response.headers["Mock-Explanation"]
    assert unheld.get(f"{PATH}/a").status_code == 404


def test_too_many_requests_say_when_to_come_again(unheld):
    unheld.post(FAULTS, json={"fault": "429"})

    response = unheld.get(PATH)

    assert response.headers["x-ratelimit-limit"] == "1"
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert response.headers["x-ratelimit-reset"] == "1"


def test_only_the_next_so_many_requests_meet_it(unheld):
    unheld.post(FAULTS, json={"fault": "500", "times": 2})

    met = [status_of(unheld) for _ in range(3)]

    (fault,) = unheld.get(FAULTS).json["faults"]
    assert met == [500, 500, 200]
    assert (fault["times"], fault["left"], fault["met"]) == (2, 0, 2)


@pytest.mark.parametrize(
    ("wanted", "met"),
    [
        pytest.param({}, ["POST a", "POST a/b", "GET a/b", "GET"], id="any"),
        pytest.param({"method": "get"}, ["GET a/b", "GET"], id="method"),
        pytest.param({"path": "/customers"}, ["POST a", "POST a/b", "GET"], id="path"),
        pytest.param({"path": "/api/v1/customers/*"}, ["GET a/b"], id="path with any text"),
        pytest.param({"external_id": "a/b"}, ["POST a/b", "GET a/b"], id="external_id"),
        pytest.param({"method": "POST", "external_id": "a"}, ["POST a"], id="both"),
        pytest.param({"method": None, "path": "/nowhere"}, [], id="none"),
    ],
)
def test_only_the_requests_that_match_meet_it(unheld, wanted, met):
    unheld.post(FAULTS, json={"fault": "500", **wanted})

    answers = {
        "POST a": unheld.post(PATH, json={"customer": {"external_id": "a"}}),
        "POST a/b": unheld.post(PATH, json={"customer": {"external_id": "a/b"}}),
        "GET a/b": unheld.get(f"{PATH}/a%2Fb"),
        "GET": unheld.get(PATH),
    }

    assert [name for name, answer in answers.items() if answer.status_code == 500] == met


@pytest.mark.parametrize("body", [{"customer": {"external_id": 5}}, {"customer": 5}, [5], 5])
def test_a_body_without_an_external_id_is_not_about_any(unheld, body):
    unheld.post(FAULTS, json={"fault": "500", "external_id": "5"})

    response = unheld.post(PATH, json=body)

    assert response.status_code in {400, 422}


def test_malformed_json_meets_faults_too(unheld):
    unheld.post(FAULTS, json={"fault": "503"})

    response = unheld.post(PATH, data="{", content_type="application/json")

    assert response.status_code == 503


def test_no_other_key_meets_it(unheld):
    unheld.post(FAULTS, json={"fault": "500"})

    response = unheld.get(PATH, headers={"Authorization": "Bearer another"})

    assert response.status_code == 200


def test_without_a_key_a_fault_is_for_all(app, make_client):
    nobody = make_client(app, key=None)
    nobody.post(FAULTS, json={"fault": "401"})

    response = make_client(app).get(PATH)

    assert response.status_code == 401


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/__admin/health", "/nowhere"])
def test_only_lagos_api_meets_faults(client, inject, path):
    inject("reset")

    response = client.get(path)

    assert response.status_code in {200, 404}


def test_a_delay_lets_the_request_take_place_later(client, inject):
    inject("delay 30")

    assert status_of(client) == 200

    (entry,) = entries(client)
    assert entry["milliseconds"] >= 30
    assert entry["fault"] == "delay 30"
    assert "30 ms" in entry["explanation"][0]["note"]


def test_delays_within_a_range_are_the_same_again_by_the_seed(make_client):
    def delays():
        client = make_client(seed="7")
        client.post(FAULTS, json={"fault": "delay 0-30"})
        for _ in range(5):
            client.get(PATH)
        return [entry["explanation"][0]["note"] for entry in entries(client)]

    first = delays()

    assert first == delays()
    assert len(set(first)) > 1


def test_a_request_may_be_delayed_and_then_fail(unheld):
    unheld.post(FAULTS, json={"fault": "delay 5"})
    unheld.post(FAULTS, json={"fault": "500"})
    unheld.post(FAULTS, json={"fault": "503"})

    response = unheld.get(PATH)

    faults = unheld.get(FAULTS).json["faults"]
    assert response.status_code == 500
    assert [fault["met"] for fault in faults] == [1, 1, 0]


def test_a_fault_of_the_server_comes_after_one_of_the_organization(app, unheld):
    organization = app.test_client()
    organization.post(FAULTS, json={"fault": "503"})
    unheld.post(FAULTS, json={"fault": "500"})

    assert unheld.get(PATH).status_code == 500


def test_a_reset_connection_is_an_error_in_process_and_nothing_is_done(client, inject):
    inject("reset", times=1)

    with pytest.raises(ConnectionResetError):
        status_of(client)

    (entry,) = entries(client)
    assert (entry["status"], entry["fault"]) == (0, "reset")
    assert client.get(f"{PATH}/a").status_code == 404


@pytest.mark.parametrize("fault", ["truncate", "invalid_json"])
def test_a_broken_answer_follows_a_request_that_took_place(unheld, fault):
    unheld.post(FAULTS, json={"fault": fault, "times": 1})

    response = unheld.post(PATH, json={"customer": {"external_id": "a"}})

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        response.get_json(force=True, silent=False)
    assert unheld.get(f"{PATH}/a").status_code == 200


def test_a_status_may_be_given_as_a_number(unheld):
    fault = unheld.post(FAULTS, json={"fault": 429}).json["fault"]

    assert fault["fault"] == "429"
    assert status_of(unheld) == 429


def test_a_fault_is_taken_away(client, inject):
    fault = inject("500")

    removed = client.delete(f"{FAULTS}/{fault['id']}")

    assert removed.json["fault"]["id"] == fault["id"]
    assert status_of(client) == 200
    again = client.delete(f"{FAULTS}/{fault['id']}")
    assert again.status_code == 404
    assert again.json["code"] == "fault_not_found"


def test_all_faults_are_taken_away(client, inject):
    inject("500")
    inject("reset")

    removed = client.delete(FAULTS)

    assert removed.json == {"deleted": 2}
    assert status_of(client) == 200


@pytest.mark.parametrize(
    ("fault", "suggestion"),
    [
        ("rest", "reset"),
        ("truncated", "truncate"),
        ("200", None),
        ("delay", None),
        ("delay 9-3", None),
        ("delay 60001", None),
        ("", None),
    ],
)
def test_what_is_no_fault_is_refused_with_what_may_be_meant(client, fault, suggestion):
    response = client.post(FAULTS, json={"fault": fault})

    (found,) = response.json["explanation"]
    assert response.status_code == 422
    assert (found["pointer"], found["suggestion"]) == ("/fault", suggestion)


def test_a_header_asks_for_faults(unheld):
    response = unheld.get(PATH, headers={"Mock-Fault": "delay 5, 503"})

    assert response.status_code == 503
    assert "the header Mock-Fault" in response.headers["Mock-Explanation"]
    assert unheld.get(PATH).status_code == 200


def test_a_header_that_asks_for_nothing_there_is_is_refused(client):
    response = client.get(PATH, headers={"Mock-Fault": "rest"})

    assert response.status_code == 400
    assert 'did you mean "reset"?' in response.headers["Mock-Explanation"]


def test_what_is_no_request_that_could_be_read_meets_no_fault(client, inject):
    fault = inject("delay 1", times=1)

    response = client.post(PATH, data=b"{}", content_type="???")

    assert response.status_code == 406
    assert client.get(FAULTS).json["faults"] == [fault]


def test_a_header_asks_for_faults_without_a_key_too(make_client):
    response = make_client(key=None).get(PATH, headers={"Mock-Fault": "delay 1"})

    assert response.status_code == 401
    assert "asked for by the header Mock-Fault" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize("fault", ["503", "delay-5", "truncate", "invalid-json"])
def test_an_external_id_asks_for_a_fault_by_its_name(unheld, fault):
    unheld.post(PATH, json={"customer": {"external_id": f"fault-{fault}"}})
    unheld.get(f"{PATH}/fault-{fault}")

    name = {"delay-5": "delay 5", "invalid-json": "invalid_json"}.get(fault, fault)
    assert [entry["fault"] for entry in entries(unheld)] == [name, name]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("POST", PATH, b'{"customer": {"external_id": "\\u0066ault-503"}}', id="body"),
        pytest.param("GET", f"{PATH}/%66ault%2D503", None, id="path"),
    ],
)
def test_an_escaped_external_id_asks_for_a_fault_like_any(unheld, method, path, body):
    response = unheld.open(path, method=method, data=body, content_type="application/json")

    assert response.status_code == 503


def test_an_external_id_asks_for_a_fault_so_many_times(unheld):
    met = [status_of(unheld, "fault-503-times-2") for _ in range(3)]

    assert met == [503, 503, 200]
    assert unheld.get(f"{PATH}/fault-503-times-2").status_code == 200


@pytest.mark.parametrize("external_id", ["fault-", "fault-line", "fault-503-times-", "default-503"])
def test_other_names_are_customers_like_any(client, external_id):
    assert status_of(client, external_id) == 200


def test_a_reset_lets_an_external_id_ask_again(unheld):
    before = [status_of(unheld, "fault-503-times-1") for _ in range(2)]
    unheld.post("/__admin/reset")

    after = status_of(unheld, "fault-503-times-1")

    assert before == [503, 200]
    assert after == 503
