"""Fixtures that give each test a Lago of its own, and the reason of a refusal in its report.

Everything but pytest is imported late: to be installed must cost other test suites nothing.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from flask import Flask

    from mockserver.lago import Lago
    from mockserver.server import LazyServer, Server

_LAGO = pytest.StashKey["Lago"]()


@pytest.fixture(scope="session")
def lago_settings() -> dict[str, Any]:
    """Return settings by the names of `mockserver.settings.Settings`; override it to set some."""
    return {}


@pytest.fixture(scope="session")
def lago_wsgi(lago_settings: Mapping[str, Any]) -> Flask:
    """Make Lago as a WSGI application, for clients that need no socket.

    Unless the settings name keys, it accepts those of `lago` alone: a wrong key is refused rather
    than given an organization that nobody looks into.
    """
    from mockserver.settings import SettingRefused, read_settings
    from mockserver.web import create_app

    try:
        return create_app(read_settings({}, **{"api_key": (str(uuid.uuid4()),), **lago_settings}))
    except SettingRefused as error:
        pytest.fail(f"lago_settings: {error}", pytrace=False)


@pytest.fixture(scope="session")
def _lago_server(lago_wsgi: Flask, lago_settings: Mapping[str, Any]) -> Iterator[LazyServer]:
    from mockserver.server import LazyServer, Server

    host, port = lago_settings.get("host", "127.0.0.1"), int(lago_settings.get("port", 0))
    lazy = LazyServer(lambda: Server(lago_wsgi, host, port))
    yield lazy
    lazy.close()


@pytest.fixture(scope="session")
def lago_server(_lago_server: LazyServer) -> Server:
    """Return the server that all tests share; without it, it starts when one asks for `url`."""
    return _lago_server.get()


@pytest.fixture
def lago(
    request: pytest.FixtureRequest, lago_wsgi: Flask, _lago_server: LazyServer
) -> Iterator[Lago]:
    """Make a Lago that no other test sees: its key is its own, and forgotten after the test."""
    from mockserver.journal import Journal
    from mockserver.lago import Lago, checked_statuses

    for mark in request.node.iter_markers("lago_expects"):
        try:
            checked_statuses(mark.args)
        except TypeError as error:
            pytest.fail(f"@pytest.mark.lago_expects: {error}", pytrace=False)
    organizations = lago_wsgi.extensions["mockserver"]
    key = str(uuid.uuid4())
    everything = Journal(None, body_limit=lago_wsgi.config["MAX_CONTENT_LENGTH"])
    organization = organizations.opened(key, everything)
    lago = Lago(organization, key, organizations.nobody, lambda: _lago_server.get().url)
    request.node.stash[_LAGO] = lago
    yield lago
    organizations.close(key)


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
    """Add ``--lago-strict``, on the command line and in the configuration file."""
    text = "fail tests that pass although Lago refused a request, or dropped unknown keys of one"
    parser.getgroup("lago").addoption("--lago-strict", action="store_true", help=text)
    parser.addini("lago_strict", text, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    text = "lago_expects(*statuses): with --lago-strict, answers that this test may get"
    config.addinivalue_line("markers", text)


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
        marks = item.iter_markers("lago_expects")
        unexpected = lago.unexpected({status for mark in marks for status in mark.args})
        if unexpected:
            report.outcome = "failed"
            report.longrepr = _unexpected(unexpected)
    if report.failed:
        report.sections.append(lago.report())
    return report


def _is_strict(config: pytest.Config) -> bool:
    return bool(config.getoption("lago_strict") or config.getini("lago_strict"))


def _unexpected(requests: list[str]) -> str:
    return "\n".join(
        [
            "The test passed, but --lago-strict found requests that it does not expect:",
            *requests,
            "Mend them, or expect their status: @pytest.mark.lago_expects(...), lago.expects(...).",
        ]
    )
