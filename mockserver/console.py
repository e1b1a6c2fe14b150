"""What the server tells of each request while it runs: a line for people, or one for machines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockserver.clock import stamp
from mockserver.explanation import lines, printable
from mockserver.findings import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.findings import Finding
    from mockserver.journal import Entry

Style = dict[str, Any]
_DIM: Style = {"dim": True}
_BY_CLASS: dict[int, Style] = {
    2: {"fg": "green"},
    3: {"fg": "cyan"},
    4: {"fg": "yellow"},
    5: {"fg": "red"},
}
_BROKEN: Style = {"fg": "magenta"}


@dataclass(frozen=True, slots=True)
class Console:
    """Words for what happens; *paint* colours them, *as_json* makes each a JSON object.

    *paint* takes a text and a style by click's names.
    """

    paint: Callable[..., str]
    as_json: bool = False

    def request(self, entry: Entry) -> str:
        """Return what to tell of *entry*: a line, and below it one for each finding."""
        if self.as_json:
            return self._object(
                "request",
                at=stamp(entry.at),
                method=entry.method,
                path=entry.path,
                query=entry.query,
                status=entry.status,
                milliseconds=round(entry.seconds * 1000, 3),
                id=entry.request_id,
                fault=entry.fault,
                explanation=lines(entry.findings),
            )
        query = f"?{entry.query}" if entry.query else ""
        status = str(entry.status or entry.fault)
        style = _BROKEN if entry.fault else _BY_CLASS.get(entry.status // 100, {})
        first = (
            self.paint(f"{entry.at.astimezone():%H:%M:%S}", **_DIM),
            f"{entry.method:<6}",
            printable(entry.path + query),
            self.paint(status, **style),
            self.paint(f"{entry.seconds * 1000:.1f} ms", **_DIM),
        )
        return "\n".join([" ".join(first), *map(self._finding, entry.findings)])

    def event(self, name: str, text: str, **values: Any) -> str:
        """Return what to tell of an event: *text* for people, *name* and *values* for machines."""
        return self._object(name, message=text, **values) if self.as_json else text

    def _finding(self, finding: Finding) -> str:
        style = {"fg": "red"} if isinstance(finding, Fault) else {"fg": "yellow"}
        (text,) = lines([finding])
        return f"         {self.paint(text, **style)}"

    def _object(self, name: str, **values: Any) -> str:
        return json.dumps({"event": name, **values}, separators=(",", ":"))
