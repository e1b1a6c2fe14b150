"""The command line: what it prints, where, and with which exit status it ends."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from importlib.metadata import version

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.openapi import document

COMMAND = [sys.executable, "-Im", "mockserver"]
START_LINE = re.compile(r"Serving Lago v0\.53 on http://127\.0\.0\.1:(\d+) for (.+)\. Ctrl-C .+\n")
GOOD = '{"customer": {"external_id": "acme"}}'
ODD = '{"customer": {"external_id": "acme", "nmae": "Acme"}}'
BAD = '{"customer": {"currency": "EURO"}}'


def _environment(**more):
    own = {k: v for k, v in os.environ.items() if not k.startswith("LAGO_MOCK_") and k != "PORT"}
    return own | more


def _run(*arguments, **environment):
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        env=_environment(**environment),
    )


@pytest.fixture
def run():
    """Run the command in this process; not for ``serve``, which takes over the signals."""
    return lambda *arguments, **more: CliRunner().invoke(main, arguments, **more)


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path as text."""

    def written(name, text):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return written


@pytest.fixture
def serve():
    """Start ``serve`` on a free port; return its process and the port it told."""
    started = []

    def start(*arguments, **environment):
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=_environment(**environment),
        )
        started.append(process)
        told = START_LINE.fullmatch(process.stderr.readline())
        assert told
        return process, int(told[1])

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _answered(port, method, path, **more):
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, **more)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


@pytest.mark.parametrize(
    "option", [pytest.param("--help", id="long"), pytest.param("-h", id="short")]
)
def test_help_names_the_commands(run, option):
    result = run(option)

    assert result.exit_code == 0
    assert all(command in result.output for command in ("serve", "validate", "openapi"))


@pytest.mark.parametrize(
    "command", [pytest.param(c, id=c) for c in ("serve", "validate", "openapi")]
)
def test_every_command_has_a_help(run, command):
    result = run(command, "--help")

    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")


def test_the_help_of_serve_names_each_option_with_variable_and_default(run):
    result = run("serve", "--help")

    text = " ".join(result.output.split())
    assert "--journal-size N Requests" in text
    assert "[LAGO_MOCK_JOURNAL_SIZE=1000]" in text
    assert "[LAGO_MOCK_CORS_ORIGIN=local]" in text
    assert "--quiet Tell nothing of requests. [LAGO_MOCK_QUIET=off]" in text
    assert "[LAGO_MOCK_ADMIN_TOKEN]" in text


def test_the_version_is_the_installed_one(run):
    result = run("--version")

    assert result.exit_code == 0
    assert result.output == f"lago-mockserver {version('lago-mockserver')}\n"


def test_openapi_prints_the_document(run):
    result = run("openapi")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == document()


@pytest.mark.parametrize(
    ("text", "status", "lines"),
    [
        pytest.param(GOOD, 0, ["good"], id="good"),
        pytest.param(ODD, 0, ["good", "/customer/nmae"], id="good with a remark"),
        pytest.param(
            BAD, 1, ["refused", "/customer/currency", "/customer/external_id"], id="two faults"
        ),
        pytest.param('{"customer": ', 1, ["refused", "body"], id="malformed"),
        pytest.param("{}", 1, ["refused", "/customer"], id="no customer"),
        pytest.param("", 1, ["refused", "body"], id="empty"),
    ],
)
def test_validate_says_of_a_file_whether_it_is_good_and_why_not(run, write, text, status, lines):
    file = write("body.json", text)

    result = run("validate", file)

    assert result.exit_code == status
    told = [line.strip().partition(": ") for line in result.stdout.splitlines()]
    assert told[0][0] == file
    assert [told[0][2], *(where for where, _, _ in told[1:])] == lines


def test_validate_reads_standard_input_for_a_dash(run):
    result = run("validate", "-", input=GOOD)

    assert result.exit_code == 0
    assert result.stdout == "-: good\n"


def test_validate_looks_at_all_files_and_fails_if_one_is_bad(run, write):
    files = [write("a.json", GOOD), write("b.json", BAD), write("c.json", GOOD)]

    result = run("validate", *files)

    assert result.exit_code == 1
    verdicts = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert verdicts == [f"{files[0]}: good", f"{files[1]}: refused", f"{files[2]}: good"]


@pytest.mark.parametrize(
    "name", [pytest.param("missing.json", id="missing"), pytest.param("", id="folder")]
)
def test_validate_fails_in_one_line_where_a_file_cannot_be_read(run, tmp_path, name):
    file = str(tmp_path / name)

    result = run("validate", file)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"{file} cannot be read: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["validate"], id="no file"),
        pytest.param(["srve"], id="unknown command"),
        pytest.param(["serve", "--prot", "1"], id="unknown option"),
        pytest.param(["serve", "--port"], id="option without a value"),
    ],
)
def test_wrong_arguments_are_told_in_one_line(run, arguments):
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "--help" in result.stderr


