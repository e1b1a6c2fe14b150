"""Customers on cards: what is read is what was written, whatever a client's texts hold."""

from __future__ import annotations

import json
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.clock import stamp
from mockserver.contract import Contract
from mockserver.customers.cards import Cards, shown, tax_codes
from mockserver.customers.record import Customer, MetadataItem, ProviderCustomer
from mockserver.store import MemoryStore

CONTRACT = Contract()
CARDS = Cards(CONTRACT, "UTC")
NOW = "2026-01-02T03:04:05Z"
TAXES = '"taxes":[]'

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.just(TAXES)
times = st.datetimes(timezones=st.just(UTC)).map(stamp)
items = st.builds(MetadataItem, texts, texts, texts, st.booleans(), times)
links = st.builds(
    ProviderCustomer,
    st.booleans(),
    st.none() | texts,
    st.none() | st.lists(texts, max_size=3).map(tuple),
    st.dictionaries(
        st.sampled_from(["sync", "sync_with_provider", "other"]), st.none() | st.booleans()
    ),
)
PLAIN = {"net_payment_term": st.none() | st.integers(0, 2**31 - 1)}
BILLING = {
    "vat_rate": st.none() | st.floats(0, 100),
    "invoice_grace_period": PLAIN["net_payment_term"],
    "payment_provider": st.sampled_from([None, "stripe", "gocardless", "adyen"]),
}
customers = st.builds(
    Customer,
    texts,
    texts,
    st.integers(1, 2**63 - 1),
    texts,
    times,
    times,
    st.fixed_dictionaries({name: PLAIN.get(name, st.none() | texts) for name in CONTRACT.defaults}),
    st.fixed_dictionaries(
        {name: BILLING.get(name, st.none() | texts) for name in CONTRACT.billing_defaults}
    ),
    st.lists(items, max_size=3, unique_by=lambda item: item.key).map(tuple),
    st.dictionaries(texts, st.integers(1, 9), max_size=3),
    st.dictionaries(st.sampled_from(["stripe", "gocardless", "adyen"]), links),
    st.lists(texts, max_size=3).map(tuple),
)


def _customer(external_id, number, **more):
    return Customer(
        lago_id=f"id of {external_id}",
        external_id=external_id,
        sequential_id=number,
        slug=f"LAG-{number:03d}",
        created_at=NOW,
        updated_at=NOW,
        attributes=CONTRACT.defaults,
        **{"billing": CONTRACT.billing_defaults, **more},
    )


def _link(**more):
    return ProviderCustomer(**{"linked": True, **more})


@pytest.mark.parametrize(
    ("provider", "link"),
    [
        pytest.param(
            "stripe",
            _link(provider_customer_id="cus_1", payment_methods=("card",)),
            id="all is shown",
        ),
        pytest.param("stripe", _link(linked=False, payment_methods=("card",)), id="not linked"),
        pytest.param("adyen", _link(payment_methods=("card",)), id="methods not shown"),
        pytest.param("adyen", _link(settings={"other": True}), id="other flag"),
    ],
)
def test_a_provider_is_read_from_a_card_as_it_was_written(provider, link):
    billing = {**CONTRACT.billing_defaults, "payment_provider": provider}
    customer = _customer("acme", 1, billing=billing, providers={provider: link})

    _, card = CARDS.written(customer)

    assert CARDS.read(card) == customer


@settings(deadline=None)
@given(customers)
def test_a_customer_read_from_its_card_is_the_one_written(customer):
    _, card = CARDS.written(customer)

    assert CARDS.read(card) == customer


@settings(deadline=None)
@given(customers)
def test_taxes_stand_where_they_belong_whatever_the_texts_hold(customer):
    _, card = CARDS.written(customer)

    answer = json.loads(shown(card, lambda code: json.dumps(code).encode()))

    assert tuple(answer["taxes"]) == tax_codes(card) == customer.tax_codes
    assert (answer["name"], answer["slug"]) == (customer.attributes["name"], customer.slug)


@pytest.fixture
def store():
    """A store with five customers, put in another order than that of their numbers."""
    store = MemoryStore(CARDS)
    for number in (3, 1, 5, 2, 4):
        store.put(_customer(f"c{number}", number, tax_codes=("vat",)))
    return store


def _names(store):
    return [customer.external_id for customer in store]


def test_customers_stand_in_the_order_of_their_numbers(store):
    assert _names(store) == ["c1", "c2", "c3", "c4", "c5"]
    assert store.names(2) == ["c1", "c2"]
    assert store.next_number() == 6


@pytest.mark.parametrize(
    ("start", "size", "expected"),
    [
        pytest.param(0, 2, ["c1", "c2"], id="first"),
        pytest.param(1, 3, ["c2", "c3", "c4"], id="middle"),
        pytest.param(4, 2, ["c5"], id="last"),
        pytest.param(5, 2, [], id="beyond"),
        pytest.param(10**30, 10**30, [], id="far beyond"),
        pytest.param(2, 0, [], id="of no size"),
    ],
)
def test_a_page_begins_anywhere(store, start, size, expected):
    page = store.page(start, size)

    assert [CARDS.read(card).external_id for card in page] == expected


def test_a_changed_customer_keeps_its_place(store):
    store.put(_customer("c2", 2, tax_codes=("vat", "other")))

    assert _names(store) == ["c1", "c2", "c3", "c4", "c5"]
    assert (store.uses("vat"), store.uses("other")) == (5, 1)


def test_a_deleted_customer_leaves_its_number_used_and_its_name_free(store):
    store.delete(store.get("c5"))

    assert _names(store) == ["c1", "c2", "c3", "c4"]
    assert (store.get("c5"), store.card("c5")) == (None, None)
    assert (store.next_number(), store.generation("c5"), store.uses("vat")) == (6, 1, 4)
    assert store.deleted() == {"c5": 1}


def test_customers_with_one_number_are_told_apart_when_one_is_deleted(store):
    twin = _customer("twin", 3)
    store.put(twin)

    store.delete(twin)

    assert _names(store) == ["c1", "c2", "c3", "c4", "c5"]


def test_a_customer_is_found_by_its_lago_id_and_not_by_a_mention_of_it(store):
    mention = CONTRACT.defaults | {"name": "id of c4"}
    store.put(_customer("c1", 1)._replace(attributes=mention))

    assert store.owner("id of c4", ["c1", "c2", "c4"]) == "c4"
    assert store.owner("id of c4", ["c1", "c2"]) is None


def test_a_cleared_store_remembers_names_and_numbers(store):
    store.clear()

    assert (len(store), _names(store), store.page(0, 9)) == (0, [], [])
    assert (store.next_number(), store.generation("c3"), store.uses("vat")) == (6, 1, 0)
