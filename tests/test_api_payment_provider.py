"""The payment provider: every row of the reference's decision table for v0.53."""

from __future__ import annotations

import pytest

CUSTOMERS = "/api/v1/customers"
PROVIDERS = ["stripe", "gocardless", "adyen"]
LINKED = {"payment_provider": "stripe", "provider_customer_id": "cus_1"}


def billing(response):
    return response.json["customer"]["billing_configuration"]


@pytest.fixture
def link(upsert):
    """Post the customer acme with billing settings and nothing else."""

    def post(**settings):
        return upsert(external_id="acme", billing_configuration=settings)

    return post


@pytest.fixture
def read(client):
    """Return the billing configuration of the customer acme, read by GET."""

    def get():
        return billing(client.get(f"{CUSTOMERS}/acme"))

    return get


@pytest.fixture
def unconnected(make_client, organization_file):
    """A client of an organization that no provider is connected to."""
    return make_client(fixtures=organization_file(payment_providers=[]))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_alone_is_not_stored_for_a_new_customer(link, provider):
    response = link(payment_provider=provider)

    assert response.status_code == 200
    assert billing(response)["payment_provider"] is None
    assert "provider_customer_id" not in billing(response)
    assert "not stored" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"provider_customer_id": "cus_1"}, id="an id"),
        pytest.param({"sync_with_provider": True}, id="sync_with_provider"),
        pytest.param({"provider_customer_id": "cus_1", "sync_with_provider": True}, id="both"),
        pytest.param({"payment_provider": None, "provider_customer_id": "x"}, id="null provider"),
    ],
)
def test_nothing_is_stored_for_a_new_customer_without_a_provider(link, read, settings):
    response = link(**settings)

    expected = ["invoice_grace_period", "payment_provider", "vat_rate", "document_locale"]
    assert response.status_code == 200
    assert list(billing(response)) == expected
    assert read() == billing(response)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="an id"),
        pytest.param({"sync_with_provider": True}, id="an id and sync_with_provider"),
        pytest.param({"sync_with_provider": True, "sync": True}, id="an id and both syncs"),
    ],
)
def test_a_new_customer_is_linked_under_the_given_id(link, read, provider, more):
    response = link(payment_provider=provider, provider_customer_id="the-id", **more)

    assert billing(response)["payment_provider"] == provider
    assert billing(response)["provider_customer_id"] == "the-id"
    assert read() == billing(response)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_with_sync_the_provider_s_own_id_is_in_the_answer(link, read, provider):
    response = link(payment_provider=provider, sync_with_provider=True, sync=True)

    assert billing(response)["payment_provider"] == provider
    assert billing(response)["provider_customer_id"]
    assert read() == billing(response)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="sync absent"),
        pytest.param({"sync": False}, id="sync false"),
        pytest.param({"sync": None}, id="sync null"),
    ],
)
def test_without_sync_the_provider_s_own_id_is_there_from_the_next_read_on(
    link, read, provider, more
):
    response = link(payment_provider=provider, sync_with_provider=True, **more)

    first, second = read(), read()
    assert billing(response)["payment_provider"] == provider
    assert billing(response)["provider_customer_id"] is None
    assert first["provider_customer_id"]
    assert first == second


def test_the_provider_s_own_id_stays_with_the_customer(link, read):
    made = billing(link(payment_provider="stripe", sync_with_provider=True, sync=True))

    again = link(payment_provider="stripe", sync_with_provider=True, sync=True)

    assert billing(again) == made
    assert read() == made


def test_different_customers_get_different_ids_of_the_provider(upsert):
    settings = {"payment_provider": "stripe", "sync_with_provider": True, "sync": True}

    made = [upsert(external_id=name, billing_configuration=settings) for name in "abc"]

    assert len({billing(each)["provider_customer_id"] for each in made}) == 3


@pytest.mark.parametrize("existing", [pytest.param(False, id="new"), pytest.param(True, id="old")])
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="alone"),
        pytest.param({"provider_customer_id": "x"}, id="with an id"),
        pytest.param({"sync_with_provider": True}, id="with sync_with_provider"),
    ],
)
def test_a_provider_that_lago_does_not_know_is_refused(upsert, client, link, existing, more):
    if existing:
        upsert(external_id="acme", billing_configuration=LINKED)

    response = link(payment_provider="paypal", **more)

    left = client.get(f"{CUSTOMERS}/acme")
    assert response.status_code == 422
    assert response.json["error_details"] == {"payment_provider": ["value_is_invalid"]}
    assert left.status_code == (200 if existing else 404)
    assert not existing or billing(left)["payment_provider"] == "stripe"