def test_serve_tells_its_address_and_answers_there(serve):
    _, port = serve()

    status, body = _answered(port, "GET", "/health")

    assert status == 200
    assert body["message"] == "Success"


def test_serve_takes_options_from_the_environment(serve):
    _, port = serve(LAGO_MOCK_API_KEY="first,second")

    refused, _ = _answered(port, "GET", "/api/v1/customers", headers={"Authorization": "Bearer x"})
    status, _ = _answered(
        port, "GET", "/api/v1/customers", headers={"Authorization": "Bearer second"}
    )

    assert (refused, status) == (401, 200)


def test_serve_starts_with_the_customers_of_a_fixtures_file(serve, organization_file):
    _, port = serve("--fixtures", str(organization_file([{"external_id": "acme"}])))

    status, _ = _answered(
        port, "GET", "/api/v1/customers/acme", headers={"Authorization": "Bearer x"}
    )

    assert status == 200


@pytest.mark.parametrize(
    "number",
    [pytest.param(each, id=each.name) for each in (signal.SIGTERM, signal.SIGINT)],
)
def test_serve_ends_on_a_signal_with_status_zero_and_without_a_word(serve, number):
    process, _ = serve()

    process.send_signal(number)

    out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert (out, err) == ("", "")


def test_serve_ends_on_a_signal_though_a_client_keeps_its_connection(serve):
    process, port = serve()
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", "/health")
        connection.getresponse().read()

        process.send_signal(signal.SIGTERM)

        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in err


def test_each_request_is_told_on_standard_error_and_why_it_is_refused(serve):
    process, port = serve()
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk-secret"}
    body = '{"customer": {"external_id": "sk-secret", "currency": "EURO"}}'
    _answered(port, "GET", "/health")
    _answered(port, "POST", "/api/v1/customers?x=1", headers=headers, body=body)

    process.send_signal(signal.SIGTERM)

    out, err = process.communicate(timeout=20)
    assert out == ""
    first, second, *why = err.splitlines()[-4:]
    assert re.fullmatch(r"\d\d:\d\d:\d\d GET    /health 200 [\d.]+ ms", first)
    assert " POST   /api/v1/customers?x=1 422 " in second
    assert [line.split(":")[0].strip() for line in why] == ["/customer/currency", "query x"]
    assert "sk-secret" not in err


def test_the_start_tells_where_the_page_is(serve):
    process, port = serve()

    assert process.stderr.readline().endswith(f"http://127.0.0.1:{port}/__admin/\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["--host", "0.0.0.0"], "set --admin-token", id="off"),  # noqa: S104
        pytest.param(["--admin-token", "t"], "for those with the token", id="for a token"),
    ],
)
def test_the_start_tells_who_may_use_the_control_api(arguments, told):
    command = [*COMMAND, "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=_environment()
    ) as process:
        lines = [process.stderr.readline() for _ in range(2)]
        process.terminate()

    assert told in lines[1]


def test_for_machines_every_line_is_an_object():
    command = [*COMMAND, "serve", "--port", "0", "--log-format", "json"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=_environment()
    ) as process:
        start = json.loads(process.stderr.readline())
        port = int(start["url"].rpartition(":")[2])
        _answered(port, "GET", "/health")
        request = json.loads(process.stderr.readline())
        process.terminate()

    assert start["event"] == "start"
    assert (request["event"], request["path"], request["status"]) == ("request", "/health", 200)


@pytest.mark.parametrize("way", [{"arguments": ["--quiet"]}, {"LAGO_MOCK_QUIET": "true"}])
def test_a_quiet_server_tells_nothing_of_requests(serve, way):
    process, port = serve(*way.pop("arguments", []), **way)
    assert process.stderr.readline()
    _answered(port, "GET", "/nowhere")

    process.send_signal(signal.SIGTERM)

    assert process.communicate(timeout=20)[1] == ""


