"""The memory of a process that does nothing but serve."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

_ARENA_MAX = -8  # of glibc's mallopt


def arrange() -> None:
    """Arrange memory for serving; called once all that starts with the process is there.

    By default glibc gives every thread a heap of its own, which grows page by page and with a call
    to the kernel for each; one after the other, threads serve here, so that all share the first
    heap. And what is there already is there to stay: garbage is not looked for in it.
    """
    with suppress(AttributeError, OSError, TypeError):  # other systems have no such function
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
    gc.freeze()
