"""Refusals: every rule and its code, their order and stages, and what the explanation says."""

from __future__ import annotations

import pytest

CUSTOMERS = "/api/v1/customers"
TEXTS = [
    "name", "address_line1", "address_line2", "state", "zipcode", "city", "url", "phone",
    "logo_url", "legal_name", "legal_number", "tax_identification_number", "email",
    "external_salesforce_id",
]  # fmt: skip
OUT_OF_RANGE = "value_is_out_of_range"
MANDATORY = "value_is_mandatory"
INVALID = "value_is_invalid"
BAD_COUNTRY = "not_a_valid_country_code"
BAD_LANGUAGE = "not_a_valid_language_code"
BAD_ZONE = "invalid_timezone"


def by_code(field, code, **values):
    return [
        pytest.param(field, value, code, id=f"{field} {name}") for name, value in values.items()
    ]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        *by_code("external_id", MANDATORY, null=None, empty="", spaces="  ", tab="\t\n"),
        *by_code("external_id", INVALID, number=5, boolean=True, list=["a"], nul="a\0b"),
        *by_code("country", BAD_COUNTRY, empty="", three="USA", name="France", unknown="ZZ"),
        *by_code("country", BAD_COUNTRY, uk="UK", eu="EU", antilles="AN", kosovo="XK"),
        *by_code("country", BAD_COUNTRY, padded=" US", control="U\0"),
        *by_code("currency", INVALID, empty="", lower="usd", bitcoin="BTC", newer="BHD"),
        *by_code("currency", INVALID, padded="USD ", number=840),
        *by_code("timezone", BAD_ZONE, empty="", lower="europe/paris", rails="Paris", gmt="GMT"),
        *by_code("timezone", BAD_ZONE, us="US/Pacific", old="Asia/Calcutta", newer="Europe/Kyiv"),
        *by_code("net_payment_term", OUT_OF_RANGE, negative=-1, fraction=-0.5, large=2147483648),
        *by_code("net_payment_term", OUT_OF_RANGE, both=2147483648.5, huge=10**400),
        *by_code("net_payment_term", INVALID, text="30", empty="", fraction_in_range=3.7),
        *by_code("net_payment_term", INVALID, boolean=True, false=False, list=[30]),
    ],
)
def test_a_field_s_bad_value_is_refused_with_its_code(upsert, field, value, code):
    response = upsert(**{"external_id": "acme", field: value})

    assert response.status_code == 422
    assert response.json == {
        "status": 422,
        "error": "Unprocessable Entity",
        "code": "validation_errors",
        "error_details": {field: [code]},
    }
    assert response.headers["Mock-Explanation"].startswith(f"/customer/{field}: [")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        *by_code("invoice_grace_period", OUT_OF_RANGE, negative=-1, fraction=-0.5, large=2**31),
        *by_code("invoice_grace_period", INVALID, text="3", boolean=True, fraction_in_range=1.5),
        *by_code("vat_rate", OUT_OF_RANGE, negative=-0.1, above=100.1, far=150),
        *by_code("vat_rate", INVALID, text="12.5", empty="", boolean=True, list=[1]),
        *by_code("document_locale", BAD_LANGUAGE, empty="", upper="FR", newer="pt-BR", zh="zh-TW"),
        *by_code("document_locale", INVALID, number=1),
        *by_code("payment_provider", INVALID, empty="", case="Stripe", other="paypal", number=1),
        *by_code("provider_customer_id", INVALID, number=1, nul="cus\0"),
        *by_code("provider_payment_methods", "is invalid", link=["link"], second=["card", "x"]),
        *by_code("provider_payment_methods", INVALID, text="card", number=[1], object={}),
        *by_code("sync", INVALID, text="true", number=1),
        *by_code("sync_with_provider", INVALID, text="false", number=0),
    ],
)
def test_a_billing_field_s_bad_value_is_refused_with_its_code(upsert, field, value, code):
    response = upsert(external_id="acme", billing_configuration={field: value})

    assert response.status_code == 422
    assert response.json["error_details"] == {field: [code]}
    where = f"/customer/billing_configuration/{field}"
    assert response.headers["Mock-Explanation"].startswith(where)


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(123, id="number"),
        pytest.param(True, id="boolean"),
        pytest.param(["a"], id="list"),
        pytest.param({"a": 1}, id="object"),
        pytest.param("a\0b", id="text with NUL"),
    ],
)
def test_a_text_field_takes_nothing_but_text(upsert, field, value):
    response = upsert(**{"external_id": "acme", field: value})

    assert response.status_code == 422
    assert response.json["error_details"] == {field: [INVALID]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("metadata", "text", id="metadata that is a text"),
        pytest.param("metadata", {"key": "k", "value": "v"}, id="metadata that is an object"),
        pytest.param("metadata", ["x"], id="a metadata item that is a text"),
        pytest.param("tax_codes", "a", id="tax_codes that is a text"),
        pytest.param("tax_codes", [5], id="a tax code that is a number"),
        pytest.param("tax_codes", [["a"]], id="a tax code that is a list"),
        pytest.param("billing_configuration", [], id="billing_configuration that is a list"),
        pytest.param("billing_configuration", "x", id="billing_configuration that is a text"),
        pytest.param("billing_configuration", False, id="billing_configuration that is false"),
    ],
)
def test_a_container_of_the_wrong_type_is_refused(upsert, field, value):
    response = upsert(**{"external_id": "acme", field: value})

    assert response.status_code == 422
    assert response.json["error_details"] == {field: [INVALID]}


