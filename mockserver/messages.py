"""HTTP/1.1 messages: requests taken out of bytes as WSGI environs, answers put into bytes.

httptools (Node's parser) reads; nothing here knows of sockets.
"""

from __future__ import annotations

import io
import json
import re
import sys
import time
from collections import deque
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import httptools

from mockserver.environ import KEEP_ALIVE
from mockserver.explanation import printable
from mockserver.heads import Head, Heads

if TYPE_CHECKING:
    from collections.abc import Sequence
    from wsgiref.types import WSGIEnvironment

LARGEST_HEAD = 64 * 1024  # bytes
LARGEST_BODY = 16 * 1024 * 1024  # bytes that are kept; the application refuses earlier
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
_METHOD = re.compile(rb"[A-Z-]+(?: |\Z)")  # what could be one; the parser knows which there are
_USUAL = 256  # bytes of a header's name; longer ones are dropped
_LENGTH = "\r\nContent-Length: "
_SEPARATORS = len(b": \r\n")
_END = b"\r\n\r\n"
_HEADS = Heads()


class Refused(Exception):
    """What came is no HTTP that could be read: *answer* says so, whole."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        body = _json({"status": status.value, "error": status.phrase})
        headers = [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Mock-Explanation", printable(f"request: [http] {why}")),
        ]
        line = f"{status.value} {status.phrase}"
        self.answer = answer(line, headers, [body], keep_alive=False)
        super().__init__(why)


class Requests:
    """The requests in what one client sends; *environ* is what they have in common.

    They wait in `complete`, oldest first. `expected` says that the client waits for `CONTINUE`
    before it sends a body. *heads* are those of all clients that came before.
    """

    def __init__(self, environ: WSGIEnvironment, heads: Heads = _HEADS) -> None:
        self.complete: deque[WSGIEnvironment] = deque()
        self.expected = False
        self._common = environ
        self._heads = heads
        self._parser = httptools.HttpRequestParser(self)
        self._environ: WSGIEnvironment = {}
        self._url = b""
        self._head = 0  # bytes of it that are read
        self._fed = 0  # bytes that came since it began, or since a part of the body
        self._in_head = True
        self._between = True  # one message and the next
        self._length = 0
        self._body = bytearray()

    def feed(self, data: bytes) -> None:
        """Take in *data*; raise `Refused` for what cannot be read."""
        if not self._between:
            self._read(data)
            return
        # The parser has nothing pending, so that it would read again what it has read before.
        text, end, body = data.partition(_END)
        head = self._heads.find(text) if end else None
        if head is not None and len(body) == head.length:
            self.complete.append({**self._common, **head.environ, "wsgi.input": io.BytesIO(body)})
            self._fed = 0
            return
        before = len(self.complete)
        self._read(data)
        is_one = len(self.complete) == before + 1 and end and len(body) == self._length
        if is_one and self._between:
            own = {key: value for key, value in self._environ.items() if key not in self._common}
            del own["wsgi.input"]
            self._heads.learn(text, Head(own, self._length))

    def _read(self, data: bytes) -> None:
        while data:
            self._fed += len(data)
            data = self._parse(data)
        if self._fed > 2 * LARGEST_HEAD:
            raise _too_large()  # a header without an end; the parser keeps it until it is whole

    def _parse(self, data: bytes) -> bytes:
        """Let the parser read *data*; return what it is to read after that."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # No other protocol is spoken here, so the request is answered in this one. But what
            # follows its head was not read, for it might be the other one: begin anew without.
            again = b"" if self._in_head else self._head_without_upgrade()
            self._parser = httptools.HttpRequestParser(self)
            return again + data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserInvalidMethodError as error:
            if _METHOD.match(data):
                status, why = HTTPStatus.METHOD_NOT_ALLOWED, "came a method that HTTP does not have"
                raise Refused(status, why) from None
            raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from None
        except httptools.HttpParserError as error:
            raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from None
        return b""

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._between = False
        self._environ = dict(self._common)
        self._url, self._head, self._length, self._body = b"", 0, 0, bytearray()

    def on_url(self, part: bytes) -> None:
        """Take in a part of the request's target."""
        self._url += part
        self._head += len(part)
        if self._head > LARGEST_HEAD:
            raise _too_large()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header; those whose names WSGI could not tell from others are dropped.

        So are overlong names, and those that follow a body, which nobody waits for.
        """
        if not self._in_head:
            return
        self._head += len(name) + len(value) + _SEPARATORS
        if self._head > LARGEST_HEAD:
            raise _too_large()
        key, text = _key(name) if len(name) <= _USUAL else "", value.rstrip().decode("latin-1")
        if key in self._environ:
            self._environ[key] += f",{text}"
        elif key:
            self._environ[key] = text

    def on_headers_complete(self) -> None:
        """Note that the head is over."""
        self._in_head = False
        expected = "100-continue" in self._environ.get("HTTP_EXPECT", "").lower()
        self.expected = expected and self._parser.get_http_version() != "1.0"

    def on_body(self, part: bytes) -> None:
        """Take in a part of the body; one that is too large is not kept."""
        self._fed = 0
        self._length += len(part)
        if self._length <= LARGEST_BODY:
            self._body += part
        else:
            self._body.clear()

    def on_message_complete(self) -> None:
        """End a request."""
        parser, environ = self._parser, self._environ
        method = parser.get_method().decode()
        if parser.should_upgrade() and method != "CONNECT":
            return  # it is going to be read again
        uri = self._url.decode("latin-1")
        path, _, query = uri.partition("?")
        if "%" in path:
            path = unquote_to_bytes(path).decode("latin-1")
        environ["REQUEST_METHOD"] = method
        environ["REQUEST_URI"] = uri
        environ["PATH_INFO"] = path
        environ["QUERY_STRING"] = query
        environ["SERVER_PROTOCOL"] = f"HTTP/{parser.get_http_version()}"
        environ["wsgi.input"] = io.BytesIO(self._body)
        if self._length:
            environ["CONTENT_LENGTH"] = str(self._length)
        environ[KEEP_ALIVE] = parser.should_keep_alive()
        self.complete.append(environ)
        self._in_head, self._fed, self.expected = True, 0, False
        self._between = environ[KEEP_ALIVE]

    def _head_without_upgrade(self) -> bytes:
        parser = self._parser
        lines = [
            b"%b %b HTTP/%b" % (parser.get_method(), self._url, parser.get_http_version().encode())
        ]
        for key, value in self._environ.items():
            if key.startswith(("HTTP_", "CONTENT_")) and key != "HTTP_UPGRADE":
                name = key.removeprefix("HTTP_").replace("_", "-")
                lines.append(f"{name}: {value}".encode("latin-1"))
        self._in_head = True
        return b"\r\n".join([*lines, b"\r\n"])


def common_environ(host: str, port: int, client: str) -> WSGIEnvironment:
    """Return what all requests have in common that *client* makes at *host* and *port*."""
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def answer(
    status: str, headers: Sequence[tuple[str, str]], parts: Sequence[bytes], *, keep_alive: bool
) -> bytes:
    """Return the bytes of an answer, *parts* its body.

    The length of that is added where *headers* do not tell it.
    """
    date, kept = _date(int(time.monotonic())), "keep-alive" if keep_alive else "close"
    own = map(": ".join, headers)
    head = "\r\n".join((f"HTTP/1.1 {status}", *own, f"Date: {date}", f"Connection: {kept}"))
    told = _LENGTH in head or _LENGTH.lower() in head.lower()
    if not told and int(status[:3]) not in _BODILESS:
        head += f"{_LENGTH}{sum(map(len, parts))}"
    return b"".join((head.encode("latin-1"), b"\r\n\r\n", *parts))


def failure() -> bytes:
    """Return the answer to a request at which the application failed."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    body = _json({"status": status.value, "error": status.phrase})
    headers = [("Content-Type", "application/json; charset=utf-8")]
    return answer(f"{status.value} {status.phrase}", headers, [body], keep_alive=False)


def _too_large() -> Refused:
    why = f"expected a request line and headers of at most {LARGEST_HEAD} bytes"
    return Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, why)


@lru_cache(maxsize=1024)
def _key(name: bytes) -> str:
    text = name.decode("latin-1").upper()
    if "_" in text:
        return ""
    key = text.replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


@lru_cache(maxsize=1)
def _date(_second: int) -> str:
    return formatdate(usegmt=True)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
