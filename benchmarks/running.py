"""A server run as a process: waited for, loaded by wrk, watched in /proc, and stopped."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LOAD = Path(__file__).with_name("load.lua")
CONNECTIONS = 8
DYING_WITH_US = ("setpriv", "--pdeathsig", "KILL")
_PATIENCE = 60.0  # seconds that a server may take to start
_GRACE = 5.0  # seconds that it may take to stop
_TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A server cannot be measured; the text says why."""


@dataclass(frozen=True)
class Request:
    """What is asked again and again; with *external_id*, each time for another customer."""

    method: str
    path: str
    body: Path | None = None
    external_id: str = ""
    status: range = range(200, 300)

    def script_arguments(self) -> list[str]:
        """Return what load.lua is told."""
        if self.body is None:
            return [self.method]
        return [self.method, str(self.body), self.external_id, str(uuid.uuid4())[:24]]


@dataclass(frozen=True)
class Load:
    """What a few seconds of load came to; times in microseconds."""

    rate: float
    p99: float
    cpu: float  # of a request, in all processes of the server


@dataclass(frozen=True)
class Running:
    """A server that was started as the process *pid* and answers on *port*."""

    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """Return the processor time of the server and all its children, ended ones too."""
        return sum(sum(map(int, _stat(pid)[11:15])) for pid in self._tree()) / _TICKS

    def megabytes(self) -> float:
        """Return its memory; pages that processes share are counted once."""
        return sum(1024 * _proportional_set(pid) for pid in self._tree()) / 1e6

    def answer(self, request: Request) -> tuple[int, bytes]:
        """Return status and body of the answer to one *request*."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        try:
            body = None if request.body is None else request.body.read_bytes()
            headers = {"Authorization": "Bearer key-of-the-bench"}
            if body:
                headers["Content-Type"] = "application/json"
            connection.request(request.method, request.path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def loaded(self, request: Request, seconds: int) -> Load:
        """Ask for *seconds*; raises `Failed` if an answer is not as it should be."""
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(LOAD)]
        command += [f"http://127.0.0.1:{self.port}{request.path}", "--"]
        command += request.script_arguments()
        before = self.cpu_seconds()
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        used = self.cpu_seconds() - before
        if done.returncode:
            raise Failed(f"wrk: {done.stdout}{done.stderr}")
        told = json.loads(done.stdout.splitlines()[-1])
        requests = told["requests"]
        refusals = requests if request.status.start >= 400 else 0
        if not requests or told["refused"] != refusals or told["lost"]:
            raise Failed(f"wrong answers under load: {told}")
        return Load(1e6 * requests / told["microseconds"], told["p99"], 1e6 * used / requests)

    def _tree(self) -> list[int]:
        parents = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
            except OSError:  # it has ended
                continue
        tree = [self.pid]
        for pid in tree:
            tree += [child for child, parent in parents.items() if parent == pid]
        return tree


@contextmanager
def running(command: Sequence[str], environ: Mapping[str, str], log: Path) -> Iterator[Running]:
    """Run *command*, with ``{port}`` filled in, while the block runs; its output goes to *log*.

    Ended the hard way if need be, and by the kernel should this script be killed.
    """
    port = _free_port()
    filled = [part.replace("{port}", str(port)) for part in command]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*DYING_WITH_US, *filled],
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Running(process.pid, port)
    finally:
        _stop(process)


def until_answered(server: Running, request: Request) -> bytes:
    """Ask until the answer to *request* is as it should be, and return its body."""
    end = time.monotonic() + _PATIENCE
    heard = "nothing"
    while time.monotonic() < end:
        if os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            raise Failed("it ended while starting")
        try:
            status, body = server.answer(request)
        except OSError:
            time.sleep(0.002)
            continue
        if status in request.status:
            return body
        heard = f"{status} {body[:200]!r}"
        time.sleep(0.01)
    raise Failed(f"not ready after {_PATIENCE:.0f} seconds; last heard: {heard}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(_GRACE)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _stat(pid: int) -> list[str]:
    """Return the fields of a process from its state on; its name may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def _proportional_set(pid: int) -> int:
    """Return the KiB of a process, shared pages divided by those who share them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
