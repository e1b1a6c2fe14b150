"""What the pytest plugin costs, beside pytest-httpserver in the same run.

Each figure is the median of several rounds, taken in turn. Run it by ``make bench``; needs
pytest-httpserver (the group ``bench`` of pyproject.toml).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROUNDS = 7
STARTS = 3  # of a pytest with nothing to do, in each round
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


def run(folder: Path, *options: str) -> float:
    """Return the seconds that pytest takes in *folder*, its start and end included."""
    command = [sys.executable, "-Im", "pytest", "-q", "-p", "no:cacheprovider", *options]
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - began


def measured(test: str) -> dict[str, float]:
    """Return the figures of one round with the suite *test*, in milliseconds."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "conftest.py").write_text(CONFTEST)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_it.py").write_text(NUMBERED.format(tests=TESTS, test=test))
        run(folder)
        times = json.loads((folder / "times.json").read_text())
    phases = times["phases"]
    pairs = [a + b for a, b in zip(phases[::2], phases[1::2], strict=True)]
    return {
        "start of the first": 1000 * phases[0],
        "set-up and tear-down of a test": 1000 * median(pairs[1:-1]),
        "stop": 1000 * phases[-1],
    }


def start_up(name: str) -> float:
    """Return the seconds of a pytest that has nothing to do, but the plugin *name* loaded."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "test_it.py").write_text("def test_it():\n    pass\n")
        others = [f"no:{other}" for other in PLUGINS.values() if other != name]
        return run(folder, *(part for other in others for part in ("-p", other)))


def main() -> None:
    """Measure in turn, and print medians and ratios."""
    figures: dict[str, dict[str, list[float]]] = {name: {} for name in SUITES}
    started: dict[str, list[float]] = {"": [], **{plugin: [] for plugin in PLUGINS.values()}}
    for _ in range(ROUNDS):
        for name, test in SUITES.items():
            for what, value in measured(test).items():
                figures[name].setdefault(what, []).append(value)
        for _ in range(STARTS):
            for plugin, values in started.items():
                values.append(start_up(plugin))
    ours, theirs = figures.values()
    print(f"{'milliseconds, medians of ' + str(ROUNDS):34}{'ours':>9}{'theirs':>9}{'ratio':>7}")
    for what, values in ours.items():
        mine, other = median(values), median(theirs[what])
        print(f"{what:34}{mine:9.2f}{other:9.2f}{mine / other:7.2f}")
    # The quickest of each: what comes on top is the machine's doing.
    bare, mine, other = (1000 * min(values) for values in started.values())
    print(f"{'added to the start of pytest':34}{mine - bare:9.2f}{other - bare:9.2f}")


if __name__ == "__main__":
    main()
