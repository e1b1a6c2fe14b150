"""An application on a port: bound first, then served, stopped once its answers are given.

One thread leads: it waits for all connections at once and answers on the spot whatever comes, which
spares requests every hand-over between threads. Only what is going to wait says so (``WAIT`` in
`mockserver.environ`): then another thread takes the lead. One process holds all customers.
"""

from __future__ import annotations

import logging
import selectors
import socket
import time
from collections import deque
from contextlib import suppress
from functools import partial
from threading import Event, Thread, get_ident
from typing import TYPE_CHECKING, Self

from mockserver.connection import Connection
from mockserver.messages import common_environ

if TYPE_CHECKING:
    from types import TracebackType
    from wsgiref.types import WSGIApplication

CONNECTIONS = 900  # at once; more would want more file descriptors than are usual
SILENCE = 120.0  # seconds that a connection may be silent
GRACE = 8.0  # seconds that a stop waits for answers in the making; Docker kills after ten
_BACKLOG = 1024
_UNREAD_GRACE = 0.5  # seconds that it waits for clients to read them
_LINGER = 2.0  # seconds that a client is given to read why it was refused
_GLANCE = 0.2  # seconds between two looks for signals
_TICK, _LONG_TICK = 0.5, 30.0
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_log = logging.getLogger(__name__)


class PortTaken(Exception):
    """The address cannot be listened on; the text says why and what to do."""


