"""One request and its answer: opened before the route, closed with headers and journal.

The order of checks is Lago's (behaviour reference, section 1.1): body, key, ``customer`` object.
"""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from flask import current_app, g, request

from mockserver import bodies
from mockserver.errors import MalformedJson, ParameterMissing, Unauthorized
from mockserver.explanation import header
from mockserver.findings import MISSING, Fault, Remark
from mockserver.journal import Entry, Redaction
from mockserver.web import interference
from mockserver.web.answers import complete
from mockserver.web.paths import raw_path
from mockserver.web.wire import BREAK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from flask import Flask, Response

    from mockserver.clock import Clock
    from mockserver.findings import Finding
    from mockserver.organization import Answer, Organization
    from mockserver.organizations import Organizations
    from mockserver.settings import Settings

CONTROL = "/__admin"
_NOT_IN_REQUEST_ID = re.compile(r"[^\w@-]", re.ASCII)
_REQUEST_ID_LIMIT = 255
_BEARER = "bearer"
_KEY = re.compile(r"[\w.~+/=-]+", re.ASCII)
_BEARER_WORDS = 2
_SLIPS = {"bearer", "undefined", "null", "none", "nil"}


@dataclass(slots=True)
class Exchange:
    """What is known of the request in hand.

    *arrival* is its number on this server, *key* its bearer token, *document* its JSON body,
    *fault* the injected one that it met. Unless it *counts*, it does not get into the journal.
    """

    arrival: int
    request_id: str
    at: datetime
    started: float
    key: str | None
    organization: Organization | None = None
    document: Any = MISSING
    fault: str | None = None
    counts: bool = True
    findings: list[Finding] = field(default_factory=list)


def install(
    app: Flask,
    settings: Settings,
    organizations: Organizations,
    clock: Clock,
    report: Callable[[Entry], None] | None,
) -> None:
    """Make *app* open and close an exchange around each request."""
    app.extensions["mockserver.settings"] = settings
    app.extensions["mockserver.began"] = time.perf_counter()
    app.extensions["mockserver"] = organizations
    arrivals = count(1)
    contract = {"Mock-Contract": organizations.contract.version}

    def opened() -> Response | None:
        own = request.path.startswith(CONTROL)
        key = _key()
        g.exchange = current = Exchange(
            next(arrivals),
            _request_id(),
            clock(),
            time.perf_counter(),
            key,
            # The control API looks for it once it knows that the client may ask.
            organization=None if own else organizations.find(key),
            counts=not own,
        )
        unreadable = _read(current)
        broken = None if own else interference.met(current, organizations)
        if broken is None and unreadable:
            raise unreadable
        return broken

    def closed(response: Response) -> Response:
        current: Exchange = g.exchange
        seconds = time.perf_counter() - current.started
        headers = {
            **contract,
            "X-Request-Id": current.request_id,
            "X-Runtime": f"{seconds:.6f}",
        }
        current.findings.sort(key=lambda found: not isinstance(found, Fault))
        if current.findings:
            headers["Mock-Explanation"] = header(current.findings, more_at(current))
        response = complete(response, headers)
        if current.counts:
            _journalled(current, response, seconds, organizations, report)
        return response

    def more_at(current: Exchange) -> str:
        known = settings.admin and current.counts
        return f"GET {CONTROL}/requests/{current.request_id[:64]}" if known else ""

    app.before_request(opened)
    app.after_request(closed)


def _read(current: Exchange) -> MalformedJson | None:
    """Read the body into *current*, or return why that cannot be."""
    if bodies.is_json(request.headers.get("Content-Type", "")):
        try:
            current.document = bodies.decoded(request.get_data())
        except MalformedJson as error:
            return error
    return None


def keep_out_of_journal() -> None:
    """Keep the request in hand out of the journal."""
    g.exchange.counts = False


def find_organization() -> None:
    """Look for the organization of the request's key; raise `Unauthorized` if there is none."""
    g.exchange.organization = organizations().find(g.exchange.key)
    if g.exchange.organization is None:
        raise Unauthorized(_key_fault())


