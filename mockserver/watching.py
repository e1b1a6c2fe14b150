"""A file that is looked at again and again, to be told of when it has changed.

One stat every third of a second costs nothing that could be measured, works on every system and
file system, and needs no package.
"""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

_PAUSE = 0.3  # seconds between two looks


class Watcher:
    """Calls *changed*, in a thread of its own, when the file at *path* has changed and is at rest.

    At rest is a file that two looks find alike: one that is being written is not. A file that is
    not there, as while an editor replaces it, is no change.
    """

    def __init__(self, path: Path, changed: Callable[[], None], *, pause: float = _PAUSE) -> None:
        self._path = path
        self._changed = changed
        self._pause = pause
        self._told = self._look()
        self._over = Event()
        self._thread = Thread(target=self._watch, name="fixtures-watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        before = self._told
        while not self._over.wait(self._pause):
            now = self._look()
            if now is not None and now == before != self._told:
                self._told = now
                self._changed()
            before = now

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
