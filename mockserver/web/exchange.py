"""One request and what is known of it, for those that answer it."""

from __future__ import annotations

import time
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

from mockserver import bodies
from mockserver.environ import about_to_wait
from mockserver.errors import ParameterMissing, Unauthorized
from mockserver.findings import MISSING, Fault
from mockserver.web.answers import Reply
from mockserver.web.authorization import credentials, fault
from mockserver.web.paths import asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from wsgiref.types import WSGIEnvironment

    from mockserver.findings import Finding
    from mockserver.organization import Organization
    from mockserver.organizations import Organizations
    from mockserver.register import Answer

CONTROL = "/__admin"
_NO_ARGUMENTS: Mapping[str, Any] = MappingProxyType({})


class Exchange:
    """What is known of the request in hand.

    *environ* is WSGI's, its path read as Rails reads it. *arrival* is its number on this server; it
    came *at* that time, *started* on the clock that measures. *path* is the raw one, *query* what
    came behind it, *authorization* the header of that name, *key* the bearer token in it, *slip* a
    remark on that. *endpoint* names its handler, *arguments* are what that gets of the path. *body*
    has come, of *length* bytes; what is too long is not read. *document* is its JSON value. *fault*
    is the injected one that the request met, *broken* the one that breaks its answer. Unless it
    *counts*, it does not get into the journal.
    """

    organization: Organization | None = None
    endpoint: str = ""
    arguments: Mapping[str, Any] = _NO_ARGUMENTS
    counts: bool = True
    length: int = 0
    body: bytes = b""
    document: Any = MISSING
    fault: str | None = None
    broken: str | None = None

    def __init__(
        self,
        environ: WSGIEnvironment,
        organizations: Organizations,
        arrival: int,
        at: datetime,
        request_id: str,
    ) -> None:
        self.environ = environ
        self.organizations = organizations
        self.arrival = arrival
        self.at = at
        self.started = time.perf_counter()
        self.request_id = request_id
        self.method: str = environ["REQUEST_METHOD"]
        self.path, plain = asked(environ)
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "", plain
        self.is_control = plain.startswith(CONTROL)
        self.query: str = environ.get("QUERY_STRING", "")
        self.authorization: str = environ.get("HTTP_AUTHORIZATION", "")
        self.key, self.slip = credentials(self.authorization)
        self.findings: list[Finding] = []

    @property
    def request(self) -> Request:
        """The request with its headers and parameters taken apart."""
        return Request(self.environ)

    @property
    def tenant(self) -> Organization:
        """The organization of the request's key, which `authenticate` has let through."""
        return self.organization  # type: ignore[return-value]

    def find_organization(self) -> None:
        """Look for the organization of the key; raise `Unauthorized` if there is none."""
        self.organization = self.organizations.find(self.key)
        if self.organization is None:
            raise Unauthorized(fault(self.authorization))

    def authenticate(self) -> None:
        """Refuse the request with `Unauthorized` unless its key names an organization."""
        if self.organization is None:
            raise Unauthorized(fault(self.authorization))
        if self.slip is not None:
            self.findings.append(self.slip)

    def document_under(self, root: str) -> dict[str, Any]:
        """Return the object under the key *root* of the body.

        Raises `ParameterMissing` where there is none, or an empty one.
        """
        if self.document is MISSING and self.length:
            content_type = self.environ.get("CONTENT_TYPE", "")
            if not bodies.is_json(content_type):
                wanted = "application/json; the body was not read"
                came = content_type or MISSING
                raise ParameterMissing(Fault("header Content-Type", "media-type", came, wanted))
        return bodies.document_under(root, self.document)

    def beside(self) -> Sequence[Finding]:
        """Return what is to be said of the keys beside the one that `document_under` found."""
        return self.organizations.contract.beside(self.document)

    def note(self, findings: Iterable[Finding]) -> None:
        """Keep *findings* for the explanation."""
        self.findings += findings

    def answered(self, answer: Answer) -> Reply:
        """Return the reply with *answer*, and note its remarks."""
        self.findings += answer.remarks
        return Reply(answer.body)


IN_HAND: ContextVar[Exchange] = ContextVar("exchange")


def current() -> Exchange:
    """Return the exchange in hand."""
    return IN_HAND.get()


def wait() -> None:
    """Tell the server that the request in hand, if there is one, is going to wait."""
    in_hand = IN_HAND.get(None)
    if in_hand is not None:
        about_to_wait(in_hand.environ)
