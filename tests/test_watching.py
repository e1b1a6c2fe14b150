"""A watched file: its changes are told once, when it is at rest."""

from __future__ import annotations

from queue import Empty, Queue

import pytest

from mockserver.watching import Watcher


@pytest.fixture
def told(tmp_path):
    """Watch a file; return it and the queue of the contents that were told of."""
    file = tmp_path / "watched.json"
    file.write_text("0")
    contents: Queue[str] = Queue()
    with Watcher(file, lambda: contents.put(file.read_text()), pause=0.005):
        yield file, contents


def test_a_change_is_told(told):
    file, contents = told

    file.write_text("one")

    assert contents.get(timeout=10) == "one"


def test_each_change_is_told_once(told):
    file, contents = told
    file.write_text("one")
    assert contents.get(timeout=10) == "one"

    file.write_text("three")

    assert contents.get(timeout=10) == "three"
    with pytest.raises(Empty):
        contents.get(timeout=0.1)


def test_a_file_that_is_replaced_has_changed(told):
    file, contents = told
    file.unlink()
    other = file.with_name("new.json")
    other.write_text("two")

    other.rename(file)

    assert contents.get(timeout=10) == "two"


def test_a_file_that_is_gone_is_no_change(told):
    file, contents = told

    file.unlink()

    with pytest.raises(Empty):
        contents.get(timeout=0.1)
