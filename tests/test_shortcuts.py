"""What is asked first, in no time, says no less than what takes its time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract import Contract
from mockserver.customers import billing, metadata
from mockserver.customers.record import Customer, ProviderCustomer

CONTRACT = Contract()
METHODS = [None, [], ["card"], ["card", "sepa_debit"]]
IDENTIFIERS = [None, "", "cus_1", "cus_2"]
PROVIDERS = st.sampled_from([None, "stripe", "adyen"])
given_items = st.lists(
    st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(["a", "b", None, 1]) for name in ("id", "key", "value")}
    )
    | st.integers(),
    max_size=3,
)
given_settings = st.fixed_dictionaries(
    {},
    optional={
        "payment_provider": PROVIDERS,
        "provider_customer_id": st.sampled_from(IDENTIFIERS),
        "provider_payment_methods": st.sampled_from(METHODS),
        "sync": st.sampled_from([None, True, False]),
        "sync_with_provider": st.sampled_from([None, True, False]),
    },
)
links = st.builds(
    ProviderCustomer,
    st.booleans(),
    st.sampled_from(IDENTIFIERS),
    st.sampled_from(METHODS).map(lambda methods: methods and tuple(methods)),
)


@st.composite
def _customers(draw):
    settings = {**CONTRACT.billing_defaults, "payment_provider": draw(PROVIDERS)}
    made = Customer("id", "a", 1, "A-001", "", "", CONTRACT.defaults, settings)
    return made._replace(
        providers=draw(st.dictionaries(st.sampled_from(["stripe", "adyen"]), links))
    )


@given(st.none() | _customers(), _customers(), given_settings)
def test_of_a_customer_that_is_as_asked_nothing_is_to_be_said(before, after, settings):
    if billing.is_as_asked(after, settings):
        assert list(billing.remarks(before, after, settings, "/customer")) == []


@given(st.none() | st.integers() | st.text() | given_items)
def test_whole_items_break_no_rule_where_nothing_is_stored(items):
    if metadata.are_whole(items):
        assert list(metadata.violations(CONTRACT, (), items, "/customer/metadata")) == []
