"""The health check: what it asks, whom, and what it says."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.health import NotHealthy, address, check
from mockserver.server import Server
from mockserver.settings import Settings
from mockserver.web import create_app


def _run(*arguments, **environment):
    nothing = {"LAGO_MOCK_HOST": None, "LAGO_MOCK_PORT": None, "PORT": None}
    return CliRunner().invoke(main, ["healthcheck", *arguments], env=nothing | environment)


@contextmanager
def _saying(data):
    """The address of a server that says *data* to whoever comes first."""

    def answer():
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path or "none")
        for path in ("", "/", "/health", "/health/", "/__admin/health")
    ],
)
def test_a_healthy_server_is_told_in_one_line(make_app, path):
    with Server(make_app()) as server:
        result = _run(f"{server.url}{path}")

    assert result.exit_code == 0
    assert result.stdout == f"{server.url}{path} is healthy.\n"


def test_it_is_told_nowhere_among_requests():
    told = []

    with Server(create_app(Settings(), report=told.append)) as server:
        result = _run(server.url)

    assert result.exit_code == 0
    assert told == []


@pytest.mark.parametrize("name", ["LAGO_MOCK_PORT", "PORT"])
def test_without_an_address_it_asks_where_serve_would_listen(make_app, name):
    with Server(make_app()) as server:
        result = _run(**{name: str(server.port), "LAGO_MOCK_HOST": "0.0.0.0"})  # noqa: S104

    assert result.exit_code == 0
    assert result.stdout == f"http://127.0.0.1:{server.port} is healthy.\n"


def test_where_nobody_listens_it_fails_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    result = _run(LAGO_MOCK_PORT=str(port))

    assert result.exit_code == 1
    assert result.stderr == f"http://127.0.0.1:{port} is not healthy: Connection refused.\n"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"HTTP/1.1 503 Busy\r\n\r\n", "it answers 503", id="unwell"),
        pytest.param(b"HTTP/1.1 404 No\r\n\r\n", "it answers 404", id="another server"),
        pytest.param(b"SSH-2.0\r\n", "SSH-2.0", id="no HTTP"),
        pytest.param(b"", "Remote end closed", id="nothing said"),
    ],
)
def test_another_answer_is_not_healthy(data, why):
    with _saying(data) as url, pytest.raises(NotHealthy) as told:
        check(url)

    assert str(told.value).startswith(f"{url} is not healthy: {why}")


@pytest.mark.parametrize(
    "url", ["127.0.0.1:3000", "https://127.0.0.1", "http://", "http://a:b", "http://[::1", "x"]
)
def test_what_is_no_address_fails_in_one_line(url):
    result = _run(url)

    assert result.exit_code == 1
    assert result.stderr == f"{url!r} is no address: expected http://HOST:PORT.\n"


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        pytest.param("LAGO_MOCK_PORT", "http", id="bad port"),
        pytest.param("LAGO_MOCK_PORT", "0", id="any free port"),
        pytest.param("PORT", "x", id="bad port of the platform"),
    ],
)
def test_a_setting_that_names_no_port_fails_in_one_line(variable, text):
    result = _run(**{variable: text})

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("host", "url"),
    [
        pytest.param("0.0.0.0", "http://127.0.0.1:80", id="every address"),  # noqa: S104
        pytest.param("::", "http://[::1]:80", id="every address of IPv6"),
        pytest.param("::1", "http://[::1]:80", id="IPv6"),
        pytest.param("192.0.2.1", "http://192.0.2.1:80", id="one address"),
        pytest.param("localhost", "http://localhost:80", id="name"),
    ],
)
def test_the_address_is_one_that_can_be_asked(host, url):
    assert address(host, 80) == url


def test_it_is_quick_because_it_imports_no_web_framework():
    code = "import sys, mockserver.cli, mockserver.health; print(*sys.modules)"

    modules = subprocess.run(
        [sys.executable, "-Ic", code], check=True, capture_output=True, text=True, timeout=60
    ).stdout.split()

    assert not {"flask", "werkzeug", "httptools", "jsonschema", "faker"} & set(modules)