def test_an_empty_id_stores_the_provider_and_no_id(link, read):
    response = link(payment_provider="stripe", provider_customer_id="")

    assert billing(response)["payment_provider"] == "stripe"
    assert billing(response)["provider_customer_id"] is None
    assert read() == billing(response)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"payment_provider": "adyen", "sync_with_provider": True}, id="sync"),
        pytest.param(
            {"payment_provider": "adyen", "sync_with_provider": True, "sync": True}, id="both"
        ),
    ],
)
@pytest.mark.parametrize(
    "before",
    [
        pytest.param({}, id="no provider"),
        pytest.param({"payment_provider": "adyen"}, id="the same provider without an id"),
        pytest.param({"payment_provider": "stripe"}, id="another provider without an id"),
    ],
)
def test_an_unlinked_customer_is_linked_as_a_new_one_is(upsert, link, read, before, settings):
    upsert(external_id="acme")
    link(**before)

    response = link(**settings)

    assert billing(response)["payment_provider"] == "adyen"
    assert bool(billing(response)["provider_customer_id"]) is bool(settings.get("sync"))
    assert read()["provider_customer_id"]


def test_an_unlinked_customer_is_not_linked_without_naming_the_provider(upsert, link, read):
    upsert(external_id="acme")
    link(payment_provider="stripe")

    response = link(sync_with_provider=True, sync=True)

    assert billing(response)["payment_provider"] == "stripe"
    assert billing(response)["provider_customer_id"] is None
    assert read()["provider_customer_id"] is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_alone_is_stored_for_an_existing_customer_but_not_linked(
    upsert, link, read, provider
):
    upsert(external_id="acme")

    response = link(payment_provider=provider)

    methods = {"provider_payment_methods": None} if provider == "stripe" else {}
    assert read() == billing(response)
    assert billing(response) == {
        "invoice_grace_period": None,
        "payment_provider": provider,
        "vat_rate": None,
        "document_locale": None,
        "provider_customer_id": None,
        **methods,
    }


def test_a_provider_with_an_id_links_an_existing_customer(upsert, link, read):
    upsert(external_id="acme")

    response = link(**LINKED, provider_payment_methods=["sepa_debit"])

    assert billing(response)["payment_provider"] == "stripe"
    assert billing(response)["provider_customer_id"] == "cus_1"
    assert billing(response)["provider_payment_methods"] == ["sepa_debit"]
    assert read() == billing(response)


def test_a_null_provider_removes_it(link, read):
    link(**LINKED)

    response = link(payment_provider=None)

    assert response.status_code == 200
    assert billing(response)["payment_provider"] is None
    assert "provider_customer_id" not in billing(response)
    assert read() == billing(response)


def test_a_provider_that_is_absent_stays(link):
    before = billing(link(**LINKED))

    after = billing(link(document_locale="fr"))

    assert after == before | {"document_locale": "fr"}


@pytest.mark.parametrize(
    "ignored",
    [
        pytest.param({"provider_customer_id": "cus_2"}, id="another id"),
        pytest.param({"provider_payment_methods": ["sepa_debit"]}, id="other methods"),
        pytest.param({"provider_customer_id": "cus_2", "sync_with_provider": True}, id="sync"),
    ],
)
@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"payment_provider": "stripe"}, id="provider named"),
        pytest.param({}, id="provider absent"),
    ],
)
def test_a_linked_customer_keeps_its_id_and_methods(link, read, named, ignored):
    before = billing(link(**LINKED))

    response = link(**named, **ignored)

    kept = ("payment_provider", "provider_customer_id", "provider_payment_methods")
    assert response.status_code == 200
    assert {key: billing(response)[key] for key in kept} == {key: before[key] for key in kept}
    assert {key: read()[key] for key in kept} == {key: before[key] for key in kept}
    assert "ignored" in response.headers["Mock-Explanation"]