class Server:
    """*app* on *host* and *port*; port 0 takes any free one, and `port` tells which.

    Raises `PortTaken` at once if the address cannot be had. As a context manager it serves while
    the block runs; `run` serves until it is told to `stop`. Clients that are silent for *silence*
    seconds are sent away; a stop waits *grace* seconds for answers in the making.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        silence: float = SILENCE,
        grace: float = GRACE,
    ) -> None:
        self._listener = _listener(host, port)
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        self._app = app
        self._silence = silence
        self._grace = grace
        self._selector = selectors.DefaultSelector()
        self._bell, self._rope = socket.socketpair()
        self._bell.settimeout(0)
        self._rope.settimeout(0)
        self._selector.register(self._bell, _READ, self._rung)
        self._listening = False
        self._connections: set[Connection] = set()
        self._round: list[Connection] = []  # those at which something has happened just now
        self._waiting: set[Connection] = set()  # for an answer that another thread makes
        self._answered: deque[Connection] = deque()  # which that thread gives back
        self._leader: int | None = None
        self._stopped: float | None = None  # since when
        self._impatient = False
        self._swept = self._hurry = self._crowded = self._unread_from = 0.0
        self._ended = Event()

    @property
    def url(self) -> str:
        """The address clients are given, e.g. ``http://127.0.0.1:3000``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Serve until `stop` is called, then finish the answers in the making."""
        self._pass_the_lead()
        # A signal that comes at the very moment does not end a wait: the next one sees to it.
        while not self._ended.wait(_GLANCE):
            pass

    def stop(self) -> None:
        """Ask `run` to end; may be called from a signal handler or another thread.

        Asked again, it waits for no answer any more.
        """
        self._impatient = self._stopped is not None
        self._stopped = self._stopped or time.monotonic()
        self._ring()

    def __enter__(self) -> Self:
        self._pass_the_lead()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._stopped is None:
            self.stop()
        self._ended.wait()

    def _lead(self) -> None:
        """Serve all connections, until another thread takes the lead or the server has stopped."""
        me = self._leader = get_ident()
        try:
            while self._leader == me:
                self._serve_round(me)
        except BaseException:  # noqa: BLE001 (standing still in silence is worse than to end)
            _log.exception("the server has failed")
            self._end()

    def _serve_round(self, me: int) -> None:
        """Do what there is to do, as long as *me* leads; wait for it if need be."""
        now = time.monotonic()
        if self._stopped is not None:
            if self._is_over(now - self._stopped):
                self._end()
                return
        elif self._has_room(now) and not self._listening:
            self._listen()
        for key, ready in self._selector.select(_TICK if now < self._hurry else _LONG_TICK):
            key.data(ready)
            if self._leader != me:
                return
        self._end_round()
        if now > self._swept + _TICK:
            self._sweep(now)

    def _pass_the_lead(self) -> None:
        self._leader = None
        Thread(target=self._lead, name="lago-mockserver", daemon=True).start()

    def _has_room(self, now: float) -> bool:
        return len(self._connections) < CONNECTIONS and now > self._crowded

    def _listen(self, *, on: bool = True) -> None:
        self._listening = on
        if on:
            self._selector.register(self._listener, _READ, self._accept)
        else:
            self._selector.unregister(self._listener)

    def _accept(self, _ready: int) -> None:
        try:
            channel, address = self._listener.accept()
        except OSError:  # no file descriptor is left, and that may take a while
            self._crowded = time.monotonic() + _TICK
            self._hurry = self._crowded + _TICK
            self._listen(on=False)
            return
        channel.settimeout(0)
        with suppress(OSError):  # some systems refuse it for a client that is gone again
            channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        environ = common_environ(self.host, self.port, address[0])
        connection = Connection(channel, self._app, environ, self._wait)
        self._connections.add(connection)
        if len(self._connections) >= CONNECTIONS:
            self._listen(on=False)
        self._settle(connection)

    def _serve(self, connection: Connection, ready: int) -> None:
        if not ready & _WRITE:
            connection.receive()
        self._proceed(connection)

    def _proceed(self, connection: Connection) -> None:
        """Answer what *connection* asks; where another thread has taken the lead, give it back."""
        me = get_ident()
        while connection.answer_next():
            if self._leader != me:
                connection.send()
                self._answered.append(connection)
                self._ring()
                return
            if not connection.has_more:
                break
            connection.send()
        self._round.append(connection)

    def _end_round(self) -> None:
        """Send the answers of this round, one after the other: that wakes the clients once."""
        for connection in self._round:
            connection.send()
            self._settle(connection)
        self._round.clear()

    def _settle(self, connection: Connection) -> None:
        """Wait for what is to happen next at *connection*."""
        if connection.ended:
            self._close(connection)
            return
        if connection.ending and not connection.has_unsent and not connection.lingering:
            connection.linger()
            self._hurry = connection.active + 2 * _LINGER
        events = _WRITE if connection.has_unsent or connection.has_more else _READ
        if events == connection.events:
            return
        if connection.events:
            self._selector.modify(connection.channel, events, partial(self._serve, connection))
        else:
            self._selector.register(connection.channel, events, partial(self._serve, connection))
        connection.events = events

    def _close(self, connection: Connection) -> None:
        if connection.events:
            self._selector.unregister(connection.channel)
            connection.events = 0
        connection.close()
        self._connections.discard(connection)

    def _wait(self, connection: Connection) -> None:
        """Let another thread take the lead, for the request of *connection* is going to wait."""
        if self._leader != get_ident():
            return  # one has it already
        if connection.events:
            self._selector.unregister(connection.channel)
            connection.events = 0
        self._end_round()
        self._waiting.add(connection)
        self._ring()  # for those whose answers are there, but were not taken back yet
        try:
            self._pass_the_lead()
        except RuntimeError:  # no other thread is to be had, so all have to wait
            self._leader = get_ident()
            self._waiting.discard(connection)

    def _rung(self, _ready: int) -> None:
        me = get_ident()
        with suppress(BlockingIOError):
            self._bell.recv(4096)
        while self._answered and self._leader == me:
            connection = self._answered.popleft()
            self._waiting.discard(connection)
            self._proceed(connection)

    def _ring(self) -> None:
        with suppress(OSError):  # it has stopped already, or rings anyhow
            self._rope.send(b"!")

    def _sweep(self, now: float) -> None:
        """Close the connections that have been silent for too long."""
        self._swept = now
        for connection in self._connections - self._waiting:
            silence = _LINGER if connection.lingering else self._silence
            if now - connection.active > silence:
                self._close(connection)

    def _is_over(self, elapsed: float) -> bool:
        """Say whether nothing is to be waited for, *elapsed* seconds after `stop`."""
        self._hurry = time.monotonic() + _TICK
        if self._listening:
            self._listen(on=False)
        self._listener.close()
        for connection in self._connections - self._waiting:
            if connection.is_idle:
                self._close(connection)
        if self._waiting and elapsed <= self._grace:
            self._unread_from = elapsed
        unread = self._connections and elapsed <= self._unread_from + _UNREAD_GRACE
        return self._impatient or not unread

    def _end(self) -> None:
        self._leader = None
        for connection in list(self._connections):
            self._close(connection)
        self._selector.close()
        self._listener.close()
        self._bell.close()
        self._rope.close()
        self._ended.set()


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise PortTaken(
            f"Cannot listen on {host}:{port}: {getattr(error, 'strerror', None) or error}."
            " Choose another with --port (0 takes any free one) or --host."
        ) from error
    listener.settimeout(0)
    return listener
