"""Fixtures that give each test a Lago of its own, and the reason of a refusal in its report.

Everything but pytest is imported late: to be installed must cost other test suites nothing.
"""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
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
_SETTINGS = pytest.StashKey[Any]()
_PASSED = pytest.StashKey[bool]()
_COVERAGE: pytest.StashKey[SuiteCoverage] = pytest.StashKey()


@pytest.fixture(scope="session")
def lago_settings() -> dict[str, Any]:
    """Return settings by the names of `mockserver.settings.Settings`; override it to set some."""
    return {}


@pytest.fixture(scope="session")
def _lago_settings(lago_settings: Any) -> Mapping[str, Any]:
    if not isinstance(lago_settings, dict):
        text = f"lago_settings: a dict of settings is wanted, not {lago_settings!r}"
        pytest.fail(text, pytrace=False)
    import uuid

    return {"api_key": (str(uuid.uuid4()),), "admin_token": str(uuid.uuid4()), **lago_settings}


@pytest.fixture(scope="session")
def lago_wsgi(_lago_settings: Mapping[str, Any], pytestconfig: pytest.Config) -> Flask:
    """Make Lago as a WSGI application, for clients that need no socket.

    Unless the settings name keys, it accepts those of `lago` alone: a wrong key is refused rather
    than given an organization that nobody looks into.
    """
    if _url(pytestconfig):
        text = "lago_wsgi: with --lago-url the application is in another process; use lago.url"
        pytest.fail(text, pytrace=False)
    from mockserver.homes import refused
    from mockserver.profile import FixturesRefused
    from mockserver.settings import SettingRefused, read_settings
    from mockserver.web import create_app

    try:
        return create_app(read_settings({}, **_lago_settings))
    except (SettingRefused, FixturesRefused) as error:
        raise refused(f"lago_settings: {error}") from None


@pytest.fixture(scope="session")
def _lago_home(
    request: pytest.FixtureRequest,
    _lago_settings: Mapping[str, Any],
    lago_settings: Mapping[str, Any],
) -> Iterator[Home]:
    from mockserver.homes import elsewhere, here

    request.session.stash[_SETTINGS] = lago_settings
    url = _url(request.config)
    if url is None:
        app = request.getfixturevalue("lago_wsgi")
        home = here(app, _lago_settings["admin_token"], _lago_settings)
    else:
        token = request.config.getoption("lago_admin_token")
        home = elsewhere(url, token or os.environ.get("LAGO_MOCK_ADMIN_TOKEN"), lago_settings)
    yield home
    home.close()


@pytest.fixture(scope="session")
def lago_server(_lago_home: Home) -> Server | Door:
    """Return the server that all tests share; without it, it starts when one asks for `url`."""
    return _lago_home.server()


@pytest.fixture
def lago(
    request: pytest.FixtureRequest, _lago_home: Home, lago_settings: Mapping[str, Any]
) -> Lago:
    """Make a Lago that no other test sees: its key is its own, and forgotten after the test."""
    from mockserver.homes import refused
    from mockserver.lago import checked_statuses

    if lago_settings != request.session.stash.get(_SETTINGS, lago_settings):
        text = "the session has a Lago with other settings already; override it in conftest.py"
        raise refused(f"lago_settings: {text}")
    for mark in request.node.iter_markers("lago_expects"):
        try:
            checked_statuses(mark.args)
        except TypeError as error:
            raise refused(f"@pytest.mark.lago_expects: {error}") from None
    made = request.node.stash[_LAGO] = _lago_home.lago()
    return made


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
    group.addoption("--lago-url", metavar="URL", type=_address, help=text)
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
    from mockserver.control import ControlRefused

    try:
        if _is_strict(item.config):
            _judge(report, item, lago)
        if report.failed:
            report.sections.append(lago.report())
        if report.when == "teardown":
            _dispose_of(lago, item)
    except ControlRefused as error:  # the server at --lago-url is gone
        if report.failed:
            report.sections.append(("lago", str(error)))
        else:
            report.outcome, report.longrepr = "failed", str(error)
    return report


def _judge(report: pytest.TestReport, item: pytest.Item, lago: Lago) -> None:
    """Fail the test that passed, or its tear-down, for requests that it does not expect."""
    after = report.when == "teardown" and item.stash.get(_PASSED, False)
    passed = report.passed and not hasattr(report, "wasxfail")
    if not passed or not (after or report.when == "call"):
        return
    unexpected = lago.unexpected(_expected(item))
    if unexpected:
        report.outcome = "failed"
        report.longrepr = _unexpected("The tear-down" if after else "The test", unexpected)
    item.stash[_PASSED] = not unexpected


def _dispose_of(lago: Lago, item: pytest.Item) -> None:
    del item.stash[_LAGO]
    coverage = item.config.stash.get(_COVERAGE, None)
    if coverage is not None:
        coverage.collect(lago.entries())
    lago.close()


def _is_strict(config: pytest.Config) -> bool:
    return bool(config.getoption("lago_strict") or config.getini("lago_strict"))


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ArgumentTypeError(f"http://HOST:PORT is wanted, not {text!r}")
    return text


def _percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 100:  # noqa: PLR2004
        raise ArgumentTypeError(f"a number from 0 to 100 is wanted, not {text!r}")
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
