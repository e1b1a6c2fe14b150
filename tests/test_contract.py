"""The contract as data: it is complete, and the server serves what it describes."""

from __future__ import annotations

import re

import pytest
from jsonschema import Draft202012Validator

from mockserver import data
from mockserver.contract import Contract
from mockserver.openapi import document
from mockserver.references import inlined

NOT_SCHEMAS = {"contract", "ledger", "openapi", "suggestions"}


def schema_files():
    for folder in (data.DEFAULT_VERSION, data.MOCK):
        for name, schema in data.schemas(folder).items():
            if name not in NOT_SCHEMAS:
                yield pytest.param(folder, schema, id=f"{folder}/{name}")


def undescribed(schema, folder, path=""):
    """Yield the properties and definitions that say nothing about themselves."""
    for group in ("properties", "$defs"):
        for name, part in schema.get(group, {}).items():
            target = part
            if "$ref" in part and "description" not in part:
                stem = schema.get("$id", path).rpartition("/")[2] or path
                reference = part["$ref"] if part["$ref"][0] != "#" else f"{stem}{part['$ref']}"
                target = inlined(data.schemas(folder), reference)
            if "description" not in target:
                yield f"{path}/{group}/{name}"
            yield from undescribed(part, folder, path or schema.get("$id", "").rpartition("/")[2])
    if isinstance(schema.get("items"), dict):
        yield from undescribed(schema["items"], folder, path)


@pytest.mark.parametrize(("folder", "schema"), list(schema_files()))
def test_schema_is_valid_and_describes_every_field(folder, schema):
    Draft202012Validator.check_schema(schema)

    assert list(undescribed(schema, folder)) == []


def test_openapi_document_lists_exactly_the_routes_that_are_served(make_app):
    served = {
        (re.sub(r"<[^:]+:(.+?)>", r"{\1}", rule.rule), method.lower())
        for rule in make_app().url_map.iter_rules()
        for method in rule.methods - {"HEAD"}
    }

    described = {
        (path.rstrip("/"), method)
        for path, methods in document()["paths"].items()
        for method in methods
    }

    assert served == described


def test_openapi_document_refers_only_to_what_it_contains():
    whole = document()

    references = re.findall(r"'\$ref': '#/([^']+)'", str(whole))

    for reference in references:
        found = whole
        for step in reference.split("/"):
            found = found[step]
        assert found


def test_every_code_of_a_stage_names_a_field_of_the_request():
    contract = data.schemas()["contract"]
    request = inlined(data.schemas(), "customer-create.json#/$defs/customer")["properties"]
    nested = {
        f"{outer}/{inner}"
        for outer in ("metadata", "billing_configuration")
        for inner in (request[outer].get("items") or request[outer])["properties"]
    }

    staged = {path for stage in contract["stages"] for path in stage["fields"]}

    assert staged - {"*", "name", "metadata:maxItems"} <= {*request, *nested}
    assert nested <= staged


def test_two_contracts_share_no_state():
    strict, lenient = Contract(reject_unknown=True), Contract()
    given = {"external_id": "a", "surprise": 1}

    refused = strict.check(given, premium=True, at="/customer")
    dropped = lenient.check(given, premium=True, at="/customer")

    assert [violation.field for violation in refused.violations] == ["surprise"]
    assert dropped.violations == []
    assert [remark.where for remark in dropped.remarks] == ["/customer/surprise"]
