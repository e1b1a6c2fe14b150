"""What the pytest plugin costs, beside pytest-httpserver in the same run.

Each figure is the median of several rounds, taken in turn, with no other plugin loaded: what those
import would not be counted. Run it by ``make bench-plugin``; needs
pytest-httpserver (the group ``bench`` of pyproject.toml).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROUNDS = 7
STARTS = 5  # of a pytest with nothing to do, in each round
TESTS = 500
CONFTEST = """
import json
import time

import pytest

TIMES = {"phases": []}


def pytest_runtest_logreport(report):
    if report.when != "call":
        TIMES["phases"].append(report.duration)


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session):
    yield
    with open("times.json", "w") as file:
        json.dump(TIMES, file)
"""
SUITES = {
    "lago-mockserver": "def test_it(lago, number):\n    lago.url\n",
    "pytest-httpserver": "def test_it(httpserver, number):\n    httpserver.url_for('/')\n",
}
PLUGINS = {"lago-mockserver": "lago", "pytest-httpserver": "pytest_httpserver"}
NUMBERED = (
    "import pytest\n\npytestmark = pytest.mark.parametrize('number', range({tests}))\n\n\n{test}"
)


def run(folder: Path, plugin: str) -> float:
    """Return the seconds that pytest takes in *folder* with *plugin* alone, if it is not empty."""
    command = [sys.executable, "-Im", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", plugin] if plugin else []
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=alone)
    return time.perf_counter() - began


def measured(name: str) -> dict[str, float]:
    """Return the figures of one round with the suite *name*, in milliseconds."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "conftest.py").write_text(CONFTEST)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_it.py").write_text(NUMBERED.format(tests=TESTS, test=SUITES[name]))
        run(folder, PLUGINS[name])
        times = json.loads((folder / "times.json").read_text())
    phases = times["phases"]
    pairs = [a + b for a, b in zip(phases[::2], phases[1::2], strict=True)]
    return {
        "start of the first": 1000 * phases[0],
        "set-up and tear-down of a test": 1000 * median(pairs[1:-1]),
        "stop": 1000 * phases[-1],
    }


def start_up(plugin: str) -> float:
    """Return the seconds of a pytest that has nothing to do, but *plugin* loaded."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_it.py").write_text("def test_it():\n    pass\n")
        return run(folder, plugin)


def row(what: str, mine: float, other: float) -> str:
    """Return a line of the table."""
    return f"{what:34}{mine:9.2f}{other:9.2f}{mine / other:7.2f}"


def main() -> None:
    """Measure in turn, and print medians and ratios."""
    figures: dict[str, dict[str, list[float]]] = {name: {} for name in SUITES}
    started: dict[str, list[float]] = {"": [], **{plugin: [] for plugin in PLUGINS.values()}}
    for _ in range(ROUNDS):
        for name in SUITES:
            for what, value in measured(name).items():
                figures[name].setdefault(what, []).append(value)
        for _ in range(STARTS):
            for plugin, values in started.items():
                values.append(start_up(plugin))
    ours, theirs = figures.values()
    print(f"{'milliseconds, medians of ' + str(ROUNDS):34}{'ours':>9}{'theirs':>9}{'ratio':>7}")
    for what, values in ours.items():
        print(row(what, median(values), median(theirs[what])))
    # The quickest of each: what comes on top is the machine's doing.
    bare, mine, other = (1000 * min(values) for values in started.values())
    print(row("a pytest with nothing to do", mine, other))
    print(row("of which the plugin", mine - bare, other - bare))


if __name__ == "__main__":
    main()