def test_other_methods_of_a_linked_customer_are_remarked_on_alone(link):
    link(**LINKED)

    response = link(**LINKED, provider_payment_methods=["card", "sepa_debit"])

    assert response.headers["Mock-Explanation"].count("[provider]") == 1
    assert "provider_payment_methods: [provider]" in response.headers["Mock-Explanation"]


def test_each_provider_keeps_its_own_customer(link):
    link(**LINKED, provider_payment_methods=["sepa_debit"])
    away = billing(link(payment_provider="gocardless", provider_customer_id="CU1"))

    back = billing(link(payment_provider="stripe"))
    away_again = billing(link(payment_provider="gocardless"))

    assert away["provider_customer_id"] == "CU1"
    assert back["provider_customer_id"] == "cus_1"
    assert back["provider_payment_methods"] == ["sepa_debit"]
    assert away_again == away


def test_a_provider_removed_and_named_again_shows_the_old_id(link):
    before = billing(link(**LINKED))
    link(payment_provider=None)

    after = billing(link(payment_provider="stripe"))

    assert after == before


def test_a_linked_customer_that_switches_is_linked_only_under_a_given_id(link, read):
    link(**LINKED)

    response = link(payment_provider="gocardless", sync_with_provider=True, sync=True)

    assert billing(response)["payment_provider"] == "gocardless"
    assert billing(response)["provider_customer_id"] is None
    assert read()["provider_customer_id"] is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_need_not_be_connected_to_be_stored(unconnected, provider):
    settings = {"payment_provider": provider, "provider_customer_id": "x"}
    customer = {"external_id": "acme", "billing_configuration": settings}

    response = unconnected.post(CUSTOMERS, json={"customer": customer})

    assert billing(response)["payment_provider"] == provider
    assert billing(response)["provider_customer_id"] == "x"


@pytest.mark.parametrize(
    ("provider", "more"),
    [
        *(pytest.param(each, {}, id=f"{each} without sync") for each in PROVIDERS),
        pytest.param("stripe", {"sync": True}, id="stripe with sync"),
    ],
)
def test_a_provider_that_is_not_connected_makes_no_id(unconnected, provider, more):
    settings = {"payment_provider": provider, "sync_with_provider": True, **more}
    customer = {"external_id": "acme", "billing_configuration": settings}

    response = unconnected.post(CUSTOMERS, json={"customer": customer})
    read = unconnected.get(f"{CUSTOMERS}/acme")

    assert billing(response)["payment_provider"] == provider
    assert billing(response)["provider_customer_id"] is None
    assert read.json == response.json


@pytest.mark.parametrize("provider", ["gocardless", "adyen"])
def test_a_provider_that_is_not_connected_is_404_when_asked_at_once(unconnected, provider):
    settings = {
        "payment_provider": provider,
        "sync_with_provider": True,
        "sync": True,
        "vat_rate": 7,
    }
    customer = {"external_id": "acme", "billing_configuration": settings}
    taxed = {"external_id": "other", "tax_codes": ["tax_7"]}

    response = unconnected.post(CUSTOMERS, json={"customer": customer})

    assert response.status_code == 404
    assert response.json["code"] == f"{provider}_payment_provider_not_found"
    assert unconnected.get(f"{CUSTOMERS}/acme").status_code == 404
    assert unconnected.post(CUSTOMERS, json={"customer": taxed}).json["code"] == "tax_not_found"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        pytest.param({}, ["card"], id="absent"),
        pytest.param({"provider_payment_methods": None}, ["card"], id="null"),
        pytest.param({"provider_payment_methods": []}, ["card"], id="empty"),
        pytest.param({"provider_payment_methods": ["sepa_debit"]}, ["sepa_debit"], id="one"),
        pytest.param(
            {"provider_payment_methods": ["sepa_debit", "card"]}, ["sepa_debit", "card"], id="two"
        ),
        pytest.param(
            {"provider_payment_methods": ["card", "card"]}, ["card", "card"], id="duplicates"
        ),
    ],
)
def test_stripe_offers_the_given_methods_or_else_cards(link, read, given, stored):
    response = link(**LINKED, **given)

    assert billing(response)["provider_payment_methods"] == stored
    assert read() == billing(response)


