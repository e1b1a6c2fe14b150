"""The control API from the client's side: of an application in this process, or of a server."""

from __future__ import annotations

import io
import json
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Protocol
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener
from wsgiref.util import setup_testing_defaults

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from wsgiref.types import WSGIApplication, WSGIEnvironment

__tracebackhide__ = True  # a failing test shows the line that asked, and why it was refused
PREFIX = "/__admin"
_TIMEOUT = 30.0  # seconds; a server with a hundred thousand customers to make up is slow
_FIRST_ERROR = 400


class ControlRefused(Exception):
    """The control API refused; the text says why, a line for each reason."""


class Unreachable(ControlRefused):
    """Nothing that could be controlled answers at the address; the text says so."""


class Door(Protocol):
    """A way to a server: its *url* for clients, and how the control API is asked."""

    @property
    def url(self) -> str:
        """The address that clients are given, without a slash at its end."""

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Return status and body of the answer; raise `Unreachable`."""


class InProcess:
    """A way to *app*, a WSGI application, without a socket.

    *address* tells the address of the server that serves it, starting it if need be.
    """

    def __init__(self, app: WSGIApplication, address: Callable[[], str]) -> None:
        self._app = app
        self._address = address

    @property
    def url(self) -> str:
        """The address that clients are given."""
        return self._address()

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Return status and body of the answer."""
        status: list[str] = []

        def start(line: str, *_rest: Any) -> Callable[[bytes], object]:
            status.append(line)
            return status.append  # type: ignore[return-value] # never called

        answer = b"".join(self._app(_environ(method, path, headers, body), start))
        return int(status[0].partition(" ")[0]), answer


class Elsewhere:
    """A way to the server at *url*."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        # The server is near: whatever proxy the environment names knows no way to it.
        self._opener = build_opener(ProxyHandler({}))

    @property
    def url(self) -> str:
        """The address that clients are given."""
        return self._url

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Return status and body of the answer; raise `Unreachable`."""
        try:
            request = Request(  # noqa: S310 (the address is the user's own)
                self._url + path, body or None, dict(headers), method=method
            )
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()
        except (OSError, ValueError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise Unreachable(f"nothing answers at {self._url}: {reason}") from None


class Control:
    """The control API behind *door*, about the organization of *key*; None is the whole server.

    *token* is the server's admin token, where it has one.
    """

    def __init__(self, door: Door, token: str | None = None, key: str | None = None) -> None:
        self._door = door
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Mock-Admin-Token"] = token
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def ask(self, method: str, path: str, document: Any = None) -> Any:
        """Return the JSON value that *method* on *path* below ``/__admin`` answers.

        *document* is the JSON value to send, None for none. Raises `ControlRefused`, or
        `Unreachable` where something else than this server answers.
        """
        body = b"" if document is None else json.dumps(document).encode()
        status, answer = self._door.send(method, PREFIX + path, self._headers, body)
        try:
            value = json.loads(answer)
        except ValueError:
            value = None
        if status < _FIRST_ERROR and isinstance(value, dict):
            return value
        if not isinstance(value, dict) or "explanation" not in value:
            raise Unreachable(
                f"{self._door.url} is no lago-mockserver: {PREFIX}{path} answers {status}"
            )
        raise ControlRefused("\n".join(found["line"] for found in value["explanation"]))


def _environ(method: str, path: str, headers: Mapping[str, str], body: bytes) -> WSGIEnvironment:
    parts = urlsplit(path)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": parts.path,
        "REQUEST_URI": path,
        "QUERY_STRING": parts.query,
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        "CONTENT_TYPE": headers["Content-Type"],
    }
    setup_testing_defaults(environ)
    return environ