def test_a_server_goes_on_though_nobody_reads_what_it_tells():
    command = [*COMMAND, "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=_environment())
    port = int(START_LINE.fullmatch(process.stderr.readline())[1])
    process.stderr.close()

    answers = [_answered(port, "GET", "/health")[0] for _ in range(3)]

    process.terminate()
    assert answers == [200, 200, 200]
    assert process.wait(timeout=20) == 0


def test_colours_are_left_out_where_there_is_no_terminal(serve):
    process, port = serve()
    _answered(port, "GET", "/health")

    process.send_signal(signal.SIGTERM)

    assert "\x1b" not in process.communicate(timeout=20)[1]


def test_customers_are_made_up_to_start_with(serve):
    _, port = serve("--populate", "30", "--seed", "7")
    headers = {"Authorization": "Bearer me"}

    _, answer = _answered(port, "GET", "/api/v1/customers?per_page=5", headers=headers)

    assert answer["meta"]["total_count"] == 30


def test_a_changed_fixtures_file_is_read_again_and_a_bad_one_is_not(serve, tmp_path):
    file = tmp_path / "fixtures.json"
    content = {"organization": {"name": "A"}, "customers": [{"external_id": "one"}]}
    file.write_text(json.dumps(content))
    process, port = serve("--fixtures", str(file), "--watch", "--quiet")
    process.stderr.readline()
    customers = partial(
        _answered, port, "GET", "/api/v1/customers", headers={"Authorization": "Bearer me"}
    )
    assert [each["external_id"] for each in customers()[1]["customers"]] == ["one"]
    content["customers"] = [{"external_id": "two"}]
    file.write_text(json.dumps(content))
    good = process.stderr.readline()
    content["customers"] = [{"external_id": ""}]
    file.write_text(json.dumps(content))
    bad = process.stderr.readline() + process.stderr.readline()

    assert good == f"{file} has changed; one organization starts afresh from it.\n"
    assert bad.startswith(f"{file} has changed and is bad; all stays as it was.\n")
    assert "/customers/0/external_id" in bad
    assert [each["external_id"] for each in customers()[1]["customers"]] == ["two"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        pytest.param(["--port", "http"], {}, "--port", id="option"),
        pytest.param(["--port", "70000"], {}, "--port", id="port too large"),
        pytest.param(["--unknown-fields", "x"], {}, "--unknown-fields", id="word"),
        pytest.param(["--journal-size", "9" * 30], {}, "--journal-size", id="endless journal"),
        pytest.param(["--host", ""], {}, "--host", id="empty host"),
        pytest.param(["--host", "a..b"], {}, "a..b", id="host that is no name"),
        pytest.param(["--watch"], {}, "--fixtures", id="nothing to watch"),
        pytest.param([], {"LAGO_MOCK_PORT": "http"}, "LAGO_MOCK_PORT", id="variable"),
        pytest.param([], {"LAGO_MOCK_PROT": "1"}, "LAGO_MOCK_PROT", id="unknown variable"),
        pytest.param(["--fixtures", "missing.json"], {}, "missing.json: ", id="missing file"),
    ],
)
def test_serve_refuses_a_bad_setting_in_one_line(arguments, environment, told):
    result = _run("serve", "--port", "0", *arguments, **environment)

    assert result.returncode == 2
    assert result.stdout == ""
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_serve_refuses_a_taken_port_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        result = _run("serve", "--port", port)

    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"Cannot listen on 127.0.0.1:{port}: ")
    assert result.stderr.count("\n") == 1


def test_serve_refuses_a_bad_fixtures_file_with_one_line_for_each_fault(organization_file):
    path = organization_file([{"external_id": "a", "currency": "EURO"}, {"name": "nobody"}])

    result = _run("serve", "--port", "0", "--fixtures", str(path))

    assert result.returncode == 2
    assert result.stdout == ""
    assert [line.partition(": [")[0] for line in result.stderr.splitlines()] == [
        f"{path}: /customers/0/currency",
        f"{path}: /customers/1/external_id",
    ]


def test_without_a_command_the_help_is_shown():
    result = CliRunner().invoke(main, [])

    assert result.exit_code == 0
    assert "lago-mockserver serve" in result.output


def test_ctrl_c_while_a_body_is_typed_ends_in_one_line():
    class Interrupted(io.BytesIO):
        def read(self, size=-1):
            if size == 0:  # click asks so what kind of stream it is
                return b""
            raise KeyboardInterrupt

    result = CliRunner().invoke(main, ["validate", "-"], input=Interrupted())

    assert result.exit_code == 1
    assert result.output.strip() == "Stopped."


def test_a_signal_that_comes_while_the_server_starts_ends_it_at_once(tmp_path):
    fixtures = tmp_path / "fixtures.json"
    os.mkfifo(fixtures)  # opening it to write waits until the server opens it to read
    command = [sys.executable, "-Im", "mockserver", "serve", "--port", "0"]
    with (
        subprocess.Popen(
            [*command, "--fixtures", fixtures], stderr=subprocess.PIPE, text=True
        ) as process,
        fixtures.open("w"),
    ):
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)

    assert process.returncode == 0
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(["serve", "--port", "x"], 0, id="serve has nothing to finish"),
        pytest.param(
            ["validate", "x"], -signal.SIGTERM, id="validate has not said that all is good"
        ),
    ],
)
def test_a_signal_that_comes_while_a_command_is_imported_ends_it_at_once(arguments, status):
    code = """
import os, signal, sys
from mockserver.__main__ import main
class Impatient:
    def find_spec(self, name, path=None, target=None):
        if name == "mockserver.cli":
            os.kill(os.getpid(), signal.SIGTERM)
sys.meta_path.insert(0, Impatient())
main()
"""
    command = [sys.executable, "-Ic", code, *arguments]

    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)

    assert (ended.returncode, ended.stdout, ended.stderr) == (status, "", "")
