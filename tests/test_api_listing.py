"""The list operation: pages as Lago reads their parameters, order, and what is gone from it."""

from __future__ import annotations

import pytest

PATH = "/api/v1/customers"
NOTHING = {
    "current_page": 0,
    "next_page": None,
    "prev_page": None,
    "total_pages": 0,
    "total_count": 0,
}


def _meta(current, following, preceding, pages, total):
    return dict(zip(NOTHING, (current, following, preceding, pages, total), strict=True))


ALL = (0, 27, _meta(1, None, None, 1, 27))
FALLBACK = (0, 25, _meta(1, 2, None, 2, 27))
BEYOND = (0, 0, NOTHING)


@pytest.fixture
def many(client, upsert):
    """A client of 27 customers, ``c0`` to ``c26``."""
    for number in range(27):
        upsert(external_id=f"c{number}")
    return client


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("", ALL, id="nothing asked"),
        pytest.param("page=1", ALL, id="first page"),
        pytest.param("per_page=10", (0, 10, _meta(1, 2, None, 3, 27)), id="first of three"),
        pytest.param("per_page=10&page=2", (10, 10, _meta(2, 3, 1, 3, 27)), id="in the middle"),
        pytest.param("per_page=10&page=3", (20, 7, _meta(3, None, 2, 3, 27)), id="last of three"),
        pytest.param("per_page=27", ALL, id="just as many as there are"),
        pytest.param("per_page=1000000", ALL, id="no maximum"),
        pytest.param("per_page=9223372036854775807", ALL, id="largest size"),
        pytest.param("per_page=abc", FALLBACK, id="size in letters"),
        pytest.param("per_page=-5", FALLBACK, id="negative size"),
        pytest.param("per_page=", FALLBACK, id="empty size"),
        pytest.param("per_page=26abc", (0, 26, _meta(1, 2, None, 2, 27)), id="size with letters"),
        pytest.param("per_page=0", BEYOND, id="size zero"),
        pytest.param("page=0", ALL, id="page zero"),
        pytest.param("page=-1", ALL, id="negative page"),
        pytest.param("page=abc", ALL, id="page in letters"),
        pytest.param("page=", ALL, id="empty page"),
        pytest.param("page=2", BEYOND, id="just beyond the end"),
        pytest.param("page=99&per_page=10", BEYOND, id="far beyond the end"),
        pytest.param("page=9223372036854775807", BEYOND, id="largest page"),
        pytest.param("page=2&per_page=9223372036854775807", BEYOND, id="largest page and size"),
        pytest.param(
            "page=2abc&per_page=25", (25, 2, _meta(2, None, 1, 2, 27)), id="page with letters"
        ),
        pytest.param("search_term=c1&external_id=c1", ALL, id="filters of later versions"),
        pytest.param("currencies[]=EUR&whatever=1", ALL, id="unknown parameters"),
    ],
)
def test_a_page_holds_what_lago_would_list(many, query, expected):
    start, count, meta = expected

    response = many.get(f"{PATH}?{query}")

    assert response.status_code == 200
    listed = [customer["external_id"] for customer in response.json["customers"]]
    assert listed == [f"c{number}" for number in range(start, start + count)]
    assert response.json["meta"] == meta
    assert list(response.json["meta"]) == list(NOTHING)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("page[]=1", id="list of pages"),
        pytest.param("page%5B%5D=1", id="list of pages, escaped"),
        pytest.param("page[number]=1", id="object of pages"),
        pytest.param("per_page[]=1", id="list of sizes"),
        pytest.param("page=9223372036854775808", id="page beyond 64 bits"),
        pytest.param("per_page=9223372036854775808", id="size beyond 64 bits"),
        pytest.param("page=" + "9" * 5000, id="page of 5000 digits"),
    ],
)
def test_parameters_that_lago_fails_on_are_refused(client, query):
    response = client.get(f"{PATH}?{query}")

    assert response.status_code == 400
    assert response.json == {"status": 400, "error": "Bad Request"}
    assert "query p" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    ("query", "where", "read"),
    [
        pytest.param("per_page=abc", "per_page", "read as 25", id="size in letters"),
        pytest.param("per_page=26abc", "per_page", "read as 26", id="size with letters"),
        pytest.param("per_page=0", "per_page", "read as 0", id="size zero"),
        pytest.param("page=0", "page", "read as 1", id="page zero"),
        pytest.param("page=-1", "page", "read as 1", id="negative page"),
        pytest.param("page=", "page", "read as 1", id="empty page"),
    ],
)
def test_an_odd_number_is_remarked_on(client, query, where, read):
    response = client.get(f"{PATH}?{query}")

    assert response.status_code == 200
    assert response.headers["Mock-Explanation"].startswith(f"query {where}: [number] came ")
    assert read in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="nothing asked"),
        pytest.param("page=1&per_page=50", id="plain numbers"),
        pytest.param("page=77", id="page beyond the end"),
    ],
)
def test_a_plain_page_is_not_remarked_on(client, query):
    response = client.get(f"{PATH}?{query}")

    assert "Mock-Explanation" not in response.headers


