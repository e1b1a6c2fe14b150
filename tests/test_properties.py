"""What holds for every body: no crash, an answer in the contract's shape, reads that agree.

The client holds each answer against the contract, so a test need not.
"""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CUSTOMERS = "/api/v1/customers"
ANSWERED = {200, 400, 404, 422}

quick = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

# Half a surrogate pair cannot be sent as UTF-8, and is a test of its own among the bodies.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
numbers = (
    st.integers() | st.integers(10**308, 10**400) | st.floats(allow_nan=False, allow_infinity=False)
)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
external_ids = st.sampled_from(["acme", "Acme", "a/b", "a b", "a%2Fb", "\u00e9", "x/portal_url"])
FIELDS = {
    "name": texts,
    "email": texts,
    "address_line1": texts,
    "url": texts,
    "country": st.sampled_from(["US", "fr", "De", "ZM", None]),
    "currency": st.sampled_from(["USD", "EUR", "ZMW", None]),
    "timezone": st.sampled_from(["UTC", "Europe/Paris", "Etc/GMT+12", None]),
    "net_payment_term": st.none() | st.integers(0, 2**31 - 1) | st.just(30.0),
    "tax_codes": st.sampled_from([None, [], ["french_standard_vat"]]),
}
BILLING = {
    "invoice_grace_period": st.none() | st.integers(0, 2**31 - 1),
    "payment_provider": st.sampled_from(["stripe", "gocardless", "adyen", None]),
    "provider_customer_id": st.sampled_from(["cus_1", "", None]),
    "provider_payment_methods": st.lists(st.sampled_from(["card", "sepa_debit"]), max_size=3),
    "sync": st.booleans() | st.none(),
    "sync_with_provider": st.booleans() | st.none(),
    "document_locale": st.sampled_from(["en", "fr", "nb", None]),
    "vat_rate": st.floats(0, 100) | st.integers(0, 100),
}
ITEM = {
    "id": st.sampled_from(["11111111-1111-4111-8111-111111111111", "x", None]),
    "key": texts,
    "value": texts,
    "display_in_invoice": st.booleans() | st.none(),
}


def near(fields):
    """Return objects with some of *fields*, most values valid and some of them anything."""
    mixed = {key: values | anything for key, values in fields.items()}
    return st.fixed_dictionaries({}, optional={**mixed, "unknown": anything})


def valid(required, optional):
    """Return objects that break no rule of a single field."""
    return st.fixed_dictionaries(required, optional=optional)


near_contract = near(
    FIELDS
    | {
        "external_id": external_ids,
        "billing_configuration": near(BILLING),
        "metadata": st.lists(near(ITEM), max_size=7),
    }
)
filled = st.text("abc \u00e9", min_size=1, max_size=20).filter(str.strip)
accepted = valid(
    {"external_id": external_ids},
    FIELDS
    | {
        "name": texts.map(lambda text: text.replace("\0", "")),
        "email": filled,
        "address_line1": filled,
        "url": filled,
        "billing_configuration": valid({}, BILLING),
        "metadata": st.lists(
            valid({"key": filled, "value": filled}, {"display_in_invoice": st.booleans()}),
            max_size=5,
            unique_by=lambda item: item["key"],
        ),
    },
)


def created(client, customer):
    """Return the answer to creating *customer* anew."""
    client.delete(address(customer))
    return client.post(CUSTOMERS, json={"customer": customer})


def address(customer):
    return f"{CUSTOMERS}/{quote(customer['external_id'], safe='')}"


def settings_of(customer):
    return customer.get("billing_configuration", {})


def awaits_provider(customer):
    """Say whether the provider makes *customer* only after the answer."""
    given = settings_of(customer)
    wished = given.get("payment_provider") and given.get("sync_with_provider")
    return wished and not given.get("provider_customer_id") and not given.get("sync")


def names_a_provider_in_vain(customer):
    """Say whether a provider stands alone: a create drops it, an update stores it."""
    given = settings_of(customer)
    wished = given.get("sync_with_provider") or given.get("provider_customer_id") is not None
    return given.get("payment_provider") and not wished


@quick
@given(body=anything)
def test_any_json_is_answered(client, body):
    response = client.post(CUSTOMERS, json=body)

    assert response.status_code in ANSWERED


@quick
@given(customer=anything)
def test_any_json_for_a_customer_is_answered(client, customer):
    response = client.post(CUSTOMERS, json={"customer": customer})

    assert response.status_code in ANSWERED


@quick
@given(customer=near_contract)
def test_any_body_near_the_contract_is_answered(client, customer):
    response = client.post(CUSTOMERS, json={"customer": customer})

    assert response.status_code in ANSWERED


@quick
@given(body=st.binary(max_size=60))
def test_any_bytes_are_answered(client, body):
    response = client.post(CUSTOMERS, data=body, content_type="application/json")

    assert response.status_code in ANSWERED


@quick
@given(customer=near_contract)
def test_a_refusal_leaves_every_customer_as_it_was(client, customer):
    before = client.get(f"{CUSTOMERS}?per_page=1000").json

    response = client.post(CUSTOMERS, json={"customer": customer})

    after = client.get(f"{CUSTOMERS}?per_page=1000").json
    assert response.status_code == 200 or after == before


@quick
@given(customer=accepted)
def test_an_accepted_create_is_read_back_as_it_was_answered(client, customer):
    response = created(client, customer)

    read = client.get(address(customer))
    expected = response.json["customer"]
    if awaits_provider(customer):
        made = read.json["customer"]["billing_configuration"]["provider_customer_id"]
        assert expected["billing_configuration"]["provider_customer_id"] is None
        expected["billing_configuration"]["provider_customer_id"] = made
    assert response.status_code == 200
    assert read.json == {"customer": expected}


@quick
@given(customer=accepted.filter(lambda customer: not names_a_provider_in_vain(customer)))
def test_an_identical_second_post_without_metadata_changes_nothing(client, clock, customer):
    customer.pop("metadata", None)
    created(client, customer)
    before = client.get(address(customer))
    clock.advance(seconds=1)

    second = client.post(CUSTOMERS, json={"customer": customer})

    assert second.status_code == 200
    assert second.json == before.json
    assert client.get(address(customer)).json == before.json


@quick
@given(customer=accepted)
def test_plain_values_are_answered_as_they_were_sent(client, customer):
    response = created(client, customer)

    answered = response.json["customer"]
    for name in FIELDS.keys() & customer.keys() - {"tax_codes", "country"}:
        assert answered[name] == customer[name]
    assert (answered["country"] or "") == (customer.get("country") or "").upper()
