"""Sixteen threads at once: numbers without gaps, one customer each, nobody else's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

CUSTOMERS = "/api/v1/customers"
THREADS = 16
# These depend on who came first; everything else depends on seed, key and request alone.
NUMBERED = ("sequential_id", "slug")


@pytest.fixture
def all_at_once(make_client):
    """Call a function with a client of *app* and a number, in 16 threads that start together."""

    def run(app, work, *, threads=THREADS, keys=None):
        barrier = Barrier(threads)
        names = keys or ["one-key"] * threads
        clients = [make_client(app, key=name) for name in names]

        def started(number):
            barrier.wait(timeout=30)
            return work(clients[number], number)

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(started, range(threads)))

    return run


def post(client, **attributes):
    return client.post(CUSTOMERS, json={"customer": attributes})


def listed(client):
    """Return the customers by external_id, without what depends on the order of their creation."""
    answer = client.get(f"{CUSTOMERS}?per_page=1000").json
    assert answer["meta"]["total_count"] == len(answer["customers"])
    kept = [
        {key: value for key, value in customer.items() if key not in NUMBERED}
        for customer in answer["customers"]
    ]
    return sorted(kept, key=lambda customer: customer["external_id"])


def requested(number):
    """Return the request of one of 200 customers, no two alike."""
    return {
        "external_id": f"customer-{number:03d}",
        "name": f"Customer {number}",
        "country": ("FR", "us", "DE", None)[number % 4],
        "metadata": [{"key": f"k{index}", "value": str(number)} for index in range(number % 3)],
        "tax_codes": ["french_standard_vat"] if number % 2 else [],
        "billing_configuration": {
            "payment_provider": ("stripe", "gocardless", "adyen")[number % 3],
            "sync_with_provider": True,
            "sync": number % 5 == 0,
            **({"vat_rate": number % 7} if number % 2 == 0 else {}),
        },
    }


def test_parallel_creates_of_different_customers_number_them_without_gaps(make_app, all_at_once):
    def create_ten(client, number):
        return [post(client, external_id=f"{number}-{index}").json for index in range(10)]

    answers = all_at_once(make_app(), create_ten)

    customers = [answer["customer"] for own in answers for answer in own]
    numbers = sorted(customer["sequential_id"] for customer in customers)
    assert numbers == list(range(1, 161))
    assert len({customer["lago_id"] for customer in customers}) == 160
    assert all(each["slug"].endswith(f"-{each['sequential_id']:03d}") for each in customers)


def test_parallel_creates_of_one_external_id_make_one_customer(make_app, make_client, all_at_once):
    app = make_app()

    answers = all_at_once(app, lambda client, _: post(client, external_id="acme"))

    assert [answer.status_code for answer in answers] == [200] * THREADS
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json["customer"]["sequential_id"] == 1
    assert len(listed(make_client(app, key="one-key"))) == 1


def test_parallel_updates_of_one_customer_lose_no_field(make_app, make_client, all_at_once):
    fields = ["name", "city", "state", "zipcode", "email", "phone", "url", "logo_url"]
    app = make_app()
    client = make_client(app, key="one-key")
    post(client, external_id="acme")

    all_at_once(
        app,
        lambda own, number: post(own, external_id="acme", **{fields[number]: f"by {number}"}),
        threads=len(fields),
    )

    customer = client.get(f"{CUSTOMERS}/acme").json["customer"]
    assert [customer[field] for field in fields] == [f"by {n}" for n in range(len(fields))]


def test_parallel_posts_of_one_metadata_key_let_one_through(make_app, make_client, all_at_once):
    app = make_app()
    client = make_client(app, key="one-key")
    post(client, external_id="acme")

    answers = all_at_once(
        app,
        lambda own, _: post(own, external_id="acme", metadata=[{"key": "k", "value": "v"}]),
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200, *[422] * (THREADS - 1)]
    assert len(client.get(f"{CUSTOMERS}/acme").json["customer"]["metadata"]) == 1


def test_parallel_vat_rates_make_one_tax_that_counts_all_its_customers(
    make_app, make_client, all_at_once
):
    app = make_app()

    all_at_once(
        app,
        lambda own, number: post(
            own, external_id=str(number), billing_configuration={"vat_rate": 12.5}
        ),
    )

    taxes = [customer["taxes"][0] for customer in listed(make_client(app, key="one-key"))]
    assert {tax["customers_count"] for tax in taxes} == {THREADS}
    assert len({tax["lago_id"] for tax in taxes}) == 1


def test_parallel_creates_and_deletes_never_give_a_number_twice(make_app, all_at_once):
    def come_and_go(client, number):
        made = []
        for _ in range(5):
            made.append(post(client, external_id=f"c{number}").json["customer"])
            client.delete(f"{CUSTOMERS}/c{number}")
        return made

    customers = [each for own in all_at_once(make_app(), come_and_go) for each in own]

    assert sorted(each["sequential_id"] for each in customers) == list(range(1, 81))
    assert len({each["lago_id"] for each in customers}) == 80


def test_200_customers_are_the_same_in_whatever_order_they_come(make_app, make_client, all_at_once):
    serial, shuffled, parallel = (make_app(seed="the seed") for _ in range(3))
    serially, shuffledly = (make_client(app, key="one-key") for app in (serial, shuffled))

    for number in range(200):
        post(serially, **requested(number))
        post(shuffledly, **requested(number * 37 % 200))
    all_at_once(
        parallel,
        lambda own, number: [post(own, **requested(n)) for n in range(number, 200, THREADS)],
    )

    expected = listed(serially)
    assert len(expected) == 200
    assert listed(shuffledly) == expected
    assert listed(make_client(parallel, key="one-key")) == expected


def test_one_external_id_under_eight_keys_is_eight_customers(make_app, make_client, all_at_once):
    app = make_app()
    keys = [f"key-{number}" for number in range(8)]

    answers = all_at_once(
        app,
        lambda own, number: post(own, external_id="acme", name=f"of {number}"),
        threads=8,
        keys=keys,
    )

    customers = [answer.json["customer"] for answer in answers]
    names = [[customer["name"] for customer in listed(make_client(app, key=key))] for key in keys]
    assert [customer["sequential_id"] for customer in customers] == [1] * 8
    assert len({customer["lago_id"] for customer in customers}) == 8
    assert names == [[f"of {number}"] for number in range(8)]


def test_two_organizations_never_see_each_other(make_app, make_client):
    app = make_app()
    ours, theirs = (make_client(app, key=key) for key in ("ours", "theirs"))
    item = {"key": "k", "value": "v"}
    made = post(
        ours, external_id="acme", metadata=[item], billing_configuration={"vat_rate": 7}
    ).json["customer"]

    unseen = theirs.get(f"{CUSTOMERS}/acme")
    undeleted = theirs.delete(f"{CUSTOMERS}/acme")
    untaxed = post(theirs, external_id="b", tax_codes=["tax_7"])
    copied = post(theirs, external_id="b", metadata=[item | {"id": made["metadata"][0]["lago_id"]}])

    assert [each.status_code for each in (unseen, undeleted, untaxed)] == [404] * 3
    assert copied.json["customer"]["metadata"][0]["lago_id"] != made["metadata"][0]["lago_id"]
    assert copied.json["customer"]["slug"] != made["slug"]
    assert ours.get(f"{CUSTOMERS}/acme").json["customer"] == made
    assert [each["external_id"] for each in listed(ours)] == ["acme"]
    assert [each["external_id"] for each in listed(theirs)] == ["b"]
