"""The official clients, unmodified, given only a URL and a key."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mockserver.server import Server

SCRIPTS = Path(__file__).parent / "clients"


@pytest.fixture(params=["lago-python-newest", "lago-python-0.53.0"])
def python_client(request, make_app):
    """What the official Python client's session reports, for the newest and the era's release."""
    interpreter = request.config.rootpath / ".clients" / request.param / "bin" / "python"
    if not interpreter.exists():
        pytest.skip("the official client is not installed: run make clients")
    with Server(make_app(api_key=("a-key",))) as server:
        session = subprocess.run(
            [interpreter, SCRIPTS / "lago_python.py", server.url, "a-key"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert session.returncode == 0, session.stderr
    return json.loads(session.stdout)


def test_the_official_python_client_cannot_tell(python_client):
    created, updated = python_client["created"], python_client["updated"]

    assert created["external_id"] == "sdk-1"
    assert created["applicable_timezone"] == "Europe/Paris"
    assert created["billing_configuration"]["provider_customer_id"] == "cus_12345"
    assert created["billing_configuration"]["sync_with_provider"] is True
    assert updated["lago_id"] == created["lago_id"]
    assert updated["name"] == "Richard Hendricks"
    assert python_client["found"] == updated
    assert python_client["page"]["customers"] == ["sdk-4"]
    assert python_client["page"]["meta"]["total_count"] == 4
    assert python_client["destroyed"] == "sdk-4"
    assert python_client["portal_url"].startswith("https://")
    assert python_client["checkout_url"].startswith("https://")
    assert python_client["unauthorized"] == {
        "status": 401,
        "response": {"status": 401, "error": "Unauthorized"},
    }
    assert python_client["missing"]["status"] == 404
    assert python_client["missing"]["response"]["code"] == "customer_not_found"
    assert python_client["invalid"]["status"] == 422
    assert python_client["invalid"]["response"]["error_details"] == {
        "country": ["not_a_valid_country_code"],
        "currency": ["value_is_invalid"],
    }


RETRYING = """
import sys
from lago_python_client.client import Client
from lago_python_client.models import Customer

client = Client(api_key=sys.argv[2], api_url=sys.argv[1])
print(client.customers.create(Customer(external_id="acme")).lago_id)
"""


def _run_newest(request, url, key):
    interpreter = request.config.rootpath / ".clients" / "lago-python-newest" / "bin" / "python"
    if not interpreter.exists():
        pytest.skip("the official client is not installed: run make clients")
    return subprocess.run(
        [interpreter, "-c", RETRYING, url, key],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_official_python_client_tries_again_after_429(request, make_app):
    app = make_app()
    client = app.test_client()
    head = {"Authorization": "Bearer a-key"}
    client.post("/__admin/faults", json={"fault": "429", "times": 2}, headers=head)
    with Server(app) as server:
        session = _run_newest(request, server.url, "a-key")

    entries = client.get("/__admin/requests", headers=head).json["requests"]
    assert session.returncode == 0, session.stderr
    assert [entry["status"] for entry in entries] == [429, 429, 200]
    other = {"Authorization": "Bearer another"}
    assert client.get("/api/v1/customers", headers=other).status_code == 200


def test_the_official_python_client_meets_one_reset_and_then_none(request, make_app):
    app = make_app()
    client = app.test_client()
    head = {"Authorization": "Bearer a-key"}
    client.post("/__admin/faults", json={"fault": "reset", "times": 1}, headers=head)
    with Server(app) as server:
        first = _run_newest(request, server.url, "a-key")
        second = _run_newest(request, server.url, "a-key")

    assert first.returncode != 0
    assert "ReadError" in first.stderr or "RemoteProtocolError" in first.stderr
    assert second.returncode == 0, second.stderr
