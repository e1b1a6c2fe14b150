"""Requests to a WSGI application without a socket, timed one by one."""

from __future__ import annotations

import io
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from mockserver import data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import WSGIApplication, WSGIEnvironment

CUSTOMERS = "/api/v1/customers"
_PAGE = json.dumps(data.fixture("customer-create"))
_PAGE_ID = data.fixture("customer-create")["customer"]["external_id"]


def page_body(external_id: str) -> bytes:
    """Return the body of the documented page, for a customer of another *external_id*."""
    return _PAGE.replace(_PAGE_ID, external_id).encode()


def environ(method: str, path: str, body: bytes = b"", key: str = "key-of-the-bench") -> Any:
    """Return the WSGI environ of a request, as our server makes it."""
    path, _, query = path.partition("?")
    made: WSGIEnvironment = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "REQUEST_URI": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "3000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:3000",
        "HTTP_ACCEPT": "*/*",
        "HTTP_USER_AGENT": "bench",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body:
        made |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
    return made


def answered(app: WSGIApplication, asked: WSGIEnvironment) -> tuple[str, bytes]:
    """Return status and body of the answer of *app* to a request."""
    status: list[str] = []
    body = app(asked, lambda line, *_: status.append(line))  # type: ignore[arg-type, return-value]
    text = b"".join(body)
    close: Callable[[], None] = getattr(body, "close", lambda: None)
    close()
    return status[0], text


def seconds(
    app: WSGIApplication, requests: Iterable[WSGIEnvironment], *, status: str = "200 OK"
) -> list[float]:
    """Return how long *app* took for each of *requests*; every answer must have this *status*."""
    times = []
    for each in requests:
        began = time.perf_counter()
        got, _ = answered(app, each)
        times.append(time.perf_counter() - began)
        assert got == status, got
    return times
