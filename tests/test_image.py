"""The container image, built and run for real: hardened, and asked through its published port.

LAGO_MOCKSERVER_BUILD_IMAGE and LAGO_MOCKSERVER_RUN_IMAGE name a builder (``BUILDER --quiet --tag
NAME FOLDER``) and a runner (``RUNNER NAME --hardened --publish 0:PORT``, which says on standard
error ``port 127.0.0.1:N -> PORT``, ``health: healthy``, ``stopped after S s``); both exit with 75
where they cannot work. Without them it is ``docker``, if an engine answers.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
IMAGE = "lago-mockserver-under-test"
BUILDER, RUNNER = "LAGO_MOCKSERVER_BUILD_IMAGE", "LAGO_MOCKSERVER_RUN_IMAGE"
HARDENED = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
FIRST_BUILD = 1500  # seconds; a builder may have to make a base image first
A_WHILE = 60  # seconds; what must be there within three may take this long on a busy machine
NO_ENGINE = 75
PATH = "/api/v1/customers"
HEADERS = {"Authorization": "Bearer me", "Content-Type": "application/json"}
PROBE = """
import json, os
def fails(act):
    try:
        act()
    except OSError:
        return True
print(json.dumps({
    "user": os.getuid(),
    "root is read-only": fails(lambda: open("/opt/venv/x", "w")) and fails(lambda: open("/x", "w")),
}))
"""


def _output(*command, timeout=A_WHILE):
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=timeout)
    return done.returncode, done.stdout, done.stderr


class ByRunner:
    """The image, built and run by the two commands of the environment."""

    def __init__(self):
        self._builder, self._runner = os.environ[BUILDER], os.environ[RUNNER]

    def build(self):
        command = [self._builder, "--quiet", "--tag", IMAGE, ROOT]
        status, _, err = _output(*command, timeout=FIRST_BUILD)
        if status == NO_ENGINE:
            pytest.skip(f"no engine can run here: {err}")
        assert status == 0, err

    def output(self, *command):
        """What *command* prints in a hardened container instead of the server."""
        entry, *rest = command
        return _output(self._runner, IMAGE, "--hardened", "--entrypoint", entry, "--", *rest)

    def start(self, port, environment, volumes):
        """Start a container that is reached by nobody but this machine, and reaches nobody."""
        command = [self._runner, IMAGE, "--hardened", "--publish", f"0:{port}"]
        command += [f"--env={name}={value}" for name, value in environment.items()]
        command += [f"--volume={volume}" for volume in volumes]
        return Running(command)


class ByDocker:
    """The image, built and run by a Docker engine, through the same words as a runner's."""

    def build(self):
        status, _, err = _output("docker", "build", "--tag", IMAGE, ROOT, timeout=FIRST_BUILD)
        assert status == 0, err

    def output(self, *command):
        entry, *rest = command
        return _output("docker", "run", "--rm", *HARDENED, "--entrypoint", entry, IMAGE, *rest)

    def start(self, port, environment, volumes):
        options = [f"--env={name}={value}" for name, value in environment.items()]
        options += [f"--volume={volume}" for volume in volumes]
        return Running(["sh", "-c", DOCKER_RUNNER, IMAGE, str(port), *HARDENED, *options])


# Docker has no one command that publishes, waits for the health and stops with its caller.
DOCKER_RUNNER = """
port=$1; shift
id=$(docker run --detach --publish "127.0.0.1:0:$port" "$@" "$0") || exit 125
trap 'docker stop "$id" >/dev/null' TERM
docker logs --follow "$id" &
echo "port $(docker port "$id" "$port" | head -n 1) -> $port" >&2
until [ "$state" = healthy ] || [ "$state" = gone ]; do
    state=$(docker inspect "$id" --format \\
        '{{if .State.Running}}{{.State.Health.Status}}{{else}}gone{{end}}')
done
echo "health: $state" >&2
docker wait "$id" >/dev/null &
wait $!
status=$(docker wait "$id")
docker rm --force "$id" >/dev/null
exit "$status"
"""


