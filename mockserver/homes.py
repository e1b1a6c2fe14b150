"""Where the Lagos of a test session live: in this process, or on a server that runs already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.control import Control, ControlRefused, Elsewhere, InProcess
from mockserver.lago import Lago
from mockserver.server import LazyServer, Server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication

    from mockserver.control import Door


class HomeRefused(Exception):
    """No Lago can live there; the text says why and what to do."""


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
        """Make a Lago that lives here; raise `HomeRefused`."""
        try:
            return Lago(self._door, self._token, alone=self._alone)
        except ControlRefused as error:
            raise HomeRefused(str(error)) from None

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
    server = LazyServer(lambda: Server(app, host, port))
    return Home(InProcess(app, lambda: server.get().url), token, server, alone=True)


def elsewhere(url: str, token: str | None, settings: Mapping[str, Any]) -> Home:
    """Return the home on the server at *url*, which must have been started with *settings*.

    Raises `HomeRefused` where no server of ours answers, or one that is set up otherwise.
    """
    door = Elsewhere(url)
    try:
        actual = Control(door, token).ask("GET", "/settings")["settings"]
    except ControlRefused as error:
        raise HomeRefused(str(error)) from None
    wanted = {name: value for name, value in settings.items() if name not in {"host", "port"}}
    for name, value in wanted.items():
        if name not in actual or str(actual[name]) != str(value):
            shown = f"{name}={value!r}"
            raise HomeRefused(
                f"the server at {url} was not started with {shown}, which lago_settings asks for;"
                " start it so, or override lago_settings with what it has"
            )
    return Home(door, token, None, alone=False)
