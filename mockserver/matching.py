"""Which of the requests made is meant, and how the nearest one differs.

A request is meant by its method, its path and part of its body: objects match if they have what is
asked for, whatever else they have; lists match item by item; other values by equality.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mockserver.findings import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockserver.journal import Entry

_ROOT = ("api", "v1")
_LISTED = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that is looked for: *path* with or without ``/api/v1``, *body* in part."""

    method: str
    path: str
    body: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse what no request's path could be."""
        if "?" in self.path or "://" in self.path:
            raise ValueError(f"a path alone is wanted, such as /customers, not {self.path}")

    def matches(self, entry: Entry) -> bool:
        """Say whether *entry* is such a request."""
        return self._addressed(entry) and not any(self._differences(entry))

    def missed(self, entries: Sequence[Entry]) -> str:
        """Return that none of *entries* is such a request, and how the nearest one differs."""
        many = f"{len(entries)} request{'' if len(entries) == 1 else 's'}"
        said = f"no {self.method.upper()} {self.path} like this among {many}"
        addressed = [entry for entry in entries if self._addressed(entry)]
        if not addressed:
            made = "".join(f"\n  {entry.short_line()}" for entry in entries[-_LISTED:])
            return f"{said}; the last were:{made}" if made else said
        nearest = min(addressed, key=lambda entry: len([*self._differences(entry)]))
        lines = "".join(f"\n  {line}" for line in self._differences(nearest))
        return f"{said}; the nearest is {nearest.short_line()}{lines}"

    def _addressed(self, entry: Entry) -> bool:
        wanted, came = _segments(self.path), _segments(entry.path)
        return entry.method == self.method.upper() and came in (wanted, [*_ROOT, *wanted])

    def _differences(self, entry: Entry) -> Iterator[str]:
        body = entry.readable()["body"]
        if isinstance(body, dict):
            yield from differences(self.body, body)
        elif self.body:
            yield f"body: expected an object, came {json.dumps(body)}"


def _segments(path: str) -> list[str]:
    return [unquote(segment) for segment in path.split("/") if segment]


def differences(wanted: Any, came: Any, at: str = "") -> Iterator[str]:
    """Yield a line for each part of *wanted* that *came*, a JSON value, does not have."""
    if isinstance(wanted, dict) and isinstance(came, dict):
        for key, part in wanted.items():
            yield from differences(part, came.get(key, MISSING), f"{at}.{key}" if at else key)
    elif isinstance(wanted, list) and isinstance(came, list) and len(wanted) == len(came):
        for index, (part, item) in enumerate(zip(wanted, came, strict=True)):
            yield from differences(part, item, f"{at}[{index}]")
    elif wanted != came:
        shown = "nothing" if came is MISSING else json.dumps(came)
        yield f"{at}: expected {json.dumps(wanted, default=repr)}, came {shown}"