class Running:
    """A container that *command* runs; what it said so far is in `log`."""

    def __init__(self, command):
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.log = ""

    def awaited(self, pattern):
        """Return what *pattern* finds in the output, once it is there."""
        watchdog = threading.Timer(A_WHILE, self._process.terminate)
        watchdog.start()
        try:
            while not (found := re.search(pattern, self.log)):
                line = self._process.stderr.readline()
                assert line, f"{pattern} never came: {self.log}"
                self.log += line
        finally:
            watchdog.cancel()
        return found

    def connection(self):
        port = self.awaited(r"port 127\.0\.0\.1:(\d+)")[1]
        return closing(HTTPConnection("127.0.0.1", int(port), timeout=A_WHILE))

    def request_stop(self):
        self._process.terminate()

    def end(self):
        """Return the exit status, once it has ended."""
        _, rest = self._process.communicate(timeout=A_WHILE)
        self.log += rest
        return self._process.returncode


@pytest.fixture(scope="module")
def engine():
    """What runs containers here, with the image built."""
    if {BUILDER, RUNNER} <= os.environ.keys():
        found = ByRunner()
    elif shutil.which("docker") and _output("docker", "version")[0] == 0:
        found = ByDocker()
    else:
        pytest.skip(f"no Docker engine answers, and {BUILDER} and {RUNNER} are not set")
    found.build()
    return found


@pytest.fixture
def start(engine):
    """Start a hardened container of the image; it is healthy on return."""
    started = []

    def begin(*volumes, port=3000, **environment):
        container = engine.start(port, environment, volumes)
        started.append(container)
        container.awaited("health: healthy")
        return container

    yield begin
    for container in started:
        container.request_stop()
        with suppress(ValueError):  # its output is closed: it has ended
            container.end()


def _exchange(connection, method, path, **more):
    connection.request(method, path, **more)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def test_a_hardened_container_becomes_healthy_and_answers_the_pages_request(start):
    page_request = (ROOT / "fixtures/customer-create.json").read_bytes()
    container = start()

    with container.connection() as connection:
        status, answer = _exchange(connection, "POST", PATH, headers=HEADERS, body=page_request)

    assert status == 200
    assert answer["customer"]["name"] == "Gavin Belson"


def test_the_user_is_not_root_and_the_root_is_read_only(engine):
    status, out, err = engine.output("python", "-c", PROBE)

    assert status == 0, err
    assert json.loads(out) == {"user": 10001, "root is read-only": True}


def test_a_container_listens_on_the_port_of_its_platform_with_mounted_fixtures(start):
    # An engine may see no folder but the usual ones, and the user inside is a stranger to it.
    with tempfile.NamedTemporaryFile("w", suffix=".json") as fixtures:
        json.dump({"organization": {"name": "A"}, "customers": [{"external_id": "a"}]}, fixtures)
        fixtures.flush()
        Path(fixtures.name).chmod(0o644)
        mounted = f"{fixtures.name}:/data/lago.json:ro"
        container = start(
            mounted, port=8080, PORT="8080", LAGO_MOCK_FIXTURES="lago.json", LAGO_MOCK_API_KEY="me"
        )

        with container.connection() as connection:
            status, answer = _exchange(connection, "GET", f"{PATH}/a", headers=HEADERS)
            refused, _ = _exchange(connection, "GET", PATH, headers={"Authorization": "Bearer x"})

    assert (status, answer["customer"]["external_id"]) == (200, "a")
    assert refused == 401


def test_customers_are_made_up_by_what_the_image_keeps_of_faker(start):
    container = start(LAGO_MOCK_POPULATE="200")

    with container.connection() as connection:
        status, answer = _exchange(connection, "GET", PATH, headers=HEADERS)

    assert status == 200
    assert answer["meta"]["total_count"] == 200


def test_an_idle_container_ends_at_once_with_status_zero(start):
    container = start()

    container.request_stop()

    status = container.end()
    stopped = re.search(r"stopped after ([\d.]+) s", container.log)
    assert status == 0
    assert stopped is None or float(stopped[1]) < 5  # a busy machine; an idle one: under a second


def test_a_request_in_flight_gets_its_answer_before_the_container_ends(start):
    container = start()

    with container.connection() as connection, ThreadPoolExecutor() as pool:
        connection.request("GET", PATH, headers=HEADERS | {"Mock-Fault": "delay 1500"})
        answer = pool.submit(lambda: connection.getresponse().status)
        container.request_stop()
        in_flight = not answer.done()

        status = answer.result(A_WHILE)

    assert in_flight
    assert status == 200
    assert container.end() == 0


def test_a_bad_setting_ends_the_start_with_one_line(engine):
    status, out, err = engine.output("lago-mockserver", "serve", "--port", "http")

    told = [line for line in err.splitlines() if not line.startswith("run-image: ")]
    assert status == 2
    assert (out, len(told)) == ("", 1)
    assert told[0].startswith("--port must be a number")
