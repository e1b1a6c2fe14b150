"""The way of a request to its handler and of its answer back: the outermost WSGI application.

    request -> exchange opened -> preflight? -> unreadable? -> fault? -> handler
    answer  <- on the wire, or broken there <- in the journal <- headers <- reply  <-'

The order of checks is Lago's (behaviour reference, section 1.1): body, key, ``customer`` object.
"""

from __future__ import annotations

import re
import time
import uuid
from itertools import count
from typing import TYPE_CHECKING

from mockserver import bodies
from mockserver.environ import about_to_wait
from mockserver.errors import MalformedJson, NotAcceptable, PayloadTooLarge
from mockserver.explanation import header
from mockserver.findings import MISSING, Fault
from mockserver.journal import Record
from mockserver.web import interference, refusals
from mockserver.web.cors import Cors
from mockserver.web.exchange import CONTROL, Exchange
from mockserver.web.wire import on_the_wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from mockserver.clock import Clock
    from mockserver.errors import ApiError
    from mockserver.journal import Entry
    from mockserver.organizations import Organizations
    from mockserver.web.answers import Reply
    from mockserver.web.application import Application

BODY_LIMIT = 10 * 1024 * 1024  # bytes; far above any customer, far below what would hurt
_ICON = "/favicon.ico"
_NOT_IN_REQUEST_ID = re.compile(r"[^\w@-]", re.ASCII)
_REQUEST_ID_LIMIT = 255


class Passage:
    """A WSGI application that lets *app* answer what is asked of *organizations*.

    *clock* tells when a request came; *report* is called with its entry in the journal, but for the
    bodies.
    """

    def __init__(
        self,
        app: Application,
        organizations: Organizations,
        clock: Clock,
        report: Callable[[Entry], None] | None,
    ) -> None:
        self._app = app
        self._organizations = organizations
        self._cors = Cors(organizations.settings.cors_origin)
        self._clock = clock
        self._report = report
        self._arrivals = count(1)
        self._contract = ("Mock-Contract", organizations.contract.version)
        # Random for the server, then counted: as good a name as any, and made in no time.
        self._request_ids = str(uuid.uuid4())[:24]

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        current = self._opened(environ)
        reply = self._answered_before(current, environ)
        if reply is None:
            reply = self._app.reply(current)
        self._close(current, reply, environ)
        return on_the_wire(reply, current.broken, environ, start)

    def _opened(self, environ: WSGIEnvironment) -> Exchange:
        arrival = next(self._arrivals)
        request_id = self._request_id(environ, arrival)
        current = Exchange(environ, self._organizations, arrival, self._clock(), request_id)
        if current.is_control:
            # It looks for the organization itself, once it knows that the client may ask.
            current.counts = False
            about_to_wait(environ)
        else:
            # Browsers ask of their own accord for the picture beside an address.
            current.counts = current.path != _ICON
            current.organization = self._organizations.find(current.key)
        return current

    def _answered_before(self, current: Exchange, environ: WSGIEnvironment) -> Reply | None:
        """Return the answer that the application is not needed for, or None."""
        if environ.get("wsgi.multiprocess"):
            return refusals.divided(current)
        if current.method == "OPTIONS":
            reply = self._cors.preflight(current, environ)
            if reply is not None:
                return reply
        unreadable = _read(current, environ)
        reply = None
        if current.counts and (unreadable is None or isinstance(unreadable, MalformedJson)):
            reply = interference.met(current, environ)
        return refusals.refused(unreadable, current) if unreadable and reply is None else reply

    def _close(self, current: Exchange, reply: Reply, environ: WSGIEnvironment) -> None:
        seconds = time.perf_counter() - current.started
        if current.broken == "invalid_json":
            reply.body = reply.body[:-1]
        reply.complete(environ)
        reply.headers += (
            self._contract,
            ("X-Request-Id", current.request_id),
            ("X-Runtime", f"{seconds:.6f}"),
        )
        if "HTTP_ORIGIN" in environ:
            reply.headers += self._cors.headers(current, environ)
        if current.findings:
            current.findings.sort(key=lambda found: not isinstance(found, Fault))
            explanation = header(current.findings, self._more_at(current))
            reply.headers.append(("Mock-Explanation", explanation))
        if current.counts:
            self._journal(current, reply, seconds)

    def _journal(self, current: Exchange, reply: Reply, seconds: float) -> None:
        organization = current.organization
        journal = organization.journal if organization else self._organizations.nobody
        record = Record(
            current.arrival,
            current.request_id,
            current.at,
            current.method,
            current.path,
            current.query,
            current.authorization,
            current.body,
            current.document is not MISSING,
            0 if current.broken == "reset" else reply.status,
            seconds,
            current.findings,
            organization.lago_id if organization else None,
            current.fault,
            reply.body,
        )
        journal.record(record)
        if self._report is not None:
            self._report(record.entry(bodies=False))

    def _more_at(self, current: Exchange) -> str:
        known = self._organizations.settings.admin and current.counts
        return f"GET {CONTROL}/requests/{current.request_id[:64]}" if known else ""

    def _request_id(self, environ: WSGIEnvironment, arrival: int) -> str:
        asked = environ.get("HTTP_X_REQUEST_ID")
        kept = _NOT_IN_REQUEST_ID.sub("", asked)[:_REQUEST_ID_LIMIT] if asked else ""
        return kept or f"{self._request_ids}{arrival:012x}"


def _read(current: Exchange, environ: WSGIEnvironment) -> ApiError | None:
    """Read the body into *current*, or return why that cannot be."""
    announced: str = environ.get("CONTENT_LENGTH") or "0"
    current.length = length = int(announced) if announced.isdecimal() else 0
    try:
        is_json = bodies.is_json(environ.get("CONTENT_TYPE", ""))
        if length > BODY_LIMIT:
            note = f"a body of at most {BODY_LIMIT} bytes, not {length}"
            return PayloadTooLarge(Fault("body", "size", MISSING, note)) if is_json else None
        if length:
            current.body = environ["wsgi.input"].read(length)
        if is_json:
            current.document = bodies.decoded(current.body)
    except (MalformedJson, NotAcceptable) as error:
        return error
    return None
