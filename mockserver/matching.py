"""Which of the requests made is meant, and how the nearest one differs.

A request is meant by its method, its path and part of its body: objects match if they have what is
asked for, whatever else they have; lists match item by item; other values by equality.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockserver.addresses import is_meant
from mockserver.explanation import printable
from mockserver.findings import MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__tracebackhide__ = True  # a failing test shows the line that asked
Entry = Any  # a request as the journal shows it: ``journal.json#/$defs/entry``
_LISTED = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that is looked for: *path* with or without ``/api/v1``, *body* in part.

    What is None is any.
    """

    method: str | None = None
    path: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no request's path could be."""
        if self.path is None:
            return
        if "?" in self.path or "://" in self.path:
            raise ValueError(f"a path alone is wanted, such as /customers, not {self.path}")

    def matches(self, entry: Entry) -> bool:
        """Say whether *entry* is such a request."""
        return self._addressed(entry) and not any(self._differences(entry))

    def missed(self, entries: Sequence[Entry]) -> str:
        """Return that none of *entries* is such a request, and how the nearest one differs."""
        many = f"{len(entries)} request{'' if len(entries) == 1 else 's'}"
        said = f"no {self.method} {self.path} like this among {many}"
        addressed = [entry for entry in entries if self._addressed(entry)]
        if not addressed:
            made = "".join(f"\n  {short_line(entry)}" for entry in entries[-_LISTED:])
            return f"{said}; the last were:{made}" if made else said
        nearest = min(addressed, key=lambda entry: len([*self._differences(entry)]))
        lines = "".join(f"\n  {line}" for line in self._differences(nearest))
        return f"{said}; the nearest is {short_line(nearest)}{lines}"

    def _addressed(self, entry: Entry) -> bool:
        return (
            (self.method is None or entry["method"] == self.method.upper())
            and (self.status is None or entry["status"] == self.status)
            and (self.path is None or is_meant(self.path, entry["path"]))
        )

    def _differences(self, entry: Entry) -> Iterator[str]:
        body = entry["body"]
        if isinstance(body, dict):
            yield from differences(self.body, body)
        elif self.body:
            yield f"body: expected an object, came {json.dumps(body)}"


def short_line(entry: Entry) -> str:
    """Return *entry* as method, path and status, or the fault that took the answer's place."""
    return f"{entry['method']} {printable(entry['path'])} {entry['status'] or entry['fault']}"


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