def test_a_customer_without_external_id_is_refused(upsert):
    response = upsert(name="Foo Bar")

    assert response.status_code == 422
    assert response.json["error_details"] == {"external_id": [MANDATORY]}
    assert response.headers["Mock-Explanation"].startswith("/customer/external_id: [required]")


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        pytest.param("country", "us", "US", id="lower-case country"),
        pytest.param("country", "Us", "US", id="mixed-case country"),
        pytest.param("currency", "HRK", "HRK", id="a currency of the era"),
        pytest.param("timezone", "Etc/GMT+12", "Etc/GMT+12", id="the time zone of Baker Island"),
        pytest.param("timezone", "Europe/Kiev", "Europe/Kiev", id="a time zone of the era"),
        pytest.param("net_payment_term", 0, 0, id="no days"),
        pytest.param("net_payment_term", 2147483647, 2147483647, id="the most days"),
        pytest.param("net_payment_term", 1e2, 100, id="days with an exponent"),
        pytest.param("url", "no url", "no url", id="any url"),
        pytest.param("phone", "no phone", "no phone", id="any phone"),
        pytest.param("email", "a@", "a@", id="any email"),
        pytest.param("name", "x" * 256, "x" * 256, id="a name of any length"),
    ],
)
def test_a_value_at_the_edge_of_a_rule_is_accepted(upsert, field, value, stored):
    response = upsert(**{"external_id": "acme", field: value})

    assert response.status_code == 200
    assert response.json["customer"][field] == stored


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("invoice_grace_period", 0, id="no grace"),
        pytest.param("invoice_grace_period", 2147483647, id="the longest grace"),
        pytest.param("vat_rate", 0, id="no vat"),
        pytest.param("vat_rate", 100, id="the highest vat"),
        pytest.param("document_locale", "nb", id="Norwegian"),
        pytest.param("document_locale", "sv", id="Swedish"),
    ],
)
def test_a_billing_value_at_the_edge_of_a_rule_is_accepted(upsert, field, value):
    response = upsert(external_id="acme", billing_configuration={field: value})

    assert response.status_code == 200
    assert response.json["customer"]["billing_configuration"][field] == value


def test_four_faults_at_once_are_four_keys_and_four_explained_lines(upsert):
    response = upsert(net_payment_term=-1, currency="zz", country="ZZZ", external_id=None)

    details = response.json["error_details"]
    lines = response.headers["Mock-Explanation"].split(" | ")
    assert details == {
        "country": [BAD_COUNTRY],
        "currency": [INVALID],
        "external_id": [MANDATORY],
        "net_payment_term": [OUT_OF_RANGE],
    }
    assert [line.partition(":")[0] for line in lines] == [f"/customer/{name}" for name in details]


