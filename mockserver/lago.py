"""A Lago for one test: where it is, what it keeps, what it was asked and what it said."""

from __future__ import annotations

import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from mockserver.control import Control, ControlRefused
from mockserver.matching import Entry, Wanted, short_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from mockserver.control import Door

__tracebackhide__ = True  # a failing test shows the line that asked, and why it was refused
_SHOWN = 5  # the last requests that a report shows in short
_FIRST_ERROR = 400
_PAGE = 1000
_POLL = 0.01  # seconds between two looks for a request that is waited for
# As much as the control API allows: a test forgets nothing.
_JOURNAL = {"journal_size": 1_000_000, "body_limit": 10 * 1024 * 1024}


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was made: *body* is its JSON value, *explanation* has a line for each fault.

    *refused* says that the answer was an error; *fault* is the injected one that it met, or None,
    and *status* is 0 where that left no answer.
    """

    method: str
    path: str
    query: str
    body: Any
    status: int
    refused: bool
    explanation: tuple[str, ...]
    fault: str | None = None


class Refused(Exception):
    """What a test wanted to arrange is not possible; the text says why."""


class Lago:
    """One organization with an *api_key* of its own, on the server behind *door*.

    *token* is the server's admin token, where it has one. With *alone*, nobody else uses the
    server: requests that were refused for their key are then this Lago's too.
    """

    def __init__(self, door: Door, token: str | None = None, *, alone: bool) -> None:
        self.api_key = str(uuid.uuid4())
        self._door = door
        self._control = Control(door, token, self.api_key)
        self._server = Control(door, token) if alone else None
        self._lago_id = self._control.ask("PUT", "/organization", _JOURNAL)["organization"][
            "lago_id"
        ]
        self._began = self._looked_at = self._last_arrival()
        self._expected: list[tuple[range, frozenset[int]]] = []

    @property
    def url(self) -> str:
        """The address that the official clients want, e.g. ``http://127.0.0.1:40123``."""
        return self._door.url

    @property
    def api_url(self) -> str:
        """The address of the API, for clients that want it with ``/api/v1``."""
        return f"{self.url}/api/v1"

    @property
    def customers(self) -> dict[str, dict[str, Any]]:
        """The customers there are, by external_id, each as an answer shows it."""
        found: dict[str, dict[str, Any]] = {}
        page: int | None = 1
        while page:
            answer = self._control.ask("GET", f"/customers?page={page}&per_page={_PAGE}")
            found |= {each["external_id"]: each for each in answer["customers"]}
            page = answer["meta"]["next_page"]
        return found

    @property
    def requests(self) -> list[Request]:
        """The requests made so far, oldest first."""
        return [_request(entry) for entry in self._entries()]

    def create(self, external_id: str, **attributes: Any) -> dict[str, Any]:
        """Create or update a customer, as a request would but without one; return it.

        Raises `Refused` with the explanation where a request would be refused.
        """
        document = {"customer": {"external_id": external_id, **attributes}}
        customer: dict[str, Any] = self._ask("POST", "/customers", document)["customer"]
        return customer

    def populate(self, count: int) -> list[str]:
        """Make up *count* believable customers; return their external_ids. Raises `Refused`."""
        made: list[str] = self._ask("POST", "/customers/populate", {"count": count})["external_ids"]
        return made

    def fault(
        self,
        fault: str,
        *,
        times: int | None = None,
        method: str | None = None,
        path: str | None = None,
        external_id: str | None = None,
    ) -> str:
        """Break the next *times* requests, or all, that match; return the id of the fault.

        *fault* is a status (``"429"``), ``"delay 250"`` or ``"delay 100-900"`` in milliseconds,
        ``"reset"``, ``"truncate"`` or ``"invalid_json"``. Raises `Refused`.
        """
        wanted = {"method": method, "path": path, "external_id": external_id, "times": times}
        found: str = self._ask("POST", "/faults", {"fault": fault, **wanted})["fault"]["id"]
        return found

    def clear_faults(self, fault_id: str | None = None) -> None:
        """Break nothing any more, or no more by the fault *fault_id*. Raises `Refused`."""
        self._ask("DELETE", "/faults" if fault_id is None else f"/faults/{fault_id}")

    def freeze(self, at: datetime | str | None = None) -> None:
        """Let the time of customers stand still at *at*, UTC; by default at the present moment.

        *at* is an aware datetime, or a text as in ``"2026-01-01T00:00:00Z"``. Raises `Refused`.
        """
        self._ask("POST", "/clock/freeze", {} if at is None else {"at": _utc(at)})

    def advance(self, **duration: float) -> None:
        """Go forward by ``seconds``, ``minutes``, ``hours`` or ``days``. Raises `Refused`."""
        self._ask("POST", "/clock/advance", duration)

    def release(self) -> None:
        """Let the time go its way again."""
        self._ask("POST", "/clock/release")

    def snapshot(self) -> dict[str, Any]:
        """Return what there is, for `restore` or as a fixtures file."""
        found: dict[str, Any] = self._ask("GET", "/snapshot")
        return found

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Become what *snapshot* says. Raises `Refused`; then nothing is changed."""
        self._ask("POST", "/restore", snapshot)

    def assert_called(self, method: str, path: str, **body: Any) -> Request:
        """Return the last request with *method*, *path* and what *body* has of its JSON object.

        Fails the test where there is none, with how the nearest one differs. *path* may be given
        with or without ``/api/v1``; ``*`` in it stands for any text.
        """
        wanted = Wanted(method, path, body)
        entries = self._entries()
        found = [entry for entry in entries if wanted.matches(entry)]
        if not found:
            raise AssertionError(wanted.missed(entries))
        return _request(found[-1])

    def assert_not_called(self, method: str, path: str, **body: Any) -> None:
        """Fail the test if there was a request with *method*, *path* and *body*."""
        wanted = Wanted(method, path, body)
        for entry in self._entries():
            if wanted.matches(entry):
                raise AssertionError(f"there was a {short_line(entry)}")

    def wait_for(self, method: str, path: str, *, timeout: float = 5.0, **body: Any) -> Request:
        """Return the first such request, waiting at most *timeout* seconds for it to be answered.

        Fails the test when the time is over, as `assert_called` does. In a coroutine let a thread
        wait, for the event loop must run: ``await asyncio.to_thread(lago.wait_for, ...)``.
        """
        wanted = Wanted(method, path, body)
        deadline, seen = time.monotonic() + timeout, 0
        while True:
            over = time.monotonic() > deadline
            for entry in self._entries(after=seen):
                seen = entry["arrival"]
                if wanted.matches(entry):
                    return _request(entry)
            if over:
                missed = wanted.missed(self._entries())
                raise AssertionError(f"after {timeout} seconds {missed}{_hint()}")
            time.sleep(_POLL)

    @contextmanager
    def expects(self, *statuses: int) -> Iterator[None]:
        """Expect answers with these *statuses* within the block, and fail if there is none."""
        expected = checked_statuses(statuses)
        before = self._last_arrival()
        try:
            yield
        finally:
            self._expected.append((range(before + 1, self._last_arrival() + 1), expected))
        if not any(entry["status"] in expected for entry in self._all(after=before)):
            raise AssertionError(f"no request was answered with {' or '.join(map(str, statuses))}")

    def unexpected(self, statuses: Collection[int]) -> list[str]:
        """Return what to say of each refused or odd request that nobody expected.

        *statuses* are expected throughout the test; odd is a request with unknown keys. What an
        injected fault did is expected. Asked again, it tells only of later requests.
        """
        entries = self._all(after=self._looked_at)
        self._looked_at = max([self._looked_at, *(entry["arrival"] for entry in entries)])
        return [
            _told(entry)
            for entry in entries
            if _is_odd(entry)
            and entry["status"] not in statuses
            and not any(
                entry["arrival"] in when and entry["status"] in ok for when, ok in self._expected
            )
        ]

    def report(self) -> tuple[str, str]:
        """Return title and text of what the report of a failing test says of its Lago."""
        entries = self._all(after=self._began)
        refused = sum(entry["status"] >= _FIRST_ERROR for entry in entries)
        told = [_told(entry) for entry in entries if entry["explanation"]]
        if len(entries) > len(told):
            told += [
                "the last requests:",
                *(f"  {short_line(each)}" for each in entries[-_SHOWN:]),
            ]
        count = f"{len(entries)} request{'' if len(entries) == 1 else 's'}"
        return f"lago: {count}, {refused} refused", "\n".join(told)

    def entries(self) -> list[Entry]:
        """Return the requests made so far as the journal shows them, oldest first."""
        return self._entries()

    def close(self) -> None:
        """Forget the organization: from now on its key is as good as any."""
        self._control.ask("DELETE", "/organization")

    def _ask(self, method: str, path: str, document: Any = None) -> Any:
        try:
            return self._control.ask(method, path, document)
        except ControlRefused as error:
            raise Refused(str(error)) from None

    def _entries(self, after: int = 0) -> list[Entry]:
        found: list[Entry] = self._control.ask("GET", f"/requests?after={after}")["requests"]
        return found

    def _all(self, after: int) -> list[Entry]:
        """Return the requests after *after*, those that were refused for their key included."""
        if self._server is None:
            return self._entries(after)
        entries = self._server.ask("GET", f"/requests?after={after}")["requests"]
        return [entry for entry in entries if entry["organization"] in {self._lago_id, None}]

    def _last_arrival(self) -> int:
        control = self._server or self._control
        last: int = control.ask("GET", "/requests?limit=0")["meta"]["last_arrival"]
        return last


def checked_statuses(statuses: Collection[Any]) -> frozenset[int]:
    """Return *statuses*; raise `TypeError` unless they are numbers, and at least one."""
    if not statuses or not all(type(status) is int for status in statuses):
        raise TypeError("expected statuses are given as numbers, as in lago_expects(422, 404)")
    return frozenset(statuses)


def _request(entry: Entry) -> Request:
    return Request(
        entry["method"],
        entry["path"],
        entry["query"],
        entry["body"],
        entry["status"],
        refused=entry["status"] >= _FIRST_ERROR,
        explanation=tuple(found["line"] for found in entry["explanation"]),
        fault=entry["fault"],
    )


def _is_odd(entry: Entry) -> bool:
    dropped = any(found["rule"] == "unknown" for found in entry["explanation"])
    return dropped or (entry["status"] >= _FIRST_ERROR and entry["fault"] is None)


def _told(entry: Entry) -> str:
    lines = (f"  {found['line']}" for found in entry["explanation"])
    return "\n".join([short_line(entry), *lines])


def _hint() -> str:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return ""
    text = "nothing else ran in the event loop: await asyncio.to_thread(lago.wait_for, ...)"
    return f"\n  while it waited, {text}"


def _utc(moment: datetime | str) -> str:
    if isinstance(moment, str):
        return moment
    if moment.tzinfo is None:
        raise Refused(f"{moment!r} has no time zone: add tzinfo=UTC")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
