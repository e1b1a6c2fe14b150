"""Contract coverage of a whole pytest run, its xdist workers included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.coverage import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SENT = "lago_coverage"


class SuiteCoverage:
    """A plugin that collects what the tests of *config*'s run exercise, and tells it at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._coverage = Coverage()
        self._fail_under: float | None = config.getoption("lago_coverage_fail_under")
        self._file: str | None = config.getoption("lago_coverage_json")
        self._unwritten = ""

    def collect(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Count *entries*, the requests of one test as the journal shows them."""
        for entry in entries:
            self._coverage.add(entry)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what an xdist worker has seen."""
        self._coverage.merge(getattr(node, "workeroutput", {}).get(_SENT, ()))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what this worker has seen, or fail the run that has seen too little."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_SENT] = self._coverage.exercised
            return
        if self._file is not None:
            self._write(Path(self._file))
        if self._is_too_little() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self._unwritten:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell it."""
        terminalreporter.section("lago: contract coverage")
        for line in self._coverage.report():
            terminalreporter.write_line(line)
        if self._is_too_little():
            text = f"too little: --lago-coverage-fail-under asks for {self._fail_under:g} %"
            terminalreporter.write_line(text, red=True)
        if self._unwritten:
            terminalreporter.write_line(self._unwritten, red=True)

    def _is_too_little(self) -> bool:
        return self._fail_under is not None and self._coverage.percent < self._fail_under

    def _write(self, file: Path) -> None:
        text = json.dumps(self._coverage.readable(), indent=2)
        try:
            file.write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            self._unwritten = f"--lago-coverage-json: {file} cannot be written: {error.strerror}"
