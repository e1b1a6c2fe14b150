"""What a request costs over the socket, beside an empty route and beside other mock servers.

Servers take turns, for several rounds: each is started afresh, waited for, loaded by wrk over 8
connections, and stopped. The first seconds after the start are what a test run sees; the table of
the warm servers is what they come to when loaded for longer. Run it by ``make bench-sockets``.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import peers
import servers
from cache import CACHE, Missing, needed
from report import Figures, fresh_table, machine, warm_table
from running import CONNECTIONS, DYING_WITH_US, Failed, running, until_answered

if TYPE_CHECKING:
    from collections.abc import Callable

OURS = "create"
SERVERS: dict[str, Callable[[], servers.Server]] = {
    OURS: servers.create,
    "crowded": servers.crowded,
    "console": servers.console,
    "refused": servers.refused,
    "get": servers.get,
    "floor": servers.floor,
    "waitress": servers.waitress,
    "prism": peers.prism,
    "mockoon": peers.mockoon,
    "wiremock": peers.wiremock,
    "connexion": peers.connexion,
    "json-server": peers.json_server,
}
SETTLING = 1.0  # seconds between the first answer and the look at memory
LOG_LINES = 5  # that are shown of a server that failed


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="default: 5")
    parser.add_argument("--seconds", type=int, default=5, metavar="S", help="default: 5")
    parser.add_argument(
        "--warm-up",
        type=int,
        default=10,
        metavar="S",
        help="seconds of load between the first measurement and the second; default: 10;"
        " 0 leaves the second out",
    )
    parser.add_argument("--only", metavar="NAME,...", help=f"some of {', '.join(SERVERS)}")
    given = parser.parse_args()
    given.names = given.only.split(",") if given.only else list(SERVERS)
    unknown = [name for name in given.names if name not in SERVERS]
    if unknown:
        parser.error(f"no server is called {', '.join(unknown)}; there are {', '.join(SERVERS)}")
    return given


def installed(names: list[str], lost: list[str]) -> dict[str, Figures]:
    """Return those of *names* that can be measured; *lost* is told of the others."""
    CACHE.mkdir(exist_ok=True)
    ready = {}
    for name in names:
        try:
            ready[name] = Figures(SERVERS[name]())
        except (Missing, subprocess.CalledProcessError) as error:
            lost.append(f"{name}: {error}")
            print(f"NOT MEASURED: {lost[-1]}", file=sys.stderr)
    return ready


def measure(name: str, figures: Figures, seconds: int, warm_up: int) -> None:
    """Add one round of the server *name* to its *figures*."""
    server, log = figures.server, CACHE / f"{name}.log"
    began = time.perf_counter()
    try:
        with running(server.command, server.environ, log) as process:
            until_answered(process, server.request)
            figures.starts.append(time.perf_counter() - began)
            time.sleep(SETTLING)
            figures.megabytes.append(process.megabytes())
            figures.fresh.append(process.loaded(server.request, seconds))
            if warm_up:
                process.loaded(server.request, warm_up)
                figures.warm.append(process.loaded(server.request, seconds))
    except Failed as error:
        said = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        raise Failed("\n    ".join([f"{name}: {error}", *said])) from error


def rounds(table: dict[str, Figures], given: argparse.Namespace, lost: list[str]) -> None:
    """Measure all servers of *table* in turn; those that fail leave it, and *lost* is told."""
    for number in range(given.rounds):
        for name in list(table):
            print(f"round {number + 1} of {given.rounds}: {name}", file=sys.stderr)
            try:
                measure(name, table[name], given.seconds, given.warm_up)
            except Failed as error:
                lost.append(str(error))
                print(f"FAILED: {error}", file=sys.stderr)
                del table[name]


def main() -> None:
    """Measure, and print the tables; fails if a server could not be measured."""
    given = arguments()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: sys.exit("Stopped."))
    lost: list[str] = []
    try:
        needed("wrk", "wrk")
        needed(DYING_WITH_US[0], "util-linux")
    except Missing as missing:
        sys.exit(str(missing))
    table = installed(given.names, lost)
    rounds(table, given, lost)
    ours = table.get(OURS)
    print(f"The first {given.seconds} seconds after the start, {CONNECTIONS} connections\n")
    print(*fresh_table(table.values(), ours), sep="\n")
    if given.warm_up:
        loaded = given.seconds + given.warm_up
        print(f"\nAfter {loaded} seconds under load\n")
        print(*warm_table(table.values(), ours), sep="\n")
    print(f"\nMedians; rounds: {given.rounds}. {machine()}.")
    if lost:
        sys.exit("\n".join(["", "Not measured:", *lost]))


if __name__ == "__main__":
    main()