def authenticate() -> None:
    """Refuse the request with `Unauthorized` unless its key names an organization."""
    if g.exchange.organization is None:
        raise Unauthorized(_key_fault())
    key = g.exchange.key or ""
    words = request.headers["Authorization"].split()
    if key.casefold() in _SLIPS or not _KEY.fullmatch(key) or len(words) > _BEARER_WORDS:
        about = "taken as a key, which names an organization of its own; it looks like a slip"
        note([Remark("header Authorization", "key", "(not shown)", about)])


def organization() -> Organization:
    """Return the organization of the request's key, which `authenticate` has let through."""
    found: Organization = g.exchange.organization
    return found


def organizations() -> Organizations:
    """Return all organizations of the server in hand."""
    found: Organizations = current_app.extensions["mockserver"]
    return found


def settings() -> Settings:
    """Return the settings of the server in hand."""
    found: Settings = current_app.extensions["mockserver.settings"]
    return found


def uptime() -> float:
    """Return for how many seconds the server in hand has been there."""
    began: float = current_app.extensions["mockserver.began"]
    return time.perf_counter() - began


def document(root: str) -> dict[str, Any]:
    """Return the object under the key *root* of the body.

    Raises `ParameterMissing` where there is none, or an empty one.
    """
    content_type = request.headers.get("Content-Type", "")
    if request.content_length and not bodies.is_json(content_type):
        wanted = "application/json; the body was not read"
        came = content_type or MISSING
        raise ParameterMissing(Fault("header Content-Type", "media-type", came, wanted))
    return bodies.document_under(root, g.exchange.document)


def beside() -> Sequence[Finding]:
    """Return what is to be said of the keys beside the wanted one, where `document` found it."""
    return organizations().contract.beside(g.exchange.document)


def answered(answer: Answer) -> dict[str, Any]:
    """Return the body of *answer*, and note its remarks."""
    note(answer.remarks)
    return answer.body


def note(findings: Iterable[Finding]) -> None:
    """Keep *findings* for the explanation of the request in hand."""
    g.exchange.findings += findings


def _journalled(
    current: Exchange,
    response: Response,
    seconds: float,
    known: Organizations,
    report: Callable[[Entry], None] | None,
) -> None:
    keep = Redaction(request.headers.get("Authorization", ""))
    journal = current.organization.journal if current.organization else known.nobody
    body = request.get_data() if _readable_body() else b""
    entry = Entry(
        arrival=current.arrival,
        request_id=keep.text(current.request_id),
        at=current.at,
        method=request.method,
        path=keep.path(raw_path(request.environ)),
        query=keep.query(request.query_string.decode(errors="replace")),
        body=keep.body(body, current.document, journal.body_limit),
        status=0 if request.environ.get(BREAK) == "reset" else response.status_code,
        seconds=seconds,
        findings=keep.findings(current.findings),
        organization=current.organization.lago_id if current.organization else None,
        fault=current.fault,
        answer=keep.body(response.get_data(), MISSING, journal.body_limit),
    )
    journal.record(entry)
    if report is not None:
        report(entry)


def _readable_body() -> bool:
    limit: int = current_app.config["MAX_CONTENT_LENGTH"]
    return (request.content_length or 0) <= limit


def _key() -> str | None:
    words = request.headers.get("Authorization", "").split()
    if len(words) > 1 and words[0].casefold() == _BEARER:
        return words[1]
    return None


def _request_id() -> str:
    asked = _NOT_IN_REQUEST_ID.sub("", request.headers.get("X-Request-Id", ""))
    return asked[:_REQUEST_ID_LIMIT] or str(uuid.uuid4())


def _key_fault() -> Fault:
    words = request.headers.get("Authorization", "").split()
    if not words:
        wanted = "a header Authorization: Bearer <key>; keys are read nowhere else"
    elif words[0].casefold() != _BEARER:
        wanted = "the word Bearer and then the key, without quotes or colon"
    elif len(words) == 1:
        wanted = "a key after the word Bearer"
    else:
        wanted = "a key that this server accepts; it was started with --api-key"
    # What came may be a real key.
    came = "(not shown)" if words else MISSING
    return Fault("header Authorization", "key", came, wanted)
