"""Answers on the wire, and those that break there: a reset connection, a body cut short.

Where the server cannot hang up, or there is no socket, a reset is a `ConnectionResetError` and a
body merely ends early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.environ import HANG_UP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from mockserver.web.answers import Reply


def on_the_wire(
    reply: Reply, broken: str | None, environ: WSGIEnvironment, start: StartResponse
) -> Iterable[bytes]:
    """Begin the answer to the request *environ* with *start* and return its body.

    *broken* names the fault that breaks it, if one does.
    """
    if broken == "reset":
        if HANG_UP in environ:
            environ[HANG_UP](reset=True)
        raise ConnectionResetError("the connection was reset, as a fault asked for")
    body = reply(environ, start)
    return _cut_short(reply.body, environ) if broken == "truncate" else body


def _cut_short(body: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    if HANG_UP in environ:
        environ[HANG_UP](reset=False)
