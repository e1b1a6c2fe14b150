"""Contract coverage: what counts as exercised, and how it is told."""

from __future__ import annotations

import pytest

from mockserver.coverage import Coverage

PATH = "/api/v1/customers"


def entry(**changes):
    values = {
        "method": "POST",
        "path": PATH,
        "query": "",
        "body": None,
        "status": 200,
        "fault": None,
        "answer": None,
    }
    return {**values, **changes}


@pytest.fixture
def coverage():
    return Coverage()


def of(coverage, name):
    (found,) = (each.exercised for each in coverage.sections() if each.name == name)
    return list(found)


def test_nothing_is_exercised_to_begin_with(coverage):
    assert coverage.exercised == []
    assert coverage.percent == 0
    assert coverage.report()[-1] == "contract v0.53: 0 % exercised"


def test_fields_and_values_of_an_accepted_request_count(coverage):
    customer = {
        "external_id": "a",
        "country": "FR",
        "metadata": [{"key": "k", "display_in_invoice": False}],
        "billing_configuration": {"provider_payment_methods": ["card"], "sync": True},
        "unknown": 1,
    }

    coverage.add(entry(body={"customer": customer}))

    assert of(coverage, "request fields") == [
        "customer",
        "customer.external_id",
        "customer.country",
        "customer.metadata",
        "customer.metadata[].key",
        "customer.metadata[].display_in_invoice",
        "customer.billing_configuration",
        "customer.billing_configuration.provider_payment_methods",
        "customer.billing_configuration.sync",
    ]
    assert of(coverage, "values") == [
        "customer.metadata[].display_in_invoice=false",
        "customer.billing_configuration.provider_payment_methods=card",
        "customer.billing_configuration.sync=true",
    ]


def test_a_refused_request_exercises_status_and_codes_but_no_field(coverage):
    answer = {
        "status": 422,
        "error": "Unprocessable Entity",
        "code": "validation_errors",
        "error_details": {"country": ["not_a_valid_country_code"], "x": ["of_no_contract"]},
    }

    coverage.add(entry(status=422, body={"customer": {"country": "France"}}, answer=answer))

    assert of(coverage, "request fields") == []
    assert of(coverage, "statuses") == [f"POST {PATH} 422"]
    assert of(coverage, "error codes") == ["not_a_valid_country_code"]


def test_the_code_of_a_404_counts(coverage):
    answer = {"status": 404, "error": "Not Found", "code": "customer_not_found"}

    coverage.add(entry(method="DELETE", path=f"{PATH}/a%2Fb", status=404, answer=answer))

    assert of(coverage, "statuses") == [f"DELETE {PATH}/{{external_id}} 404"]
    assert of(coverage, "error codes") == ["customer_not_found"]


def test_parameters_of_the_list_count(coverage):
    coverage.add(entry(method="GET", query="per_page=2&x=1"))

    assert of(coverage, "request fields") == ["per_page"]


def test_an_injected_fault_exercises_a_documented_status_but_no_code(coverage):
    answer = {"status": 404, "error": "Not Found", "code": "customer_not_found"}

    coverage.add(entry(status=404, fault="404", answer=answer))
    coverage.add(entry(status=503, fault="503"))

    assert coverage.exercised == [f"status POST {PATH} 404"]


@pytest.mark.parametrize("path", ["/health", "/nowhere", f"{PATH}/a/nothing", "/api/v2/customers"])
def test_requests_to_what_is_not_documented_exercise_nothing(coverage, path):
    coverage.add(entry(method="GET", path=path))

    assert coverage.exercised == []


def test_a_body_that_is_no_object_exercises_the_status_alone(coverage):
    coverage.add(entry(body="text"))

    assert coverage.exercised == [f"status POST {PATH} 200"]


def test_what_several_processes_exercised_is_put_together(coverage):
    other = Coverage()
    other.add(entry(body={"customer": {"external_id": "a"}}))
    coverage.add(entry(method="GET"))

    coverage.merge([*other.exercised, "field of.no.contract"])

    assert len(coverage.exercised) == 4


def test_the_report_lists_what_is_missing_in_lines_that_fit_a_terminal(coverage):
    coverage.add(entry(body={"customer": {"external_id": "a"}}))

    lines = coverage.report()

    assert lines[0].startswith("request fields: 2 of ")
    assert lines[1].startswith("  missing: customer.name, ")
    assert all(len(line) <= 96 for line in lines)
    assert not any(line.endswith(("GET", "POST", "DELETE")) for line in lines)


def test_the_whole_contract_is_a_hundred_percent(coverage):
    missing = [
        part for each in coverage.readable()["sections"].values() for part in each["missing"]
    ]
    kinds = ("field", "query", "value", "status", "code")

    coverage.merge(f"{kind} {part}" for kind in kinds for part in missing)

    assert coverage.percent == 100
    assert coverage.report()[-1] == "contract v0.53: 100 % exercised"
    assert not any("missing" in line for line in coverage.report())
