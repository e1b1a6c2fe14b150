"""The request journal: the last requests of one organization, what was answered and why.

Bounded in number and in what it keeps of each request. Keys do not get out of it
(`mockserver.redaction`). That, and what else makes a request readable, is done when somebody reads
it, for most are never read.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.bodies import decoded
from mockserver.clock import stamp
from mockserver.errors import MalformedJson
from mockserver.explanation import readable
from mockserver.findings import MISSING
from mockserver.redaction import MOST_FINDINGS, Redaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from mockserver.findings import Finding

BODY_LIMIT = 16_384  # bytes kept of each body
_FIRST_ERROR = 400
_redaction = lru_cache(maxsize=64)(Redaction)  # a server sees few keys, and each of them often


class Entry(NamedTuple):
    """One request and its answer: *at* when it came, *seconds* how long it took.

    *arrival* numbers the requests of a server as they came. *body* is what came, as text, cut after
    the journal's limit; *findings* are its explanation. *organization* is the lago_id of the one
    that was asked. *fault* is the injected one that the request met; *status* is 0 where it left no
    answer. *answer* is the body of the answer, cut alike.
    """

    arrival: int
    request_id: str
    at: datetime
    method: str
    path: str
    query: str
    body: str
    status: int
    seconds: float
    findings: tuple[Finding, ...] = ()
    organization: str | None = None
    fault: str | None = None
    answer: str = ""

    def readable(self) -> dict[str, Any]:
        """Return the entry with the keys of ``journal.json#/$defs/entry``."""
        return {
            "id": self.request_id,
            "arrival": self.arrival,
            "organization": self.organization,
            "at": stamp(self.at),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": _decoded(self.body),
            "status": self.status,
            "milliseconds": round(self.seconds * 1000, 3),
            "fault": self.fault,
            "answer": _decoded(self.answer),
            "explanation": [readable(finding) for finding in self.findings],
        }


class Record(NamedTuple):
    """A request and its answer as they were on the wire, from which an `Entry` is made.

    *authorization* is what the request was authorized with; *is_json* says that *body* was read as
    JSON. *path* is the raw one, *query* what came behind it. The rest is as in `Entry`.
    """

    arrival: int
    request_id: str
    at: datetime
    method: str
    path: str
    query: str
    authorization: str
    body: bytes
    is_json: bool
    status: int
    seconds: float
    findings: Sequence[Finding]
    organization: str | None
    fault: str | None
    answer: bytes

    @property
    def refused(self) -> bool:
        """Whether the answer was an error."""
        return self.status >= _FIRST_ERROR

    def entry(self, limit: int | None = None, *, bodies: bool = True) -> Entry:
        """Return what the journal shows of it: no key, and at most *limit* bytes of each body.

        Without *bodies* these are left out.
        """
        keep = _redaction(self.authorization)
        return Entry(
            arrival=self.arrival,
            request_id=keep.text(self.request_id),
            at=self.at,
            method=self.method,
            path=keep.path(self.path),
            query=keep.query(self.query),
            body=keep.body(self.body, limit, is_json=self.is_json) if bodies else "",
            status=self.status,
            seconds=self.seconds,
            findings=keep.findings(self.findings),
            organization=self.organization,
            fault=self.fault,
            answer=keep.body(self.answer, limit, is_json=keep.is_escaped) if bodies else "",
        )

    def shortened(self, limit: int) -> Record:
        """Return it without the bytes of large bodies, and findings about them, beyond *limit*."""
        entry = self.entry(limit)
        return self._replace(
            body=entry.body.encode(),
            is_json=False,
            findings=entry.findings,
            answer=entry.answer.encode(),
        )


class Journal:
    """The last *size* requests, oldest first. Safe for threads.

    Of each body *body_limit* bytes are kept.
    """

    def __init__(self, size: int, body_limit: int = BODY_LIMIT) -> None:
        self.body_limit = body_limit
        self._records: deque[Record] = deque(maxlen=size)

    def record(self, record: Record) -> None:
        """Keep *record*, and forget the oldest where there is no room."""
        if len(record.body) > self.body_limit or len(record.answer) > self.body_limit:
            record = record.shortened(self.body_limit)
        elif len(record.findings) > MOST_FINDINGS:
            record = record._replace(findings=record.findings[:MOST_FINDINGS])
        self._records.append(record)

    def clear(self) -> int:
        """Forget all requests; return how many there were."""
        number = len(self._records)
        self._records.clear()
        return number

    def resize(self, size: int | None = None, body_limit: int | None = None) -> None:
        """Keep the last *size* requests from now on, *body_limit* bytes of each body.

        What is None stays as it is.
        """
        if body_limit is not None:
            self.body_limit = body_limit
        if size is not None:
            self._records = deque(self._records, maxlen=size)

    def __len__(self) -> int:
        """Return how many requests are kept."""
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        """Return the requests, oldest first, as they are now."""
        return iter(list(self._records))


def _decoded(body: str) -> Any:
    try:
        value = decoded(body.encode())
    except MalformedJson:
        return body
    return None if value is MISSING else value
