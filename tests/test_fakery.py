"""Made-up values: always the same for the same names, never the same for others."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.fakery import Fakery

MAKERS = [
    pytest.param(lambda fakery, name: fakery.uuid("customer", name), id="uuid"),
    pytest.param(lambda fakery, name: fakery.token(32, "checkout", name), id="token"),
    pytest.param(lambda fakery, name: fakery.signature(name), id="signature"),
    pytest.param(
        lambda fakery, name: fakery.provider_customer_id("stripe", name), id="Stripe customer"
    ),
    pytest.param(
        lambda fakery, name: fakery.provider_customer_id("gocardless", name),
        id="GoCardless customer",
    ),
    pytest.param(
        lambda fakery, name: fakery.provider_customer_id("adyen", name), id="Adyen customer"
    ),
]


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_seed_key_and_name_give_the_same_value(make):
    assert make(Fakery("lago", "key"), "acme") == make(Fakery("lago", "key"), "acme")


@pytest.mark.parametrize("make", MAKERS)
def test_a_value_does_not_depend_on_what_was_made_before(make):
    fakery = Fakery("lago", "key")
    first = make(fakery, "acme")
    for name in ("other", "another"):
        make(fakery, name)

    again = make(fakery, "acme")

    assert again == first


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("other", "name"),
    [
        pytest.param(Fakery("other", "key"), "acme", id="other seed"),
        pytest.param(Fakery("lago", "other"), "acme", id="other key"),
        pytest.param(Fakery("lago", "key"), "other", id="other name"),
        pytest.param(Fakery("key", "lago"), "acme", id="seed and key exchanged"),
        pytest.param(Fakery("lagok", "ey"), "acme", id="same letters split elsewhere"),
    ],
)
def test_another_seed_key_or_name_gives_another_value(make, other, name):
    assert make(other, name) != make(Fakery("lago", "key"), "acme")


@given(st.text(), st.text(), st.text(), st.integers())
def test_every_uuid_is_a_valid_random_one(seed, key, name, number):
    made = Fakery(seed, key).uuid(name, number)

    assert str(UUID(made)) == made
    assert UUID(made).version == 4


@pytest.mark.parametrize(
    ("provider", "style"),
    [
        pytest.param("stripe", r"cus_[A-Za-z0-9]{14}", id="Stripe"),
        pytest.param("gocardless", r"CU[A-Z0-9]{12}", id="GoCardless"),
        pytest.param("adyen", r"[A-Z0-9]{16}", id="Adyen"),
    ],
)
def test_a_provider_customer_id_has_the_style_of_its_provider(provider, style):
    made = Fakery("lago", "key").provider_customer_id(provider, "acme")

    assert re.fullmatch(style, made)


def test_a_token_has_the_length_asked_for():
    made = Fakery("lago", "key").token(32, "checkout")

    assert re.fullmatch(r"[A-Za-z0-9]{32}", made)


def test_a_signature_is_forty_hexadecimal_digits():
    made = Fakery("lago", "key").signature("text")

    assert re.fullmatch(r"[0-9a-f]{40}", made)


def test_a_thousand_names_give_a_thousand_uuids():
    fakery = Fakery("lago", "key")

    made = {fakery.uuid("customer", number) for number in range(1000)}

    assert len(made) == 1000


def test_threads_get_the_values_that_one_thread_gets():
    alone = Fakery("lago", "key")
    names = [f"name-{number % 50}" for number in range(2000)]
    expected = [(alone.uuid(name), alone.token(16, name)) for name in names]
    shared = Fakery("lago", "key")

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda name: (shared.uuid(name), shared.token(16, name)), names))

    assert made == expected


def test_chance_goes_on_beyond_what_one_name_gives():
    fakery = Fakery("seed", "key")

    long, longer = fakery.token(300, "a"), fakery.token(301, "a")

    assert longer[:300] == long
    assert len(set(re.findall("." * 20, long))) == 15
