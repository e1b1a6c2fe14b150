"""Heads of requests that came before, so that one that comes again need not be read.

What a client sends before a body hardly changes from one request to the next. Heads hold keys, so
they stay in memory, and few of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

_LONGEST = 1024  # bytes


class Head(NamedTuple):
    """A head that was read: *environ* is what it says, *length* that of the body behind it."""

    environ: WSGIEnvironment
    length: int


class Heads:
    """Some heads by their text; once there are *size* of them, all are forgotten for a new one."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._known: dict[bytes, Head] = {}

    def find(self, text: bytes) -> Head | None:
        """Return the head that is written as *text*, or None if it is not known."""
        return self._known.get(text)

    def learn(self, text: bytes, head: Head) -> None:
        """Keep *head*, which is written as *text*, unless that is unusually long."""
        if len(text) > _LONGEST:
            return
        if len(self._known) >= self._size:
            self._known.clear()
        self._known[text] = head