def test_the_list_of_nobody_is_empty_and_all_zeros(client):
    response = client.get(PATH)

    assert response.json == {"customers": [], "meta": NOTHING}


def test_a_hundred_customers_are_listed_unless_asked_otherwise(client, upsert):
    for number in range(101):
        upsert(external_id=f"c{number}")

    response = client.get(PATH)

    assert len(response.json["customers"]) == 100
    assert response.json["meta"] == _meta(1, 2, None, 2, 101)


def test_customers_are_listed_in_the_order_of_their_creation(client, upsert):
    for external_id in ("b", "c", "a"):
        upsert(external_id=external_id)

    response = client.get(PATH)

    assert [each["external_id"] for each in response.json["customers"]] == ["b", "c", "a"]


def test_an_update_moves_no_customer_in_the_list(client, upsert):
    for external_id in ("b", "c", "a", "b"):
        upsert(external_id=external_id, name=f"again {external_id}")

    response = client.get(PATH)

    assert [each["external_id"] for each in response.json["customers"]] == ["b", "c", "a"]


def test_a_deleted_customer_is_gone_from_the_list(client, upsert):
    upsert(external_id="a")
    upsert(external_id="b")
    client.delete(f"{PATH}/a")

    response = client.get(PATH)

    assert [each["external_id"] for each in response.json["customers"]] == ["b"]
    assert response.json["meta"]["total_count"] == 1


def test_a_customer_created_again_is_listed_last(client, upsert):
    upsert(external_id="a")
    upsert(external_id="b")
    client.delete(f"{PATH}/a")
    upsert(external_id="a")

    response = client.get(PATH)

    assert [each["external_id"] for each in response.json["customers"]] == ["b", "a"]


def test_a_listed_customer_is_the_customer_that_is_read_alone(client, page_request):
    client.post(PATH, json=page_request)
    external_id = page_request["customer"]["external_id"]

    response = client.get(PATH)

    alone = client.get(f"{PATH}/{external_id}")
    assert response.json["customers"] == [alone.json["customer"]]
    assert list(response.json["customers"][0]) == list(alone.json["customer"])


def test_of_a_parameter_sent_twice_the_last_counts(client, upsert):
    for number in range(3):
        upsert(external_id=f"c{number}")

    response = client.get(f"{PATH}?per_page=9&per_page=2&page=1&page=2")

    assert [each["external_id"] for each in response.json["customers"]] == ["c2"]


def test_parameters_that_are_not_read_are_remarked_on(client):
    response = client.get(f"{PATH}?perpage=5")

    assert response.status_code == 200
    assert "query perpage: [unknown]" in response.headers["Mock-Explanation"]
    assert 'did you mean "per_page"?' in response.headers["Mock-Explanation"]


def test_a_page_size_must_start_with_its_digit_but_a_page_need_not(client, upsert):
    for number in range(30):
        upsert(external_id=f"c{number}")

    response = client.get(f"{PATH}?per_page=%205&page=%20%2B2")

    assert len(response.json["customers"]) == 5
    assert response.json["meta"]["current_page"] == 2
