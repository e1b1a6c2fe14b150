"""The README tells the truth: what it shows is what happens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mockserver import data
from mockserver.contract import Contract
from mockserver.profile import read_profile

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_refusal_that_opens_the_readme_is_what_the_server_answers(client):
    (request,) = re.findall(r"-d '(\{.*?\})'\n", README)
    (explanation,) = re.findall(r"^Mock-Explanation: (.*)$", README, re.MULTILINE)
    (body,) = re.findall(r'^(\{"status":422.*)$', README, re.MULTILINE)

    response = client.post("/api/v1/customers", data=request, content_type="application/json")

    assert response.status_code == 422
    assert response.headers["Mock-Explanation"] == explanation
    assert response.text == body


def test_the_fixtures_file_in_the_readme_can_be_used(tmp_path, make_client):
    (content,) = re.findall(r"```json\n(\{\n  \"organization\".*?)```", README, re.DOTALL)
    path = tmp_path / "hooli.json"
    path.write_text(content)

    profile = read_profile(path, Contract())
    listed = make_client(fixtures=path).get("/api/v1/customers").json["customers"]

    assert profile.name == "Hooli"
    assert [customer["external_id"] for customer in listed] == ["acme"]


def test_the_packaged_request_is_the_documented_pages(page_request):
    assert page_request["customer"]["billing_configuration"]["vat_rate"] == 12.5
    assert json.loads((ROOT / "fixtures/customer-create.json").read_text()) == page_request


@pytest.mark.parametrize("kind", ["country", "currency", "timezone", "locale", "payment_provider"])
def test_every_suggestion_is_a_value_of_the_contract(kind):
    words = data.schemas(data.MOCK)["suggestions"][kind]

    values = data.schemas()["definitions"]["$defs"][kind]["enum"]

    assert set(words.values()) <= set(values)
