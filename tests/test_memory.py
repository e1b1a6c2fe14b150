"""The memory of a process that serves, looked at in a process of its own."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import gc
from mockserver import memory

before = gc.get_freeze_count()
memory.arrange()
print(before, gc.get_freeze_count() > 1000)
"""


def test_what_starts_with_the_process_is_no_garbage():
    command = [sys.executable, "-c", SCRIPT]

    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)

    assert ended.stdout == "0 True\n"
