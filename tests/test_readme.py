"""The README tells the truth: what it shows is what happens."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from mockserver import data
from mockserver.contract import Contract
from mockserver.profile import read_profile
from mockserver.settings import Settings, read_settings, variable

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_refusal_that_opens_the_readme_is_what_the_server_answers(client):
    request = re.findall(r"-d '(\{.*?\})'\n", README)[0]
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


def test_the_table_has_every_setting_with_a_default_that_the_environment_could_say():
    table = README.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0]
    rows = dict(re.findall(r"\| `(LAGO_MOCK_\w+)` \| (?:`(.*?)`)? \|", table))
    shown = {name: default for name, default in rows.items() if default}
    by_default = [
        variable(each.name) for each in fields(Settings) if each.default not in (None, ())
    ]

    settings = read_settings(shown)

    assert list(rows) == [variable(each.name) for each in fields(Settings)]
    assert list(shown) == by_default
    assert settings == Settings()


DOCKER = README.partition("### Docker")[2].partition("\n## ")[0]
COMPOSE, WORKFLOW = (
    yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", DOCKER, re.DOTALL)
)
PORT = Settings().port


def test_the_environment_in_the_docker_snippets_is_made_of_settings():
    named = dict(re.findall(r"(?:-e |`)(LAGO_MOCK_\w+)=([^\s`]+)", DOCKER))
    service = WORKFLOW["jobs"]["test"]["services"]["lago"]["env"]

    settings = read_settings(named | service)

    assert settings.seed == "other"
    assert settings.fixtures == Path("/data/hooli.json")
    assert settings.admin_token == WORKFLOW["jobs"]["test"]["env"]["LAGO_MOCK_ADMIN_TOKEN"]


def test_the_docker_snippets_publish_the_port_that_the_image_listens_on():
    compose, workflow = COMPOSE["services"], WORKFLOW["jobs"]["test"]

    assert re.findall(r"-p 127\.0\.0\.1:\d+:(\d+)", DOCKER) == [str(PORT)] * 2
    assert compose["lago"]["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert compose["app"]["environment"]["LAGO_API_URL"] == f"http://lago:{PORT}"
    assert workflow["services"]["lago"]["ports"] == [f"{PORT}:{PORT}"]
    assert f"EXPOSE {PORT}\n" in (ROOT / "Dockerfile").read_text()


def test_compose_waits_for_the_health_of_a_hardened_container():
    lago, app = COMPOSE["services"]["lago"], COMPOSE["services"]["app"]

    assert app["depends_on"] == {"lago": {"condition": "service_healthy"}}
    assert lago["read_only"] is True
    assert lago["cap_drop"] == ["ALL"]


def test_the_testcontainers_snippet_waits_for_the_health():
    (snippet,) = re.findall(r"```python\n(# conftest.py.*?)```", DOCKER, re.DOTALL)

    compile(snippet, "conftest.py", "exec")

    assert f"with_exposed_ports({PORT})" in snippet
    assert "waiting_for(HealthcheckWaitStrategy())" in snippet


def test_the_answer_of_the_control_api_in_the_readme_is_what_is_answered(client):
    request = re.findall(r"-d '(\{.*?\})'\n", README)[1]
    (answer,) = re.findall(r'^(\{"clock":.*)$', README, re.MULTILINE)

    response = client.post("/__admin/clock/freeze", data=request, content_type="application/json")

    shown, made = json.loads(answer)["clock"], response.json["clock"]
    assert shown | {"offset_seconds": 0} == made | {"offset_seconds": 0}
