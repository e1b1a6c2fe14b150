"""The tables of what was measured, in Markdown."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from running import Load
    from servers import Server

PROGRAMS = {"wrk": "-v", "node": "--version", "java": "-version"}
LOADED = ["requests/s", "ours ÷ it", "p99, ms", "CPU, µs a request", "it ÷ ours"]


@dataclass(frozen=True)
class Figures:
    """What was measured of a server, round by round."""

    server: Server
    starts: list[float] = field(default_factory=list)  # seconds until the first answer
    megabytes: list[float] = field(default_factory=list)
    fresh: list[Load] = field(default_factory=list)
    warm: list[Load] = field(default_factory=list)


def fresh_table(table: Iterable[Figures], ours: Figures | None) -> list[str]:
    """Return the lines of the table of the first seconds, with start and memory."""
    head = ["server", "what it does", *LOADED, "start, s", "idle, MB"]
    lines = [_row(*head), _row("---", "---", *["--:"] * (len(head) - 2))]
    for each in table:
        start, memory = f"{median(each.starts):.2f}", f"{median(each.megabytes):.0f}"
        loaded = _compared(each.fresh, ours.fresh if ours else None)
        lines.append(_row(each.server.title, each.server.does, *loaded, start, memory))
    return lines


def warm_table(table: Iterable[Figures], ours: Figures | None) -> list[str]:
    """Return the lines of the table of servers that have been under load for a while."""
    head = [_row("server", *LOADED), _row("---", *["--:"] * len(LOADED))]
    warm = ours.warm if ours else None
    return head + [_row(each.server.title, *_compared(each.warm, warm)) for each in table]


def machine() -> str:
    """Return on what was measured, with what, and when."""
    processor = re.search("model name\\s*: (.*)", Path("/proc/cpuinfo").read_text())
    parts = [
        f"{os.cpu_count()} cores ({processor[1] if processor else platform.machine()})",
        f"Python {platform.python_version()}",
        *(f"{name} {_version(name, option)}" for name, option in PROGRAMS.items()),
        datetime.now(UTC).date().isoformat(),
    ]
    return ", ".join(parts)


def _compared(loads: list[Load], ours: list[Load] | None) -> list[str]:
    """Return the cells of *loads*, with how many times better *ours* is where it counts."""
    rate, cpu = median(load.rate for load in loads), median(load.cpu for load in loads)
    faster = cheaper = ""
    if ours:
        faster = f"{median(load.rate for load in ours) / rate:.2f}"
        cheaper = f"{cpu / median(load.cpu for load in ours):.2f}"
    p99 = median(load.p99 for load in loads) / 1000
    return [f"{rate:,.0f}", faster, f"{p99:.1f}", f"{cpu:.0f}", cheaper]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _version(program: str, option: str) -> str:
    try:
        command = [program, option]
        told = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return "missing"
    found = re.search(r"\d+(\.\d+)+", told.stdout + told.stderr)
    return found[0] if found else "of an unknown version"
