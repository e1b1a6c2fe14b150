"""One client's connection: its requests go to the application, and the answers back."""

from __future__ import annotations

import logging
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mockserver.environ import HANG_UP, KEEP_ALIVE, WAIT
from mockserver.messages import CONTINUE, Refused, Requests, answer, failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication, WSGIEnvironment

_PIECE = 64 * 1024  # bytes that are read at once
_AT_ONCE = struct.pack("ii", 1, 0)  # to close without lingering is what sends a reset
_log = logging.getLogger(__name__)


class _HungUp(Exception):
    """The application has ended the connection."""


class Connection:
    """A client at *channel*, a socket that does not block, whose requests go to *app*.

    *environ* is what they have in common. *wait* is called with the connection when a request is
    going to wait. Not safe for threads: one at a time has it.
    """

    def __init__(
        self,
        channel: socket.socket,
        app: WSGIApplication,
        environ: WSGIEnvironment,
        wait: Callable[[Connection], None],
    ) -> None:
        self.channel = channel
        self.events = 0  # those that it is registered for
        self.active = time.monotonic()
        self.ending = False  # when all is sent that is to be sent
        self.ended = False
        self.lingering = False
        self._app = app
        own = {HANG_UP: self._hang_up, WAIT: lambda: wait(self)}
        self._requests = Requests({**environ, **own})
        self._refusal = b""
        self._unsent: bytes | memoryview = b""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be done for the client."""
        return not (self._unsent or self.has_more)

    @property
    def has_unsent(self) -> bool:
        """Whether there is a part of an answer that is not sent."""
        return bool(self._unsent)

    @property
    def has_more(self) -> bool:
        """Whether more is to be said to the client once all is sent."""
        asked = self._requests
        due = asked.complete or self._refusal or asked.expected
        return bool(due) and not (self.ending or self.ended)

    def receive(self) -> None:
        """Take in what the client has sent."""
        try:
            data = self.channel.recv(_PIECE)
        except OSError:
            data = b""
        if not data:
            self.ended = True
        elif not self.lingering:  # else it is told already that nobody listens
            self.active = time.monotonic()
            self._take_in(data)

    def answer_next(self) -> bool:
        """Answer the oldest request that is complete; return whether there was one to answer.

        The answer waits for `send`.
        """
        if self._unsent or self.ending or self.ended:
            return False
        if self._requests.complete:
            self._answer(self._requests.complete.popleft())
            return True
        if self._refusal:
            self.ending = True
            self._unsent = self._refusal
        elif self._requests.expected:
            self._requests.expected = False
            self._unsent = CONTINUE
        return False

    def send(self) -> None:
        """Send of what is not sent as much as the client takes."""
        if self.ended or not self._unsent:
            return
        try:
            sent = self.channel.send(self._unsent)
        except BlockingIOError:
            return
        except OSError:
            self.ended = True
            return
        self.active = time.monotonic()
        self._unsent = memoryview(self._unsent)[sent:]

    def linger(self) -> None:
        """Say that nothing more comes, and wait for the client to have read what came."""
        self.lingering = True
        with suppress(OSError):
            self.channel.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the connection, whatever has not been sent."""
        self.ended = True
        self.channel.close()

    def _take_in(self, data: bytes) -> None:
        try:
            self._requests.feed(data)
        except Refused as refused:
            self._refusal = refused.answer

    def _answer(self, environ: WSGIEnvironment) -> None:
        try:
            told = self._told(environ)
        except Exception:  # noqa: BLE001 (whatever it is, the other clients are to be served)
            _log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["REQUEST_URI"])
            environ[KEEP_ALIVE], told = False, failure()
        self.ending = not environ[KEEP_ALIVE]
        self._unsent = told

    def _told(self, environ: WSGIEnvironment) -> bytes:
        """Return the application's answer to the request *environ*."""
        started: list[Any] = []
        parts: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[..., None]:
            started[:] = [status, headers]
            return parts.append

        try:
            body = self._app(environ, start)
            parts.extend(body)
            close = getattr(body, "close", None)
            if close is not None:
                close()
        except _HungUp:
            environ[KEEP_ALIVE] = False
        if self.ended:
            return b""
        status, headers = started
        return answer(status, headers, parts, keep_alive=environ[KEEP_ALIVE])

    def _hang_up(self, *, reset: bool) -> None:
        if reset:
            self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self.ended = True
        raise _HungUp
