"""Which paths a pattern means: with or without ``/api/v1``, ``*`` for any text."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

_ROOT = "/api/v1"


def is_meant(pattern: str, path: str) -> bool:
    """Say whether *pattern* means *path*, a raw one, however either is escaped."""
    return _compiled(pattern).fullmatch(_escaped(path).rstrip("/")) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (re.escape(_escaped(part)) for part in pattern.rstrip("/").split("*"))
    wanted = ".*".join(parts)
    slash = "" if wanted.startswith(("/", ".*")) else "/"
    return re.compile(f"(?:{_ROOT})?{slash}{wanted}", re.DOTALL)


def _escaped(path: str) -> str:
    """Return *path* with every segment escaped alike, and no doubled slashes."""
    escaped = "/".join(quote(unquote(part), safe="") for part in path.split("/"))
    return re.sub("/+", "/", escaped)
