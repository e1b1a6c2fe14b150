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
