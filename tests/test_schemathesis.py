"""Our own OpenAPI document, used against us: made-up requests to every operation it lists."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path

from mockserver.openapi import document
from mockserver.server import Server

KEY = "key-of-schemathesis"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


def test_every_operation_answers_as_the_openapi_document_says(make_app, tmp_path):
    with Server(make_app(api_key=(KEY,))) as server:
        headers = {"Authorization": f"Bearer {KEY}", "X-Request-Id": "known-request"}
        known = urllib.request.Request(f"{server.url}/api/v1/customers", headers=headers)
        urllib.request.urlopen(known).close()
        command = [Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIGURATION]
        options = [
            "--max-examples",
            "25",
            "--seed",
            "53",
            "--suppress-health-check=all",  # of how well it makes up data, not of the server
            "--header",
            f"Authorization: Bearer {KEY}",
        ]

        session = subprocess.run(
            [*command, "run", f"{server.url}/openapi.json", *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            cwd=tmp_path,  # where it keeps what it finds
        )

    assert session.returncode == 0, session.stdout + session.stderr
    # All but the request for the document itself, which the tool makes to begin with, and three
    # that its configuration leaves out.
    described = sum(len(methods) for methods in document()["paths"].values())
    assert f"Tested: {described - 4}" in session.stdout
