"""One request and what is known of it, for those that answer it."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

from mockserver import bodies
from mockserver.environ import about_to_wait
from mockserver.errors import ParameterMissing, Unauthorized
from mockserver.findings import MISSING, Fault, Remark
from mockserver.web.answers import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from wsgiref.types import WSGIEnvironment

    from mockserver.findings import Finding
    from mockserver.organization import Organization
    from mockserver.organizations import Organizations
    from mockserver.register import Answer

CONTROL = "/__admin"
_BEARER = "bearer"
_KEY = re.compile(r"[\w.~+/=-]+", re.ASCII)
_BEARER_WORDS = 2
_SLIPS = {"bearer", "undefined", "null", "none", "nil"}


@dataclass(slots=True)
class Exchange:
    """What is known of the request in hand.

    *environ* is WSGI's. *arrival* is its number on this server; it came *at* that time, *started*
    on the clock that measures. *path* is the raw one, *query* what came behind it, *authorization*
    the header of that name, *key* the bearer token in it. *endpoint* names its handler, *arguments*
    are what that gets of the path. *body* has come, of *length* bytes; what is too long is not
    read. *document* is its JSON value. *fault* is the injected one that the request met, *broken*
    the one that breaks its answer. Unless it *counts*, it does not get into the journal.
    """

    environ: WSGIEnvironment
    organizations: Organizations
    arrival: int
    request_id: str
    at: datetime
    started: float
    method: str
    path: str
    query: str
    authorization: str
    key: str | None = None
    organization: Organization | None = None
    endpoint: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    counts: bool = True
    length: int = 0
    body: bytes = b""
    document: Any = MISSING
    fault: str | None = None
    broken: str | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def request(self) -> Request:
        """The request with its headers and parameters taken apart."""
        return Request(self.environ)

    @property
    def is_control(self) -> bool:
        """Whether it is about the control API."""
        path: str = self.environ["PATH_INFO"]
        return path.startswith(CONTROL)

    @property
    def tenant(self) -> Organization:
        """The organization of the request's key, which `authenticate` has let through."""
        return self.organization  # type: ignore[return-value]

    def find_organization(self) -> None:
        """Look for the organization of the key; raise `Unauthorized` if there is none."""
        self.organization = self.organizations.find(self.key)
        if self.organization is None:
            raise Unauthorized(_key_fault(self.authorization))

    def authenticate(self) -> None:
        """Refuse the request with `Unauthorized` unless its key names an organization."""
        if self.organization is None:
            raise Unauthorized(_key_fault(self.authorization))
        key, words = self.key or "", self.authorization.split()
        if key.casefold() in _SLIPS or not _KEY.fullmatch(key) or len(words) > _BEARER_WORDS:
            about = "taken as a key, which names an organization of its own; it looks like a slip"
            self.findings.append(Remark("header Authorization", "key", "(not shown)", about))

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


def bearer_token(authorization: str) -> str | None:
    """Return the key in the header *authorization*, or None (behaviour reference, 1.2)."""
    words = authorization.split()
    if len(words) > 1 and words[0].casefold() == _BEARER:
        return words[1]
    return None


def _key_fault(authorization: str) -> Fault:
    words = authorization.split()
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
