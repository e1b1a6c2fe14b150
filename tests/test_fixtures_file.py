"""The fixtures file: what it starts with, and how each fault in it is told."""

from __future__ import annotations

import json
import re

import pytest

from mockserver.profile import FixturesRefused

TAX = {"code": "vat", "name": "VAT", "rate": 20}


@pytest.fixture
def refused(make_app):
    """Start a server with a fixtures file that cannot be used, and return what is told."""

    def start(path):
        with pytest.raises(FixturesRefused) as caught:
            make_app(fixtures=path)
        assert str(caught.value) == "\n".join(caught.value.lines)
        return caught.value.lines

    return start


@pytest.fixture
def written(tmp_path):
    """Write a file of the given text or bytes."""

    def write(content):
        path = tmp_path / "fixtures.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_good_file_starts_every_key_with_its_customers(make_app, make_client, organization_file):
    fixtures = organization_file([{"external_id": "b", "name": "B"}, {"external_id": "a"}])
    app = make_app(fixtures=fixtures)

    for key in ("first", "second"):
        response = make_client(app, key=key).get("/api/v1/customers")

        customers = response.json["customers"]
        assert [each["external_id"] for each in customers] == ["b", "a"]
        assert [each["sequential_id"] for each in customers] == [1, 2]
        assert customers[0]["name"] == "B"


def test_what_one_key_changes_another_still_finds_as_in_the_file(
    make_app, make_client, organization_file
):
    app = make_app(fixtures=organization_file([{"external_id": "acme"}]))
    make_client(app, key="first").delete("/api/v1/customers/acme")

    response = make_client(app, key="second").get("/api/v1/customers/acme")

    assert response.status_code == 200


def test_a_file_may_say_no_more_than_the_name(make_client, written):
    client = make_client(fixtures=written('{"organization": {"name": "Hooli"}}'))

    response = client.post("/api/v1/customers", json={"customer": {"external_id": "acme"}})

    assert response.status_code == 200
    assert response.json["customer"]["applicable_timezone"] == "UTC"
    assert re.fullmatch(r"HOO-[0-9A-F]{4}-001", response.json["customer"]["slug"])


def test_the_organization_of_the_file_is_the_one_served(make_client, organization_file):
    customer = {"external_id": "acme", "tax_codes": ["vat"]}
    fixtures = organization_file([customer], prefix="HOOLI", timezone="Europe/Paris", taxes=[TAX])
    client = make_client(fixtures=fixtures)

    response = client.get("/api/v1/customers/acme")

    served = response.json["customer"]
    assert served["slug"] == "HOOLI-001"
    assert served["applicable_timezone"] == "Europe/Paris"
    assert served["taxes"][0]["rate"] == 20.0
    assert served["taxes"][0]["customers_count"] == 1


def test_a_file_that_is_not_there_is_told_with_its_name(refused, tmp_path):
    (line,) = refused(tmp_path / "missing.json")

    assert line.startswith(f"{tmp_path / 'missing.json'}: cannot be read: ")


