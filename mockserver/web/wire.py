"""Answers that break on the wire: a reset connection, a body cut short.

A server that can do so itself puts a function under `HANG_UP` into the environ: called, it ends the
connection after what was written, with ``reset=True`` at once and with a reset. Where there is no
socket, a reset is a `ConnectionResetError` and a body merely ends early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HANG_UP = "mockserver.hang_up"
BREAK = "mockserver.break"  # where a fault says what is to be broken


class BreakableWire:
    """WSGI middleware: breaks the answers of *app* that a fault says are to be broken."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request, or do not."""
        body = self._app(environ, start)
        broken = environ.get(BREAK)
        if broken == "reset":
            if HANG_UP in environ:
                environ[HANG_UP](reset=True)
            raise ConnectionResetError("the connection was reset, as a fault asked for")
        return body if broken is None else _cut_short(b"".join(body), environ)


def _cut_short(body: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    if HANG_UP in environ:
        environ[HANG_UP](reset=False)
