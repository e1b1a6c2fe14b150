"""Where the Lagos of a test session live: in this process, or on a server that runs already.

Where none can live the test fails with the reason alone: a traceback of ours would tell nothing.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.control import Control, ControlRefused, Elsewhere, InProcess
from mockserver.lago import Lago
from mockserver.server import PortTaken, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from wsgiref.types import WSGIApplication

    from mockserver.control import Door


def refused(text: str) -> BaseException:
    """Return what fails a test with *text* alone."""
    return pytest.fail.Exception(text, pytrace=False)


class LazyServer:
    """A server that *make* makes when it is first asked for. Safe for threads."""

    def __init__(self, make: Callable[[], Server]) -> None:
        self._make = make
        self._made: Server | None = None
        self._lock = Lock()

    def get(self) -> Server:
        """Return the server, which is serving."""
        with self._lock:
            if self._made is None:
                self._made = self._make().__enter__()
            return self._made

    def close(self) -> None:
        """Stop the server if there is one."""
        with self._lock:
            if self._made is not None:
                self._made.__exit__(None, None, None)


class Home:
    """A server's *door*, its *token* for the control API if it has one.

    *server* starts it where it is ours to start; with *alone*, nobody else uses it.
    """

    def __init__(
        self, door: Door, token: str | None, server: LazyServer | None, *, alone: bool
    ) -> None:
        self._door = door
        self._token = token
        self._server = server
        self._alone = alone

    def lago(self) -> Lago:
        """Make a Lago that lives here."""
        try:
            return Lago(self._door, self._token, alone=self._alone)
        except ControlRefused as error:
            raise refused(str(error)) from None

    def server(self) -> Server | Door:
        """Return the server, or where there is none of ours the way to the one there is."""
        return self._door if self._server is None else self._server.get()

    def close(self) -> None:
        """Stop the server if it is ours and was started."""
        if self._server is not None:
            self._server.close()


def here(app: WSGIApplication, token: str | None, settings: Mapping[str, Any]) -> Home:
    """Return the home in *app*, whose control API asks for *token*.

    Its server listens where *settings* say, once it is asked for.
    """
    host, port = settings.get("host", "127.0.0.1"), int(settings.get("port", 0))

    def started() -> Server:
        try:
            return Server(app, host, port)
        except PortTaken as error:
            raise refused(f"lago_settings: {error}") from None

    server = LazyServer(started)
    return Home(InProcess(app, lambda: server.get().url), token, server, alone=True)


def elsewhere(url: str, token: str | None, settings: Mapping[str, Any]) -> Home:
    """Return the home on the server at *url*, which must have been started with *settings*."""
    door = Elsewhere(url)
    try:
        actual = Control(door, token).ask("GET", "/settings")["settings"]
    except ControlRefused as error:
        raise refused(f"--lago-url: {error}") from None
    wanted = {name: value for name, value in settings.items() if name not in {"host", "port"}}
    for name, value in wanted.items():
        if name not in actual or str(actual[name]) != str(value):
            shown = f"{name}={value!r}"
            raise refused(
                f"--lago-url: the server at {url} was not started with {shown}, which"
                " lago_settings asks for; start it so, or override lago_settings with what it has"
            )
    return Home(door, token, None, alone=False)