def test_a_folder_is_no_fixtures_file(refused, tmp_path):
    (line,) = refused(tmp_path)

    assert line.startswith(f"{tmp_path}: cannot be read: ")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="truncated"),
        pytest.param("organization:\n  name: Hooli\n", id="yaml"),
        pytest.param(b"\xff\xfe\xfa", id="no text"),
        pytest.param("[" * 100_000, id="nested without end"),
        pytest.param(
            '{"organization": {"name": "a", "taxes": [{"code": "a", "name": "a", "rate": NaN}]}}',
            id="not a number",
        ),
        pytest.param(r'{"organization": {"name": "\ud800"}}', id="half a surrogate pair"),
    ],
)
def test_a_file_that_is_not_json_is_told_with_its_name(refused, written, content):
    path = written(content)

    (line,) = refused(path)

    assert line.startswith(f"{path}: is not ")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("content", "pointer", "told"),
    [
        pytest.param([], "the whole", "an object", id="list"),
        pytest.param(None, "the whole", "an object with an organization", id="null"),
        pytest.param({}, "/organization", "came nothing", id="no organization"),
        pytest.param({"organization": {}}, "/organization/name", "came nothing", id="no name"),
        pytest.param({"organization": {"name": " "}}, "/organization/name", "a name", id="blank"),
        pytest.param({"organization": {"name": 5}}, "/organization/name", "a string", id="number"),
        pytest.param(
            {"organization": {"name": "a"}, "customer": []},
            "/customer",
            "customers",
            id="unknown key",
        ),
        pytest.param(
            {"organization": {"name": "a", "premum": True}},
            "/organization/premum",
            'did you mean "premium"?',
            id="key misspelt",
        ),
        pytest.param(
            {"organization": {"name": "a", "premium": "yes"}},
            "/organization/premium",
            "true or false",
            id="word for a boolean",
        ),
        pytest.param(
            {"organization": {"name": "a", "prefix": "a b"}},
            "/organization/prefix",
            "a prefix of slugs",
            id="prefix with a space",
        ),
        pytest.param(
            {"organization": {"name": "a", "timezone": "Mars/Base"}},
            "/organization/timezone",
            "time zone",
            id="unknown time zone",
        ),
        pytest.param(
            {"organization": {"name": "a", "payment_providers": ["stripe", "paypal"]}},
            "/organization/payment_providers/1",
            "payment provider",
            id="unknown provider",
        ),
        pytest.param(
            {"organization": {"name": "a", "taxes": [{"code": "a", "name": "a"}]}},
            "/organization/taxes/0/rate",
            "came nothing",
            id="tax without a rate",
        ),
        pytest.param(
            {"organization": {"name": "a", "taxes": [{**TAX, "rate": 101}]}},
            "/organization/taxes/0/rate",
            "at most 100",
            id="rate above a hundred",
        ),
        pytest.param(
            {"organization": {"name": "a", "taxes": [TAX, {**TAX, "name": "Again"}]}},
            "/organization/taxes/1/code",
            "a code of its own",
            id="repeated tax code",
        ),
        pytest.param(
            {"organization": {"name": "a", "taxes": [{**TAX, "created_at": "yesterday"}]}},
            "/organization/taxes/0/created_at",
            "UTC time",
            id="time in words",
        ),
        pytest.param(
            {
                "organization": {
                    "name": "a",
                    "taxes": [{**TAX, "created_at": "2023-02-30T00:00:00Z"}],
                }
            },
            "/organization/taxes/0/created_at",
            "UTC time",
            id="day that does not exist",
        ),
        pytest.param(
            {"organization": {"name": "a"}, "customers": {}}, "/customers", "a list", id="object"
        ),
        pytest.param(
            {"organization": {"name": "a"}, "customers": ["acme"]},
            "/customers/0",
            "an object",
            id="text for a customer",
        ),
        pytest.param(
            {"organization": {"name": "a"}, "customers": [{"name": "Acme"}]},
            "/customers/0/external_id",
            "came nothing",
            id="customer without external_id",
        ),
        pytest.param(
            {"organization": {"name": "a"}, "customers": [{"external_id": ["a"]}]},
            "/customers/0/external_id",
            "a string",
            id="external_id in a list",
        ),
        pytest.param(
            {"organization": {"name": "a"}, "customers": [{"external_id": "a", "country": "XX"}]},
            "/customers/0/country",
            "country code",
            id="unknown country",
        ),
        pytest.param(
            {
                "organization": {"name": "a", "taxes": [TAX]},
                "customers": [{"external_id": "a", "tax_codes": ["vta"]}],
            },
            "/customers/0/tax_codes/0",
            "a tax code of the organization: vat",
            id="unknown tax code",
        ),
        pytest.param(
            {
                "organization": {"name": "a"},
                "customers": [{"external_id": "a"}, {"external_id": "b"}, {"external_id": "a"}],
            },
            "/customers/2/external_id",
            "/customers/0",
            id="repeated external_id",
        ),
        pytest.param(
            {
                "organization": {"name": "a"},
                "customers": [
                    {"external_id": "a", "metadata": [{"key": "k", "value": "v"}]},
                    {"external_id": "a", "metadata": [{"key": "k", "value": "v"}]},
                ],
            },
            "/customers/1/external_id",
            "/customers/0",
            id="repeated customer with metadata",
        ),
    ],
)
def test_a_fault_is_told_in_one_line_with_file_and_pointer(
    refused, written, content, pointer, told
):
    path = written(json.dumps(content))

    (line,) = refused(path)

    assert line.startswith(f"{path}: {pointer}: ")
    assert told in line
    assert "\n" not in line


def test_all_faults_of_the_organization_are_told_at_once(refused, organization_file):
    path = organization_file(premium="yes", timezone="Mars/Base", taxes=[{**TAX, "rate": -1}])

    lines = refused(path)

    assert sorted(line.removeprefix(f"{path}: ").partition(": ")[0] for line in lines) == [
        "/organization/premium",
        "/organization/taxes/0/rate",
        "/organization/timezone",
    ]


def test_a_misspelt_key_of_a_customer_is_a_fault(refused, organization_file):
    (line,) = refused(organization_file([{"external_id": "a", "nmae": "Acme"}]))

    assert "/customers/0/nmae: [unknown]" in line
    assert 'did you mean "name"?' in line


def test_all_bad_customers_are_told_at_once(refused, organization_file):
    path = organization_file(
        [
            {"external_id": "a", "currency": "EURO"},
            {"external_id": "good"},
            {"name": "nobody"},
            {"name": "nobody either"},
            {"external_id": "b", "country": "XX", "timezone": "Mars/Base"},
        ]
    )

    lines = refused(path)

    assert [line.removeprefix(f"{path}: ").partition(": ")[0] for line in lines] == [
        "/customers/0/currency",
        "/customers/2/external_id",
        "/customers/3/external_id",
        "/customers/4/country",
        "/customers/4/timezone",
    ]


def test_unknown_keys_of_a_customer_are_refused_where_requests_refuse_them(
    make_app, organization_file
):
    path = organization_file([{"external_id": "a", "nmae": "Acme"}])

    with pytest.raises(FixturesRefused, match="/customers/0/nmae"):
        make_app(fixtures=path, unknown_fields="reject")