@pytest.mark.parametrize(
    ("attributes", "keys"),
    [
        pytest.param(
            {"currency": "invalid", "name": "Foo Bar"}, ["currency", "external_id"], id="two"
        ),
        pytest.param(
            {"country": "ZZZ", "net_payment_term": -1, "currency": "zz"},
            ["country", "currency", "external_id", "net_payment_term"],
            id="four",
        ),
        pytest.param(
            {"timezone": "x", "net_payment_term": -1, "external_id": "", "country": "x"},
            ["country", "external_id", "net_payment_term", "timezone"],
            id="sent in the opposite order",
        ),
    ],
)
def test_error_details_are_in_lago_s_order_whatever_the_request_s(upsert, attributes, keys):
    response = upsert(**attributes)

    assert list(response.json["error_details"]) == keys


STAGES = [
    ("metadata count", {"metadata": [{"key": "k", "value": "v"}] * 6}, {"metadata"}),
    ("model", {"currency": "zz", "timezone": "x"}, {"currency", "timezone"}),
    ("metadata item", {"metadata": [{"key": "", "value": "v"}]}, {"key"}),
    ("grace period", {"billing_configuration": {"invoice_grace_period": -1}},
     {"invoice_grace_period"}),
    ("vat_rate", {"billing_configuration": {"vat_rate": 150}}, {"vat_rate"}),
    ("document_locale", {"billing_configuration": {"document_locale": "x"}}, {"document_locale"}),
    ("provider", {"billing_configuration": {"payment_provider": "x"}}, {"payment_provider"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        pytest.param(first, second, told, id=f"{name} before {later}")
        for index, (name, first, told) in enumerate(STAGES)
        for later, second, _ in STAGES[index + 1 :]
        if not ("metadata" in first and "metadata" in second)
    ],
)
def test_only_the_first_stage_s_codes_are_answered_and_all_are_explained(
    upsert, first, second, told
):
    settings = [each.get("billing_configuration", {}) for each in (first, second)]
    attributes = {**second, **first, "billing_configuration": settings[1] | settings[0]}

    response = upsert(**attributes, external_id="acme")

    lines = response.headers["Mock-Explanation"].split(" | ")
    faults = [*first.get("billing_configuration", first), *second]
    assert response.json["error_details"].keys() == told
    assert len(lines) >= 2
    assert len(lines) >= len(set(faults))


def test_the_unknown_tax_code_is_told_after_the_fields_and_before_the_metadata(upsert):
    metadata = [{"key": "", "value": "v"}]
    with_field = upsert(external_id="a", currency="zz", tax_codes=["none"], metadata=metadata)
    without_field = upsert(external_id="a", tax_codes=["none"], metadata=metadata)

    lines = without_field.headers["Mock-Explanation"].split(" | ")
    assert with_field.json["error_details"] == {"currency": [INVALID]}
    assert len(with_field.headers["Mock-Explanation"].split(" | ")) == 3
    assert without_field.status_code == 404
    assert without_field.json["code"] == "tax_not_found"
    assert [line.partition(":")[0] for line in lines] == [
        "/customer/tax_codes/0",
        "/customer/metadata/0/key",
    ]


def test_too_many_metadata_are_told_before_a_missing_external_id(upsert):
    response = upsert(metadata=[{"key": "k", "value": "v"}] * 6)

    assert response.json["error_details"] == {"metadata": ["invalid_count"]}
    assert "/customer/external_id: [required]" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    ("attributes", "meant"),
    [
        pytest.param({"country": "Germany"}, '"DE"', id="a country's name"),
        pytest.param({"country": "DEU"}, '"DE"', id="a country's three letters"),
        pytest.param({"country": "UK"}, '"GB"', id="a country's usual letters"),
        pytest.param({"currency": "eur"}, '"EUR"', id="a currency in lower case"),
        pytest.param({"timezone": "Paris"}, '"Europe/Paris"', id="a city"),
        pytest.param({"timezone": "new york"}, '"America/New_York"', id="a city of two words"),
        pytest.param({"timezone": "europe/pari"}, '"Europe/Paris"', id="a slip in a time zone"),
        pytest.param({"net_payment_term": "30"}, "30", id="a number in quotes"),
        pytest.param({"name": 5}, '"5"', id="a text without quotes"),
        pytest.param(
            {"tax_codes": ["french_standard_va"]}, '"french_standard_vat"', id="a tax code"
        ),
        pytest.param(
            {"billing_configuration": {"payment_provider": "Stripe"}}, '"stripe"', id="a provider"
        ),
        pytest.param({"billing_configuration": {"document_locale": "FR"}}, '"fr"', id="a language"),
        pytest.param(
            {"billing_configuration": {"provider_payment_methods": ["sepa"]}},
            '"sepa_debit"',
            id="a payment method",
        ),
        pytest.param({"billing_configuration": {"sync": "true"}}, "true", id="a boolean in quotes"),
    ],
)
def test_the_explanation_of_a_refusal_says_what_may_have_been_meant(upsert, attributes, meant):
    response = upsert(external_id="acme", **attributes)

    assert response.status_code in {404, 422}
    assert f"did you mean {meant}?" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    ("attributes", "where", "meant"),
    [
        pytest.param({"adress_line1": 1}, "/customer/adress_line1", "address_line1", id="a slip"),
        pytest.param({"zip_code": 1}, "/customer/zip_code", "zipcode", id="another word"),
        pytest.param(
            {"document_locale": "fr"},
            "/customer/document_locale",
            "billing_configuration.document_locale",
            id="a key of a deeper object",
        ),
        pytest.param(
            {"billing_configuration": {"payment_provder": "stripe"}},
            "/customer/billing_configuration/payment_provder",
            "payment_provider",
            id="a slip in the billing configuration",
        ),
        pytest.param(
            {"metadata": [{"key": "k", "value": "v", "lago_id": "x"}]},
            "/customer/metadata/0/lago_id",
            "id",
            id="the answer's word in metadata",
        ),
    ],
)
def test_an_unknown_key_is_dropped_and_remarked_on(upsert, attributes, where, meant):
    plain = upsert(external_id="acme", metadata=[{"key": "a", "value": "v"}]).json["customer"]

    response = upsert(external_id="acme", **attributes)

    assert response.status_code == 200
    assert response.headers["Mock-Explanation"].startswith(f"{where}: [unknown]")
    assert f'did you mean "{meant}"?' in response.headers["Mock-Explanation"]
    assert response.json["customer"] | {"metadata": plain["metadata"]} == plain


