"""Fixtures that give each test a Lago of its own, and the reason of a refusal in its report.

Everything but pytest is imported late: to be installed must cost other test suites nothing.
"""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from flask import Flask

    from mockserver.control import Door
    from mockserver.homes import Home
    from mockserver.lago import Lago
    from mockserver.server import Server
    from mockserver.suite_coverage import SuiteCoverage

_LAGO = pytest.StashKey["Lago"]()
_PASSED = pytest.StashKey[bool]()
_COVERAGE: pytest.StashKey[SuiteCoverage] = pytest.StashKey()


@pytest.fixture(scope="session")
def lago_settings() -> dict[str, Any]:
    """Return settings by the names of `mockserver.settings.Settings`; override it to set some."""
    return {}


@pytest.fixture(scope="session")
def lago_wsgi(lago_settings: Mapping[str, Any], pytestconfig: pytest.Config) -> Flask:
    """Make Lago as a WSGI application, for clients that need no socket.

    Unless the settings name keys, it accepts those of `lago` alone: a wrong key is refused rather
    than given an organization that nobody looks into.
    """
    if _url(pytestconfig):
        text = "lago_wsgi: with --lago-url the application is in another process; use lago.url"
        pytest.fail(text, pytrace=False)
    from mockserver.settings import SettingRefused, read_settings
    from mockserver.web import create_app

    secrets = {"api_key": (str(uuid.uuid4()),), "admin_token": str(uuid.uuid4())}
    try:
        return create_app(read_settings({}, **{**secrets, **lago_settings}))
    except SettingRefused as error:
        pytest.fail(f"lago_settings: {error}", pytrace=False)


@pytest.fixture(scope="session")
def _lago_home(request: pytest.FixtureRequest, lago_settings: Mapping[str, Any]) -> Iterator[Home]:
    from mockserver.homes import HomeRefused, elsewhere, here

    url = _url(request.config)
    if url is None:
        app = request.getfixturevalue("lago_wsgi")
        home = here(app, app.extensions["mockserver.settings"].admin_token, lago_settings)
    else:
        token = request.config.getoption("lago_admin_token")
        try:
            home = elsewhere(url, token or os.environ.get("LAGO_MOCK_ADMIN_TOKEN"), lago_settings)
        except HomeRefused as error:
            pytest.fail(f"--lago-url: {error}", pytrace=False)
    yield home
    home.close()


@pytest.fixture(scope="session")
def lago_server(_lago_home: Home) -> Server | Door:
    """Return the server that all tests share; without it, it starts when one asks for `url`."""
    return _lago_home.server()


@pytest.fixture
def lago(request: pytest.FixtureRequest, _lago_home: Home) -> Iterator[Lago]:
    """Make a Lago that no other test sees: its key is its own, and forgotten after the test."""
    from mockserver.homes import HomeRefused
    from mockserver.lago import checked_statuses

    for mark in request.node.iter_markers("lago_expects"):
        try:
            checked_statuses(mark.args)
        except TypeError as error:
            pytest.fail(f"@pytest.mark.lago_expects: {error}", pytrace=False)
    try:
        lago = _lago_home.lago()
    except HomeRefused as error:
        pytest.fail(str(error), pytrace=False)
    request.node.stash[_LAGO] = lago
    yield lago
    if request.node.stash.get(_PASSED, False):  # what fixtures that use it asked after the test
        unexpected = lago.unexpected(_expected(request.node))
        if unexpected:
            pytest.fail(_unexpected("The tear-down", unexpected), pytrace=False)


@pytest.fixture(scope="session")
def lago_env_names() -> tuple[str, str]:
    """Return the variables that the code under test reads address and key from; override it."""
    return ("LAGO_API_URL", "LAGO_API_KEY")


@pytest.fixture
def lago_env(lago: Lago, lago_env_names: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Lago:
    """Put the address and key of the same Lago into the environment while the test runs."""
    for name, value in zip(lago_env_names, (lago.url, lago.api_key), strict=True):
        monkeypatch.setenv(name, value)
    return lago


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options, ``--lago-strict`` also to the configuration file."""
    group = parser.getgroup("lago")
    text = "fail tests that pass although Lago refused a request, or dropped unknown keys of one"
    group.addoption("--lago-strict", action="store_true", help=text)
    parser.addini("lago_strict", text, type="bool", default=False)
    text = "tell at the end how much of Lago's contract the tests exercised"
    group.addoption("--lago-coverage", action="store_true", help=text)
    text = "fail if the tests exercised less than N percent of the contract"
    group.addoption("--lago-coverage-fail-under", metavar="N", type=_percent, help=text)
    text = "write the contract coverage to FILE as JSON"
    group.addoption("--lago-coverage-json", metavar="FILE", help=text)
    text = "use the lago-mockserver that runs at URL instead of one in this process"
    group.addoption("--lago-url", metavar="URL", help=text)
    text = "the --admin-token it was started with (or set LAGO_MOCK_ADMIN_TOKEN)"
    group.addoption("--lago-admin-token", metavar="TOKEN", help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    text = "lago_expects(*statuses): with --lago-strict, answers that this test may get"
    config.addinivalue_line("markers", text)
    names = ("lago_coverage", "lago_coverage_fail_under", "lago_coverage_json")
    if any(config.getoption(name) not in {None, False} for name in names):
        from mockserver.suite_coverage import SuiteCoverage

        config.stash[_COVERAGE] = SuiteCoverage(config)
        config.pluginmanager.register(config.stash[_COVERAGE], "lago_coverage")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failed test what its Lago was asked, and why it refused."""
    report = yield
    lago = item.stash.get(_LAGO, None)
    if lago is None:
        return report
    looked_at = report.passed and report.when == "call" and not hasattr(report, "wasxfail")
    if looked_at and _is_strict(item.config):
        unexpected = lago.unexpected(_expected(item))
        if unexpected:
            report.outcome = "failed"
            report.longrepr = _unexpected("The test", unexpected)
        item.stash[_PASSED] = not unexpected
    if report.failed:
        report.sections.append(lago.report())
    if report.when == "teardown":
        del item.stash[_LAGO]
        coverage = item.config.stash.get(_COVERAGE, None)
        if coverage is not None:
            coverage.collect(lago.entries())
        lago.close()
    return report


def _is_strict(config: pytest.Config) -> bool:
    return bool(config.getoption("lago_strict") or config.getini("lago_strict"))


def _percent(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 100:  # noqa: PLR2004
        raise ValueError(text)
    return number


def _url(config: pytest.Config) -> str | None:
    found: str | None = config.getoption("lago_url")
    return found


def _expected(item: pytest.Item) -> set[int]:
    return {status for mark in item.iter_markers("lago_expects") for status in mark.args}


def _unexpected(what: str, requests: list[str]) -> str:
    return "\n".join(
        [
            f"{what} passed, but --lago-strict found requests that it does not expect:",
            *requests,
            "Mend them, or expect their status: @pytest.mark.lago_expects(...), lago.expects(...).",
        ]
    )
