"""What the tests share: a server in process, a still clock, and a check of every answer."""

from __future__ import annotations

import copy
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from mockserver import data
from mockserver.openapi import document
from mockserver.settings import Settings
from mockserver.web import create_app

pytest_plugins = ["pytester"]

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse

KEY = "key-of-the-tests"
UNROUTED = {  # what is answered on paths that no operation describes
    "400": "malformed_json",
    "404": "not_found",
    "405": "method_not_allowed",
    "406": "not_acceptable",
    "413": "payload_too_large",
}


@dataclass
class StillClock:
    """A clock that moves only when told to."""

    now: datetime = field(default_factory=lambda: datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


class Conformance:
    """The contract, held against answers: status, headers and body."""

    def __init__(self) -> None:
        self._document = document()

    def check(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> None:
        """Fail unless the contract knows this answer to *method* on *path*, a raw path."""
        assert headers["Mock-Contract"] == "v0.53"
        assert headers["X-Request-Id"]
        explanation = headers.get("Mock-Explanation", "")
        assert explanation.isascii()
        assert len(explanation) <= 1024
        assert explanation or status < 400, "a refusal without an explanation"
        if status == 304 or method == "HEAD":
            assert not body
            return
        media_type, _, charset = headers["Content-Type"].partition("; ")
        assert charset == "charset=utf-8"
        if method == "OPTIONS" and status == 200:
            assert (media_type, body) == ("text/plain", b""), "a preflight"
            return
        if media_type != "application/json":
            assert media_type in self._operation(method, path)["responses"]["200"]["content"]
            return
        schema = self._schema(method, path, str(status))
        answer = json.loads(body)
        Draft202012Validator(schema).validate(answer)
        assert status < 400 or answer["status"] == status

    def _schema(self, method: str, path: str, status: str) -> dict[str, Any]:
        operation = self._operation(method, path)
        responses = operation.get("responses", {})
        if status in responses:
            response = responses[status]
            if "$ref" in response:
                name = response["$ref"].rpartition("/")[2]
                response = self._document["components"]["responses"][name]
            schema = response["content"]["application/json"]["schema"]
        else:
            assert status in UNROUTED, f"undocumented: {status}"
            assert not operation or status in {"405", "413"}, f"undocumented: {status}"
            own = path.lstrip("/").startswith("__admin")
            name = "refusals.refusal" if own else f"errors.{UNROUTED[status]}"
            schema = {"$ref": f"#/components/schemas/{name}"}
        return {**schema, "components": self._document["components"]}

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        segments = [unquote(part) for part in path.partition("?")[0].split("/") if part]
        literal_first = sorted(self._document["paths"].items(), key=lambda item: "{" in item[0])
        for template, operations in literal_first:
            parts = [part for part in template.split("/") if part]
            if len(parts) == len(segments) and all(
                part[0] == "{" or part == segment
                for part, segment in zip(parts, segments, strict=True)
            ):
                found: dict[str, Any] = operations.get(method.lower(), {})
                return found
        return {}


@pytest.fixture(scope="session")
def conformance() -> Conformance:
    """The check that every answer any test receives goes through."""
    return Conformance()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def make_app(clock: StillClock) -> Callable[..., Flask]:
    """Make an application with the given settings."""

    def make(**settings: Any) -> Flask:
        return create_app(Settings(**settings), clock=clock)

    return make


@pytest.fixture
def make_client(
    make_app: Callable[..., Flask], conformance: Conformance
) -> Callable[..., FlaskClient]:
    """Make a client of a new server; every answer it receives is held against the contract.

    Pass ``key=`` for the API key (None for none), and settings by their names.
    """

    class CheckedClient(FlaskClient):
        def open(self, *args: Any, **kwargs: Any) -> TestResponse:
            response = super().open(*args, **kwargs)
            conformance.check(
                response.request.method,
                response.request.environ["REQUEST_URI"],
                response.status_code,
                response.headers,
                response.data,
            )
            return response

    def make(app: Flask | None = None, *, key: str | None = KEY, **settings: Any) -> FlaskClient:
        app = app or make_app(**settings)
        app.test_client_class = CheckedClient
        client = app.test_client()
        if key is not None:
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        return client

    return make


@pytest.fixture
def client(make_client: Callable[..., FlaskClient]) -> FlaskClient:
    """A client of a server with the default settings and an organization of its own."""
    return make_client()


@pytest.fixture
def upsert(client: FlaskClient) -> Callable[..., TestResponse]:
    """Post a customer with the given attributes."""

    def post(**attributes: Any) -> TestResponse:
        return client.post("/api/v1/customers", json={"customer": attributes})

    return post


@pytest.fixture
def organization_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a fixtures file: the packaged organization with the given changes, and customers."""

    def write(customers: list[Any] | None = None, **changes: Any) -> Path:
        content = copy.deepcopy(data.fixture("organization"))
        content["organization"] |= changes
        content["customers"] = customers or []
        path = tmp_path / "organization.json"
        path.write_text(json.dumps(content))
        return path

    return write


@pytest.fixture
def page_request() -> dict[str, Any]:
    """The body of the documented page's own curl command."""
    return copy.deepcopy(data.fixture("customer-create"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Any:
    """In CI a test that must run there must not be skipped: there a skip is a failure."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where it must run: {report.longrepr}"
    return report