def test_an_unknown_key_beside_customer_is_remarked_on_too(client):
    response = client.post(CUSTOMERS, json={"customer": {"external_id": "a"}, "custmer": {}})

    assert response.status_code == 200
    assert "/custmer: [unknown]" in response.headers["Mock-Explanation"]


def test_a_pointer_to_an_unknown_key_is_escaped(upsert):
    response = upsert(external_id="acme", **{"a/b~c": 1})

    assert response.headers["Mock-Explanation"].startswith("/customer/a~1b~0c: [unknown]")


def test_unknown_keys_are_remarked_on_beside_a_refusal_too(upsert):
    response = upsert(external_id="acme", currency="zz", foo=1)

    assert response.json["error_details"] == {"currency": [INVALID]}
    assert "/customer/foo: [unknown]" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({"foo": 1}, id="in the customer"),
        pytest.param({"billing_configuration": {"foo": 1}}, id="in the billing configuration"),
        pytest.param({"metadata": [{"key": "k", "value": "v", "foo": 1}]}, id="in metadata"),
    ],
)
def test_unknown_keys_are_refused_where_the_settings_say_so(make_client, attributes):
    client = make_client(unknown_fields="reject")

    response = client.post(CUSTOMERS, json={"customer": {"external_id": "a", **attributes}})

    assert response.status_code == 422
    assert response.json["error_details"] == {"foo": [INVALID]}
    assert client.get(f"{CUSTOMERS}/a").status_code == 404


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({"currency": "zz"}, id="a field"),
        pytest.param({"metadata": [{"key": "k"}]}, id="a metadata item"),
        pytest.param({"tax_codes": ["none"]}, id="a tax code"),
        pytest.param({"billing_configuration": {"invoice_grace_period": -1}}, id="grace period"),
        pytest.param({"billing_configuration": {"vat_rate": 150}}, id="vat_rate"),
        pytest.param({"billing_configuration": {"document_locale": "x"}}, id="document_locale"),
        pytest.param(
            {"billing_configuration": {"payment_provider": "x", "sync_with_provider": True}},
            id="provider",
        ),
        pytest.param(
            {
                "billing_configuration": {
                    "payment_provider": "stripe",
                    "provider_customer_id": "cus_1",
                    "provider_payment_methods": ["x"],
                }
            },
            id="payment method",
        ),
    ],
)
def test_a_refusal_stores_neither_customer_nor_tax_nor_number(upsert, client, faults):
    settings = {"vat_rate": 7, **faults.get("billing_configuration", {})}

    refused = upsert(**{**faults, "external_id": "acme", "billing_configuration": settings})

    assert refused.status_code in {404, 422}
    assert client.get(f"{CUSTOMERS}/acme").status_code == 404
    assert client.get(CUSTOMERS).json["customers"] == []
    for rate in (7, 150):
        assert upsert(external_id="b", tax_codes=[f"tax_{rate}"]).status_code == 404
    assert upsert(external_id="b").json["customer"]["sequential_id"] == 1


