"""The only reader of the packaged data: contracts in ``schemas/``, what is in ``fixtures/``."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DEFAULT_VERSION = "v0.53"
MOCK = "mock"


@cache
def schemas(folder: str = DEFAULT_VERSION) -> dict[str, Any]:
    """Return the documents of one folder of ``schemas/`` by file name without ``.json``.

    *folder* is a version of the API (``v0.53``), or ``mock`` for what is our own. The documents
    are shared: whoever changes one copies it first.
    """
    found = files("mockserver.schemas") / folder
    return {entry.name.removesuffix(".json"): _read(entry) for entry in _documents(found)}


@cache
def fixture(name: str) -> Any:
    """Return one document of ``fixtures/``, named without ``.json``."""
    return _read(files("mockserver.fixtures") / f"{name}.json")


def _documents(folder: Traversable) -> list[Traversable]:
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".json")]
    return sorted(found, key=lambda entry: entry.name)


def _read(entry: Traversable) -> Any:
    return json.loads(entry.read_text(encoding="utf-8"))
