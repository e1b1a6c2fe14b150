"""A Lago for one test: where it is, what it keeps, what it was asked and what it said."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from mockserver.errors import ApiError
from mockserver.explanation import lines
from mockserver.matching import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from mockserver.journal import Entry, Journal
    from mockserver.organization import Organization

_SHOWN = 5  # the last requests that a report shows in short


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was made: *body* is its JSON value, *explanation* has a line for each fault.

    *refused* says that the answer was an error.
    """

    method: str
    path: str
    query: str
    body: Any
    status: int
    refused: bool
    explanation: tuple[str, ...]


class Refused(Exception):
    """What a test wanted to arrange is not possible; the text says why."""


class Lago:
    """One organization, its *api_key*, and the address of the server that it is on.

    *strangers* is the journal of requests that were refused for their key; *address* tells the
    address, starting the server if need be.
    """

    def __init__(
        self,
        organization: Organization,
        api_key: str,
        strangers: Journal,
        address: Callable[[], str],
    ) -> None:
        self.api_key = api_key
        self._organization = organization
        self._address = address
        self._strangers = strangers
        self._began = self._last_arrival()
        self._expected: list[tuple[range, frozenset[int]]] = []

    @property
    def url(self) -> str:
        """The address that the official clients want, e.g. ``http://127.0.0.1:40123``."""
        return self._address()

    @property
    def api_url(self) -> str:
        """The address of the API, for clients that want it with ``/api/v1``."""
        return f"{self.url}/api/v1"

    @property
    def customers(self) -> dict[str, dict[str, Any]]:
        """The customers there are, by external_id, each as an answer shows it."""
        return self._organization.customers()

    @property
    def requests(self) -> list[Request]:
        """The requests made so far, oldest first."""
        return [_request(entry) for entry in self._organization.journal]

    def create(self, external_id: str, **attributes: Any) -> dict[str, Any]:
        """Create or update a customer, as a request would but without one; return it.

        Raises `Refused` with the explanation where a request would be refused.
        """
        document = {"external_id": external_id, **attributes}
        try:
            customer: dict[str, Any] = self._organization.upsert_customer(document).body["customer"]
        except ApiError as error:
            raise Refused("\n".join(lines(error.findings))) from None
        return customer

    def assert_called(self, method: str, path: str, **body: Any) -> Request:
        """Return the last request with *method*, *path* and what *body* has of its JSON object.

        Fails the test where there is none, with how the nearest one differs. *path* may be given
        with or without ``/api/v1``.
        """
        __tracebackhide__ = True
        wanted = Wanted(method, path, body)
        entries = [*self._organization.journal]
        found = [entry for entry in entries if wanted.matches(entry)]
        if not found:
            raise AssertionError(wanted.missed(entries))
        return _request(found[-1])

    def assert_not_called(self, method: str, path: str, **body: Any) -> None:
        """Fail the test if there was a request with *method*, *path* and *body*."""
        __tracebackhide__ = True
        wanted = Wanted(method, path, body)
        for entry in self._organization.journal:
            if wanted.matches(entry):
                raise AssertionError(f"there was a {entry.short_line()}")

    def wait_for(self, method: str, path: str, *, timeout: float = 5.0, **body: Any) -> Request:
        """Return the first such request, waiting at most *timeout* seconds for it to be answered.

        Fails the test when the time is over, as `assert_called` does.
        """
        __tracebackhide__ = True
        wanted = Wanted(method, path, body)
        found = self._organization.journal.wait_for(wanted.matches, timeout)
        if found is None:
            missed = wanted.missed([*self._organization.journal])
            raise AssertionError(f"after {timeout} seconds {missed}")
        return _request(found)

    @contextmanager
    def expects(self, *statuses: int) -> Iterator[None]:
        """Expect answers with these *statuses* within the block, and fail if there is none."""
        __tracebackhide__ = True
        expected = checked_statuses(statuses)
        before = self._last_arrival()
        try:
            yield
        finally:
            self._expected.append((range(before + 1, self._last_arrival() + 1), expected))
        if not any(entry.status in expected for entry in self._since(before)):
            raise AssertionError(f"no request was answered with {' or '.join(map(str, statuses))}")

    def unexpected(self, statuses: Collection[int]) -> list[str]:
        """Return what to say of each refused or odd request that nobody expected.

        *statuses* are expected throughout the test; odd is a request with unknown keys.
        """
        return [
            _told(entry)
            for entry in self._since(self._began)
            if (entry.refused or any(found.rule == "unknown" for found in entry.findings))
            and entry.status not in statuses
            and not any(entry.arrival in when and entry.status in ok for when, ok in self._expected)
        ]

    def report(self) -> tuple[str, str]:
        """Return title and text of what the report of a failing test says of its Lago."""
        entries = self._since(self._began)
        refused = sum(entry.refused for entry in entries)
        told = [_told(entry) for entry in entries if entry.findings]
        if len(entries) > len(told):
            told += [
                "the last requests:",
                *(f"  {each.short_line()}" for each in entries[-_SHOWN:]),
            ]
        count = f"{len(entries)} request{'' if len(entries) == 1 else 's'}"
        return f"lago: {count}, {refused} refused", "\n".join(told)

    def _since(self, arrival: int) -> list[Entry]:
        """Return the requests after *arrival*, those that were refused for their key included."""
        entries = [*self._organization.journal, *self._strangers]
        return sorted(
            (entry for entry in entries if entry.arrival > arrival), key=attrgetter("arrival")
        )

    def _last_arrival(self) -> int:
        journals = (self._organization.journal, self._strangers)
        return max((entry.arrival for journal in journals for entry in journal), default=0)


def checked_statuses(statuses: Collection[Any]) -> frozenset[int]:
    """Return *statuses*; raise `TypeError` unless they are numbers, and at least one."""
    if not statuses or not all(type(status) is int for status in statuses):
        raise TypeError("expected statuses are given as numbers, as in lago_expects(422, 404)")
    return frozenset(statuses)


def _request(entry: Entry) -> Request:
    body = entry.readable()["body"]
    explanation = tuple(lines(entry.findings))
    return Request(
        entry.method,
        entry.path,
        entry.query,
        body,
        entry.status,
        refused=entry.refused,
        explanation=explanation,
    )


def _told(entry: Entry) -> str:
    return "\n".join([entry.short_line(), *(f"  {each}" for each in lines(entry.findings))])
