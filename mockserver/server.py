"""An application on a port: bound first, then served, stopped once its answers are given.

waitress serves: one process, which holds all customers, and a few threads.
"""

from __future__ import annotations

import json
import logging
import socket
import struct
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, cast

from waitress import wasyncore
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask, WSGITask

from mockserver.explanation import printable
from mockserver.web.wire import HANG_UP

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from wsgiref.types import WSGIApplication

    from waitress.server import TcpWSGIServer

THREADS = 16  # more than work at once, for injected delays keep theirs waiting
# waitress warns of every request that finds all threads busy; here that is no news to anybody.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)
CONNECTIONS = 900  # kept alive at once; more would want more file descriptors than are usual
LARGEST_BODY = 16 * 1024 * 1024  # bytes that waitress takes in; the application refuses earlier
_GRACE = 10.0  # seconds that a stop waits for answers in the making
_UNREAD_GRACE = 0.5  # seconds that it waits for clients to read them
_TICK = 1.0


class PortTaken(Exception):
    """The address cannot be listened on; the text says why and what to do."""


class Server:
    """*app* on *host* and *port*; port 0 takes any free one, and `port` tells which.

    Raises `PortTaken` at once if the address cannot be had. As a context manager it serves in a
    thread of its own; `run` serves in the caller's.
    """

    def __init__(self, app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> None:
        self._map: dict[int, Any] = {}
        listener = _listener(host, port)
        self.host = host
        self.port: int = listener.getsockname()[1]
        self._listener = listener
        made = create_server(
            app,
            map=self._map,
            sockets=[listener],
            threads=THREADS,
            connection_limit=CONNECTIONS,
            max_request_body_size=LARGEST_BODY,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
        self._server = cast("TcpWSGIServer", made)
        self._server.channel_class = _Channel
        self._stopping = threading.Event()
        self._impatient = False
        self._thread = threading.Thread(target=self.run, name="lago-mockserver", daemon=True)

    @property
    def url(self) -> str:
        """The address clients are given, e.g. ``http://127.0.0.1:3000``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serve until `stop` is called, then finish the answers in the making."""
        while not self._stopping.is_set():
            wasyncore.loop(timeout=_TICK, use_poll=True, map=self._map, count=1)
        self._server.del_channel(self._map)
        self._listener.close()
        self._finish()
        self._server.task_dispatcher.shutdown(timeout=1)
        for channel in self._channels():
            channel.handle_close()  # close() alone would leave its buffers open
        wasyncore.close_all(self._map, ignore_all=True)

    def stop(self) -> None:
        """Ask `run` to end; may be called from a signal handler or another thread.

        Asked again, it waits for no answer any more.
        """
        self._impatient = self._stopping.is_set()
        self._stopping.set()
        with suppress(OSError):  # it has stopped already
            self._server.pull_trigger()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._stopping.is_set():
            self.stop()
        self._thread.join()

    def _finish(self) -> None:
        """Wait for the answers in the making, and a little for clients to read them."""
        began = time.monotonic()
        while not self._impatient:
            patience = _GRACE if any(each.requests for each in self._channels()) else _UNREAD_GRACE
            unread = any(each.total_outbufs_len for each in self._channels())
            if time.monotonic() - began > patience or (patience == _UNREAD_GRACE and not unread):
                return
            wasyncore.loop(timeout=0.05, use_poll=True, map=self._map, count=1)

    def _channels(self) -> list[HTTPChannel]:
        return [each for each in self._map.values() if isinstance(each, HTTPChannel)]


class LazyServer:
    """A server that *make* makes when it is first asked for. Safe for threads."""

    def __init__(self, make: Callable[[], Server]) -> None:
        self._make = make
        self._made: Server | None = None
        self._lock = threading.Lock()

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


class _Refusal(ErrorTask):
    """waitress's own refusal of what is no HTTP, in Lago's shape rather than as plain text."""

    def execute(self) -> None:
        """Answer with the envelope of a refusal, and say in the explanation what was wrong."""
        error = cast("Any", self.request).error
        body = json.dumps({"status": error.code, "error": error.reason}, separators=(",", ":"))
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
            ("Mock-Explanation", printable(f"request: [http] {error.body}")),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body.encode())


class _Task(WSGITask):
    """A request to the application, which may end its connection (see `mockserver.web.wire`)."""

    def get_environment(self) -> dict[str, Any]:
        """Return the environ, with the function that hangs up."""
        environ: dict[str, Any] = super().get_environment()
        environ[HANG_UP] = self._hang_up
        return environ

    def _hang_up(self, *, reset: bool) -> None:
        if reset:  # to close without lingering is what sends a reset
            connection = cast("socket.socket", self.channel.socket)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise ClientDisconnected


class _Channel(HTTPChannel):
    task_class = _Task
    error_task_class = _Refusal


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise PortTaken(
            f"Cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}."
            " Choose another with --port (0 takes any free one) or --host."
        ) from error
    return listener
