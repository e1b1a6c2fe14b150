"""The request journal: what it remembers, for whom, and what never gets into it."""

from __future__ import annotations

import json

import pytest

PATH = "/api/v1/customers"
JOURNAL = "/__admin/requests"
KEYS = [
    "id",
    "arrival",
    "organization",
    "at",
    "method",
    "path",
    "query",
    "body",
    "status",
    "milliseconds",
    "fault",
    "answer",
    "explanation",
]
FINDING_KEYS = [
    "pointer",
    "rule",
    "refused",
    "field",
    "code",
    "given",
    "sent",
    "note",
    "suggestion",
    "line",
]


def _strict(text):
    """Return the JSON value of *text*, which must hold no NaN and no Infinity."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _ids(response):
    return [entry["id"] for entry in response.json["requests"]]


def test_the_journal_of_a_new_server_is_empty(client):
    response = client.get(JOURNAL)

    assert response.json == {"requests": [], "meta": {"total_count": 0, "last_arrival": 0}}


def test_an_entry_tells_request_and_answer(client):
    body = {"customer": {"external_id": "acme", "currency": "EURO"}}
    client.post(f"{PATH}/?a=b%20c", json=body, headers={"X-Request-Id": "one"})

    response = client.get(JOURNAL)

    (entry,) = response.json["requests"]
    assert list(entry) == KEYS
    assert entry["milliseconds"] >= 0
    assert entry["explanation"]
    assert entry["answer"]["error_details"] == {"currency": ["value_is_invalid"]}
    assert entry | {"milliseconds": 0, "explanation": [], "answer": None} == {
        "id": "one",
        "arrival": 1,
        "organization": client.get("/__admin/organizations").json["organizations"][0]["lago_id"],
        "at": "2026-01-02T03:04:05Z",
        "method": "POST",
        "path": f"{PATH}/",
        "query": "a=b%20c",
        "body": body,
        "status": 422,
        "milliseconds": 0,
        "fault": None,
        "answer": None,
        "explanation": [],
    }


def test_an_entry_explains_each_fault_in_full(client):
    client.post(PATH, json={"customer": {"external_id": "acme", "currency": "EURO"}})

    response = client.get(JOURNAL)

    (finding,) = response.json["requests"][0]["explanation"]
    assert list(finding) == FINDING_KEYS
    assert finding["pointer"] == "/customer/currency"
    assert finding["rule"] == "enum"
    assert finding["refused"] is True
    assert (finding["field"], finding["code"]) == ("currency", "value_is_invalid")
    assert (finding["given"], finding["sent"]) == ("EURO", True)
    assert finding["line"].startswith("/customer/currency: [enum] came ")


def test_an_entry_tells_a_null_that_came_from_nothing_that_came(client):
    client.post(PATH, json={"customer": {"external_id": None}})
    client.post(PATH, json={"customer": {"name": "Acme"}})

    response = client.get(JOURNAL)

    null, nothing = (entry["explanation"][0] for entry in response.json["requests"])
    assert (null["given"], null["sent"]) == (None, True)
    assert (nothing["given"], nothing["sent"]) == (None, False)


def test_an_entry_shows_remarks_of_a_request_that_succeeded(client):
    client.post(PATH, json={"customer": {"external_id": "acme", "nmae": "Acme"}})

    response = client.get(JOURNAL)

    (entry,) = response.json["requests"]
    assert entry["status"] == 200
    assert entry["explanation"][0]["refused"] is False
    assert entry["explanation"][0]["suggestion"] == "name"


@pytest.mark.parametrize(
    ("body", "content_type", "kept"),
    [
        pytest.param(b"", "application/json", None, id="nothing"),
        pytest.param(b"[1, null]", "application/json", [1, None], id="JSON"),
        pytest.param(b'{"a":', "application/json", '{"a":', id="malformed JSON"),
        pytest.param(b"a=b", "application/x-www-form-urlencoded", "a=b", id="a form"),
        pytest.param(b"\xff", "text/plain", "\ufffd", id="no UTF-8"),
    ],
)
def test_a_body_is_kept_as_the_value_or_text_it_was(client, body, content_type, kept):
    client.post(PATH, data=body, content_type=content_type)

    response = client.get(JOURNAL)

    assert response.json["requests"][0]["body"] == kept


def test_a_long_body_is_cut_after_16_kib(client):
    client.post(PATH, data=b"x" * 20_000, content_type="text/plain")

    response = client.get(JOURNAL)

    assert response.json["requests"][0]["body"] == "x" * 16_384


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"customer": {"external_id": NaN}}', id="not a number"),
        pytest.param(b"[Infinity, -Infinity]", id="infinity"),
        pytest.param(b"[1e999]", id="number beyond a double"),
        pytest.param(b"9" * 5000, id="number of 5000 digits"),
        pytest.param(rb'{"customer": {"external_id": "\ud800"}}', id="half a surrogate pair"),
        pytest.param(b"[" * 8000 + b"]" * 8000, id="deep nesting"),
        pytest.param(b"[" * 900 + b"]" * 900, id="nesting a little too deep"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b'{"a": "\x00"}', id="raw control character"),
    ],
)
def test_the_journal_stays_readable_whatever_came(client, body):
    client.post(PATH, data=body, content_type="application/json", headers={"X-Request-Id": "odd"})

    response = client.get(JOURNAL)

    assert response.status_code == 200
    assert _strict(response.data)["requests"][0]["id"] == "odd"


@pytest.mark.parametrize("value", [pytest.param(each, id=each) for each in ("nan", "Infinity")])
def test_the_journal_suggests_nothing_that_json_cannot_hold(client, value):
    settings = {"vat_rate": value}
    client.post(PATH, json={"customer": {"external_id": "a", "billing_configuration": settings}})

    response = client.get(JOURNAL)

    assert _strict(response.data)["requests"][0]["explanation"][0]["suggestion"] is None


def test_requests_are_listed_in_the_order_of_their_arrival(client):
    for number in range(3):
        client.get(PATH, headers={"X-Request-Id": f"r{number}"})

    response = client.get(JOURNAL)

    assert _ids(response) == ["r0", "r1", "r2"]
    assert response.json["meta"] == {"total_count": 3, "last_arrival": 3}


def test_the_journal_remembers_no_more_than_its_size(make_client):
    client = make_client(journal_size=3)
    for number in range(5):
        client.get(PATH, headers={"X-Request-Id": f"r{number}"})

    response = client.get(JOURNAL)

    assert _ids(response) == ["r2", "r3", "r4"]


def test_a_journal_of_size_zero_remembers_nothing(make_client):
    client = make_client(journal_size=0)
    client.get(PATH)

    response = client.get(JOURNAL)

    assert _ids(response) == []


def test_the_journal_of_requests_without_a_key_is_bounded_too(make_client):
    client = make_client(key=None, journal_size=3)
    for number in range(5):
        client.get(PATH, headers={"X-Request-Id": f"r{number}"})

    response = client.get(JOURNAL)

    assert _ids(response) == ["r2", "r3", "r4"]


def test_reading_the_journal_is_not_in_the_journal(client):
    client.get(JOURNAL)

    response = client.get(JOURNAL)

    assert _ids(response) == []


def test_a_refused_look_into_the_journal_is_not_in_the_journal(client):
    refused = client.get(f"{JOURNAL}/nothing")

    response = client.get(JOURNAL)

    assert refused.status_code == 404
    assert _ids(response) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/nowhere", 404, id="unrouted path"),
        pytest.param("PUT", PATH, 404, id="unrouted method"),
        pytest.param("BREW", PATH, 405, id="unknown method"),
        pytest.param("GET", "/health", 200, id="route without a key"),
    ],
)
def test_a_request_of_any_kind_is_in_the_journal_of_its_key(client, method, path, status):
    client.open(path, method=method)

    response = client.get(JOURNAL)

    (entry,) = response.json["requests"]
    assert (entry["method"], entry["path"], entry["status"]) == (method, path, status)


def test_one_request_is_found_by_its_request_id(client):
    client.get(PATH, headers={"X-Request-Id": "one"})
    client.get("/nowhere", headers={"X-Request-Id": "two"})

    response = client.get(f"{JOURNAL}/two")

    assert list(response.json) == ["request"]
    assert response.json["request"]["path"] == "/nowhere"


def test_of_two_requests_with_one_id_the_latest_is_found(client):
    client.get(PATH, headers={"X-Request-Id": "one"})
    client.get("/nowhere", headers={"X-Request-Id": "one"})

    response = client.get(f"{JOURNAL}/one")

    assert response.json["request"]["path"] == "/nowhere"


def test_a_request_id_that_the_journal_lacks_is_not_found(client):
    response = client.get(f"{JOURNAL}/nothing")

    assert response.status_code == 404
    answer = dict(response.json)
    explanation = answer.pop("explanation")
    assert answer == {"status": 404, "error": "Not Found", "code": "request_not_found"}
    assert [found["pointer"] for found in explanation] == ["path request_id"]


def test_the_journal_of_a_key_shows_no_request_of_another(make_app, make_client):
    app = make_app()
    make_client(app, key="first-key").get(PATH, headers={"X-Request-Id": "one"})
    second = make_client(app, key="second-key")

    response = second.get(JOURNAL)

    assert _ids(response) == []
    assert second.get(f"{JOURNAL}/one").status_code == 404


def test_without_a_key_the_requests_of_the_whole_server_are_listed(make_app, make_client, clock):
    app = make_app()
    for number, key in enumerate(("first-key", None, "second-key", "first-key")):
        make_client(app, key=key).get(PATH, headers={"X-Request-Id": f"r{number}"})
        clock.advance(seconds=1)
    keyless = make_client(app, key=None)
    keyless.environ_base.pop("HTTP_AUTHORIZATION", None)

    response = keyless.get(JOURNAL)

    assert _ids(response) == ["r0", "r1", "r2", "r3"]
    assert keyless.get(f"{JOURNAL}/r2").status_code == 200


def test_requests_in_one_tick_of_the_clock_are_listed_as_they_arrived(make_app, make_client):
    app = make_app()
    for number, key in enumerate(("first-key", None, "second-key", "first-key")):
        make_client(app, key=key).get(PATH, headers={"X-Request-Id": f"r{number}"})

    response = make_client(app, key=None).get(JOURNAL)

    assert _ids(response) == ["r0", "r1", "r2", "r3"]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no key"),
        pytest.param({"Authorization": "Bearer wrong-key"}, id="wrong key"),
        pytest.param({"Authorization": "Basic a-key"}, id="wrong scheme"),
    ],
)
def test_an_unauthorized_request_is_in_the_journal_of_the_whole_server(make_client, headers):
    client = make_client(key=None, api_key=("a-key",))
    client.get(PATH, headers={"X-Request-Id": "one", **headers})

    response = client.get(JOURNAL)

    (entry,) = response.json["requests"]
    assert (entry["id"], entry["status"]) == ("one", 401)
    assert entry["explanation"][0]["pointer"] == "header Authorization"


def test_an_unrouted_request_without_a_key_is_in_the_journal_of_the_whole_server(make_client):
    client = make_client(key=None)
    client.get("/nowhere?a=b", headers={"X-Request-Id": "one"})

    response = client.get(JOURNAL)

    (entry,) = response.json["requests"]
    assert (entry["id"], entry["path"], entry["query"]) == ("one", "/nowhere", "a=b")


@pytest.mark.parametrize(
    "host",
    [pytest.param(each, id=each) for each in ("127.0.0.1", "127.1.2.3", "localhost", "::1")],
)
def test_the_journal_needs_no_key_where_only_this_machine_reaches_the_server(make_client, host):
    client = make_client(key=None, host=host)

    response = client.get(JOURNAL)

    assert response.status_code == 200


def test_a_wrong_key_does_not_open_the_journal(make_client):
    client = make_client(key="wrong-key", api_key=("a-key",))

    response = client.get(JOURNAL)

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        pytest.param("GET", f"{PATH}?page=1&api_key=sk-secret", None, id="query"),
        pytest.param("GET", f"{PATH}?page=sk-secret", None, id="any parameter of the query"),
        pytest.param("GET", f"{PATH}/sk-secret", None, id="path"),
        pytest.param("POST", PATH, {"customer": {"external_id": "sk-secret"}}, id="value"),
        pytest.param("POST", PATH, {"customer": {"sk-secret": 1}}, id="key of an object"),
        pytest.param("POST", PATH, {"customer": {"currency": "sk-secret"}}, id="refused value"),
        pytest.param("POST", PATH, {"customer": {"taxes": [{"a": "sk-secret"}]}}, id="deep inside"),
    ],
)
def test_the_key_of_a_request_never_gets_into_the_journal(make_client, method, target, body):
    client = make_client(key="sk-secret")
    client.open(target, method=method, json=body)

    response = client.get(JOURNAL)

    assert response.json["meta"] == {"total_count": 1, "last_arrival": 1}
    assert "sk-secret" not in response.text
    assert "[redacted]" in response.text


def test_the_key_is_blotted_out_in_its_escaped_form_too(make_client):
    client = make_client(key="sk/secret+1")
    client.get(f"{PATH}/sk%2Fsecret%2B1?page=sk%2Fsecret%2B1")

    response = client.get(JOURNAL)

    assert "secret" not in response.text


@pytest.mark.parametrize(
    "name",
    [pytest.param(each, id=each) for each in ("api_key", "API-KEY", "access_token", "auth")],
)
def test_a_parameter_named_like_a_key_is_blotted_out(client, name):
    client.get(f"{PATH}?a=1&{name}=another-secret&b=2")

    response = client.get(JOURNAL)

    assert response.json["requests"][0]["query"] == f"a=1&{name}=[redacted]&b=2"


def test_a_refused_key_never_gets_into_the_journal(make_client):
    client = make_client(key="sk-secret", api_key=("a-key",))
    client.post(f"{PATH}?x=sk-secret", json={"key": "sk-secret"})
    del client.environ_base["HTTP_AUTHORIZATION"]

    response = client.get(JOURNAL)

    assert response.json["meta"] == {"total_count": 1, "last_arrival": 1}
    assert "sk-secret" not in response.text


def test_no_large_part_of_a_key_survives_the_cut_of_a_long_body(make_client):
    key = "0123456789abcdef0123456789abcdef0123"
    client = make_client(key=key)
    client.post(PATH, data="x" * 10 + key * 1000, content_type="text/plain")

    response = client.get(JOURNAL)

    assert key[:12] not in response.text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("1234", 12345, id="number in a number"),
        pytest.param("1234", 1234, id="number"),
        pytest.param("true", True, id="true"),
        pytest.param("null", [None], id="null"),
        pytest.param("[[[[", [[[[1]]]], id="brackets"),
    ],
)
def test_a_key_that_looks_like_a_value_hinders_no_answer(make_client, key, value):
    client = make_client(key=key)

    response = client.post(PATH, json={"customer": {"external_id": "acme", "name": value}})

    assert response.status_code == 422
    assert client.get(JOURNAL).json["meta"] == {"total_count": 1, "last_arrival": 1}


def test_a_key_sent_without_a_scheme_is_not_kept_either(make_client):
    client = make_client(key=None)
    headers = {"Authorization": "sk-secret", "X-Request-Id": "sk-secret"}
    client.post(f"{PATH}?x=sk-secret", json={"name": "sk-secret"}, headers=headers)

    response = client.get(JOURNAL)

    assert response.json["meta"] == {"total_count": 1, "last_arrival": 1}
    assert "sk-secret" not in response.text


def test_a_key_is_not_kept_however_it_is_escaped(make_client):
    client = make_client(key="sk-secret")
    body = b'{"customer": {"external_id": "\\u0073k-secret"}}'
    client.post(f"{PATH}?a=%73k-secret", data=body, content_type="application/json")
    client.get(f"{PATH}/%73k-secret")

    response = client.get(JOURNAL)

    assert response.json["meta"] == {"total_count": 2, "last_arrival": 2}
    assert "sk-secret" not in response.text
    assert "%73k-secret" not in response.text


def test_a_short_key_leaves_names_alone(make_client):
    client = make_client(key="acme")
    client.post(PATH, json={"customer": {"external_id": "acme"}})

    (entry,) = client.get(JOURNAL).json["requests"]

    assert entry["body"] == {"customer": {"external_id": "acme"}}


def test_an_entry_keeps_a_bounded_part_of_a_large_fault(client):
    client.post(PATH, json={"customer": {"external_id": "a", "name": [0] * 100_000}})

    response = client.get(JOURNAL)

    assert len(response.data) < 40_000
    assert response.json["requests"][0]["explanation"][0]["given"].endswith("...")


def test_an_entry_keeps_a_bounded_number_of_findings(client):
    strange = {f"key{number}": 1 for number in range(1000)}
    client.post(PATH, json={"customer": {"external_id": "a", **strange}})

    (entry,) = client.get(JOURNAL).json["requests"]

    assert len(entry["explanation"]) == 100


def test_a_request_refused_for_its_key_is_found_by_its_id_with_an_accepted_one(
    make_app, make_client
):
    app = make_app(api_key=("the-key",))
    make_client(app, key="wrong").get(PATH, headers={"X-Request-Id": "lost"})

    response = make_client(app, key="the-key").get(f"{JOURNAL}/lost")

    assert response.json["request"]["status"] == 401


def test_a_header_that_is_no_bearer_key_opens_no_journal(make_client):
    response = make_client(key=None).get(JOURNAL, headers={"Authorization": "Token me"})

    assert response.status_code == 401


def test_a_journal_under_many_requests_stays_bounded_and_keeps_no_key(make_app):
    app = make_app(journal_size=100)
    client = app.test_client()
    headers = {"Authorization": "Bearer sk-secret-key"}
    body = {"customer": {"external_id": "acme", "name": "sk-secret-key"}}

    for _ in range(1000):
        client.post(PATH, json=body, headers=headers)

    response = client.get(JOURNAL)
    assert response.json["meta"] == {"total_count": 100, "last_arrival": 1000}
    assert "sk-secret-key" not in response.text


def test_the_picture_that_browsers_ask_for_is_in_no_journal(client):
    response = client.get("/favicon.ico")

    assert response.status_code == 404
    assert client.get("/__admin/requests").json["requests"] == []


def test_of_many_findings_the_journal_keeps_the_first(client, upsert):
    upsert(external_id="a", **{f"unknown_{number}": 1 for number in range(150)})

    (entry,) = client.get("/__admin/requests").json["requests"]
    assert len(entry["explanation"]) == 100


@pytest.mark.parametrize(
    ("key", "name"),
    [
        pytest.param("abc/def/secret", rb"abc\/def\/secret", id="slashes escaped, as by PHP"),
        pytest.param("abc&def>secret", rb"abc&def>secret", id="letters that answers escape"),
        pytest.param('abc"def-secret', rb"abc\"def-secret", id="a quote"),
    ],
)
def test_a_key_is_in_no_journal_however_json_writes_it(make_client, key, name):
    client = make_client(key=key)
    body = b'{"customer": {"external_id": "a", "name": "%b"}}' % name

    client.post("/api/v1/customers", data=body, content_type="application/json")

    (entry,) = client.get("/__admin/requests").json["requests"]
    assert entry["body"]["customer"]["name"] == "[redacted]"
    assert entry["answer"]["customer"]["name"] == "[redacted]"