@pytest.mark.parametrize("provider", ["gocardless", "adyen"])
def test_only_stripe_has_payment_methods(link, provider):
    response = link(
        payment_provider=provider, provider_customer_id="x", provider_payment_methods=["card"]
    )

    assert response.status_code == 200
    assert "provider_payment_methods" not in billing(response)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(LINKED, id="while linking to stripe"),
        pytest.param({"payment_provider": "adyen", "provider_customer_id": "x"}, id="adyen"),
        pytest.param({}, id="without a provider"),
    ],
)
def test_a_payment_method_that_is_not_documented_is_refused(link, client, settings):
    response = link(**settings, provider_payment_methods=["card", "us_bank_account"])

    assert response.status_code == 422
    assert response.json["error_details"] == {"provider_payment_methods": ["is invalid"]}
    assert client.get(f"{CUSTOMERS}/acme").status_code == 404


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param({}, {}, id="absent"),
        pytest.param({"sync_with_provider": None}, {}, id="null"),
        pytest.param({"sync_with_provider": True}, {"sync_with_provider": True}, id="true"),
        pytest.param({"sync_with_provider": False}, {"sync_with_provider": None}, id="false"),
        pytest.param({"sync": True}, {"sync": True}, id="sync true"),
        pytest.param({"sync": False}, {"sync": False}, id="sync false"),
    ],
)
def test_the_sync_flags_are_shown_once_sent_while_linking(link, read, given, shown):
    response = link(**LINKED, **given)

    flags = ("sync", "sync_with_provider")
    assert {key: billing(response)[key] for key in flags if key in billing(response)} == shown
    assert read() == billing(response)


def test_sync_with_provider_is_not_shown_if_sent_without_linking(upsert, link):
    upsert(external_id="acme")

    response = link(payment_provider="stripe", sync_with_provider=False)

    assert billing(response)["payment_provider"] == "stripe"
    assert "sync_with_provider" not in billing(response)


def test_sync_is_not_shown_if_sent_while_no_provider_is_stored(link, read):
    response = link(payment_provider="stripe", sync=True)

    assert "sync" not in billing(response)
    assert "sync" not in read()


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"sync": True}, id="alone"),
        pytest.param({"sync": True, "payment_provider": "stripe"}, id="with the provider"),
        pytest.param({"sync": True, "sync_with_provider": True}, id="with sync_with_provider"),
    ],
)
def test_sync_is_shown_once_it_was_sent_while_a_provider_is_stored(upsert, link, read, settings):
    upsert(external_id="acme")
    link(payment_provider="stripe")

    response = link(**settings)

    assert billing(response)["sync"] is True
    assert read()["sync"] is True


def test_the_provider_s_keys_are_last_and_in_order(link):
    response = link(sync_with_provider=True, sync=True, **LINKED)

    assert list(billing(response)) == [
        "invoice_grace_period",
        "payment_provider",
        "vat_rate",
        "document_locale",
        "provider_customer_id",
        "provider_payment_methods",
        "sync",
        "sync_with_provider",
    ]


def test_a_customer_made_again_after_deletion_has_no_provider(link, client, read):
    link(**LINKED)
    client.delete(f"{CUSTOMERS}/acme")

    response = link(document_locale="fr")

    assert billing(response)["payment_provider"] is None
    assert read() == billing(response)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param({"sync": True}, "there is no payment provider", id="sync"),
        pytest.param({"sync_with_provider": True}, "no payment_provider", id="sync_with_provider"),
        pytest.param(
            {"provider_payment_methods": ["card"]}, "linked to Stripe", id="payment methods"
        ),
        pytest.param({"provider_customer_id": "cus_1"}, "payment_provider beside it", id="id"),
    ],
)
def test_settings_that_need_a_provider_are_remarked_on_without_one(upsert, settings, told):
    response = upsert(external_id="a", billing_configuration=settings)

    assert response.status_code == 200
    assert told in response.headers["Mock-Explanation"]


def test_a_provider_without_a_link_is_remarked_on(upsert):
    upsert(external_id="a")

    response = upsert(external_id="a", billing_configuration={"payment_provider": "stripe"})

    assert "not linked to it" in response.headers["Mock-Explanation"]


def test_an_identifier_alone_gives_an_existing_customer_no_provider(upsert):
    upsert(external_id="a")

    response = upsert(external_id="a", billing_configuration={"provider_customer_id": "cus_1"})

    assert response.json["customer"]["billing_configuration"]["payment_provider"] is None
    assert "provider_customer_id: [provider]" in response.headers["Mock-Explanation"]
