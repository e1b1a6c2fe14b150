"""Mock servers from npm and PyPI, each set up to do its best at what we are asked.

Those that take answers from a document are given ours, with a real answer as its example; those
that write a log are asked not to; those that keep state keep it in memory.
"""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any

from cache import from_npm, from_pypi, needed
from servers import PATH, Server

from mockserver import data, openapi
from mockserver.references import rewritten
from mockserver.settings import Settings
from mockserver.web import create_app

PRISM = "5.16.0"
MOCKOON = "9.9.0"
WIREMOCK = "3.13.2"
CONNEXION = "3.3.0"
JSON_SERVER = "0.17.4"
KEY = {"Authorization": "Bearer key-of-the-bench"}
CONNEXION_APP = """
import connexion
from connexion.mock import MockResolver

app = connexion.AsyncApp("customers")
app.add_api({path!r}, resolver=MockResolver(mock_all=True))
"""


def prism() -> Server:
    """Return Prism, which answers with the example of our document."""
    folder = from_npm(f"@stoplight/prism-cli@{PRISM}")
    document = openapi.document()
    done = document["paths"][PATH]["post"]["responses"]["200"]
    done["content"]["application/json"]["example"] = _answer()
    document["components"]["headers"]["ETag"]["example"] = f'W/"{32 * "0"}"'
    path = folder / "document.json"
    path.write_text(json.dumps(document))
    command = [str(folder / "node_modules/.bin/prism"), "mock", str(path), "--port", "{port}"]
    command += ["--host", "127.0.0.1", "--verboseLevel", "silent"]
    return Server(f"Prism {PRISM}, static, no log", "checks", command)


def mockoon() -> Server:
    """Return Mockoon with a data bucket; its log cannot be turned off."""
    folder = from_npm(f"@mockoon/cli@{MOCKOON}")
    bucket = {"uuid": str(uuid.uuid4()), "id": "all", "name": "customers", "value": "[]"}
    response = {"uuid": str(uuid.uuid4()), "bodyType": "DATABUCKET", "databucketID": "all"}
    plain = {"crudKey": "customer.external_id", "default": True, "disableTemplating": True}
    route = {"uuid": str(uuid.uuid4()), "type": "crud", "endpoint": PATH.strip("/")}
    environment = {
        "uuid": str(uuid.uuid4()),
        "lastMigration": 33,
        "name": "customers",
        "routes": [route | {"responses": [response | plain]}],
        "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
        "data": [bucket],
    }
    path = folder / "environment.json"
    path.write_text(json.dumps(environment))
    command = [str(folder / "node_modules/.bin/mockoon-cli"), "start", "--data", str(path)]
    command += ["--repair", "--port", "{port}", "--hostname", "127.0.0.1"]
    command += ["--disable-log-to-file", "--disable-admin-api"]
    return Server(f"Mockoon {MOCKOON}, CRUD", "keeps", command)


def wiremock() -> Server:
    """Return WireMock, which answers the same to every create."""
    java = needed("java", "openjdk-17-jre-headless")
    folder = from_npm(f"wiremock@{WIREMOCK}")
    (jar,) = folder.glob("node_modules/wiremock/build/*.jar")
    stub = {
        "request": {"method": "POST", "urlPath": PATH},
        "response": {
            "status": 200,
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps(_answer()),
        },
    }
    (folder / "mappings").mkdir(exist_ok=True)
    (folder / "mappings" / "customers.json").write_text(json.dumps(stub))
    command = [java, "-jar", str(jar), "--port", "{port}", "--bind-address", "127.0.0.1"]
    command += ["--root-dir", str(folder), "--no-request-journal", "--disable-request-logging"]
    command += ["--disable-gzip", "--disable-banner"]
    return Server(f"WireMock {WIREMOCK}, no journal", "nothing", command)


def connexion() -> Server:
    """Return Connexion, which answers with the example of our document."""
    folder = from_pypi(f"connexion[mock,uvicorn]=={CONNEXION}")
    path = folder / "document.json"
    path.write_text(json.dumps(_in_openapi_3_0()))
    (folder / "customers_app.py").write_text(CONNEXION_APP.format(path=str(path)))
    command = [sys.executable, "-m", "uvicorn", "customers_app:app", "--port", "{port}"]
    command += ["--no-access-log", "--log-level", "warning"]
    environ = {"PYTHONPATH": str(folder)}
    return Server(f"Connexion {CONNEXION}, mock, on uvicorn", "checks", command, environ=environ)


def json_server() -> Server:
    """Return json-server, with its database in memory."""
    folder = from_npm(f"json-server@{JSON_SERVER}")
    database, routes = folder / "database.js", folder / "routes.json"
    database.write_text("module.exports = () => ({ customers: [] })\n")
    routes.write_text(json.dumps({"/api/v1/*": "/$1"}))
    command = [str(folder / "node_modules/.bin/json-server"), "--port", "{port}"]
    command += ["--host", "127.0.0.1", "--quiet", "--no-gzip", "--routes", str(routes)]
    return Server(f"json-server {JSON_SERVER}", "keeps", [*command, str(database)])


def _answer() -> dict[str, Any]:
    """Return our answer to a create."""
    client = create_app(Settings()).test_client()
    answer = client.post(PATH, json=data.fixture("customer-create"), headers=KEY)
    customer: dict[str, Any] = answer.get_json()
    return customer


def _in_openapi_3_0() -> dict[str, Any]:
    """Return what our document says of a create, in the OpenAPI that Connexion reads."""

    def downgraded(node: dict[str, Any]) -> dict[str, Any]:
        match node.get("type"):
            case [kind, "null"]:
                return {**node, "type": kind, "nullable": True}
        return node

    whole = openapi.document()
    post = whole["paths"][PATH]["post"]
    example = {"application/json": {"example": _answer()}}
    post["responses"] = {"200": {"description": "The customer.", "content": example}}
    used = ("customer-create", "definitions")
    schemas = whole["components"]["schemas"].items()
    schemas = {name: schema for name, schema in schemas if name.startswith(used)}
    return {
        "openapi": "3.0.3",
        "info": {"title": "customers", "version": "1"},
        "paths": {PATH: {"post": post}},
        "components": {"schemas": rewritten(schemas, downgraded)},
    }