def test_a_refused_update_leaves_metadata_taxes_and_provider_alone(upsert, client):
    linked = {"payment_provider": "stripe", "provider_customer_id": "cus_1"}
    upsert(
        external_id="a",
        metadata=[{"key": "k", "value": "v"}],
        tax_codes=["french_standard_vat"],
        billing_configuration=linked,
    )
    before = client.get(f"{CUSTOMERS}/a").json

    refused = upsert(
        external_id="a",
        metadata=[],
        billing_configuration={
            "vat_rate": 7,
            "payment_provider": "adyen",
            "document_locale": "xx",
        },
    )

    assert refused.json["error_details"] == {"document_locale": [BAD_LANGUAGE]}
    assert client.get(f"{CUSTOMERS}/a").json == before


def test_an_unknown_key_is_refused_under_its_own_name(make_client):
    client = make_client(unknown_fields="reject")

    response = client.post(CUSTOMERS, json={"customer": {"external_id": "a", "a/b": 1, "c~d": 2}})

    assert response.json["error_details"] == {
        "a/b": ["value_is_invalid"],
        "c~d": ["value_is_invalid"],
    }


def test_unknown_keys_inside_and_beside_the_customer_are_refused_with_its_other_faults(make_client):
    client = make_client(unknown_fields="reject")

    response = client.post(
        CUSTOMERS, json={"x": 1, "customer": {"external_id": "a", "country": "x"}}
    )

    assert response.json["error_details"] == {
        "country": ["not_a_valid_country_code"],
        "x": ["value_is_invalid"],
    }


def test_only_so_many_unknown_keys_get_a_suggestion(upsert):
    response = upsert(external_id="a", **{f"nam{number}": 1 for number in range(5000)})

    assert response.status_code == 200
    assert " more in GET /__admin/requests/" in response.headers["Mock-Explanation"]


@pytest.mark.parametrize(
    ("field", "given", "meant"),
    [
        pytest.param("tax_codes", "vat", '["vat"]', id="text for a list"),
        pytest.param("tax_codes", [{"code": "vat"}], '"vat"', id="object for a code"),
        pytest.param("metadata", {"a": 1}, '[{"key": "a", "value": "1"}]', id="keys and values"),
        pytest.param("metadata", {"key": "a"}, '[{"key": "a"}]', id="one item"),
        pytest.param(
            "billing_configuration",
            {"provider_payment_methods": "SEPA_debit"},
            '["sepa_debit"]',
            id="a choice for a list of choices",
        ),
    ],
)
def test_a_value_of_another_shape_gets_a_suggestion(upsert, field, given, meant):
    response = upsert(external_id="a", **{field: given})

    assert f"did you mean {meant}?" in response.headers["Mock-Explanation"]


def test_nothing_is_suggested_that_would_be_refused_too(upsert):
    explanation = upsert(external_id="a", country=49, tax_codes=[{}]).headers["Mock-Explanation"]

    assert "did you mean" not in explanation
