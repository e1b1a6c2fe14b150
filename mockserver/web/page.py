"""The page at ``/__admin/``: the request journal and the controls, for people."""

from __future__ import annotations

from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING

from flask import Blueprint

from mockserver.errors import NotFound
from mockserver.findings import Fault
from mockserver.web import exchange, guard
from mockserver.web.answers import Reply

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {"css": "text/css", "html": "text/html", "js": "text/javascript", "svg": "image/svg+xml"}

blueprint = Blueprint("page", __name__, url_prefix=exchange.CONTROL)
blueprint.before_request(guard.admit_to_page)


@blueprint.get("")
def index() -> Reply:
    """Return the page; its own addresses are relative, so it has to end with a slash."""
    if not exchange.current().path.endswith("/"):
        return Reply(status=HTTPStatus.FOUND, headers=[("Location", f"{exchange.CONTROL}/")])
    return _file("index.html")


@blueprint.get("/page/<segment:name>")
def part(name: str) -> Reply:
    """Return one of the files that the page is made of."""
    known = {entry.name for entry in _folder().iterdir()}
    if name not in known:
        raise NotFound("resource", Fault("path", "found", name, "a file of the page"))
    return _file(name)


def _file(name: str) -> Reply:
    content = (_folder() / name).read_bytes()
    media_type = _TYPES[name.rpartition(".")[2]]
    headers = [
        ("Content-Type", f"{media_type}; charset=utf-8"),
        ("Content-Security-Policy", _POLICY),
    ]
    return Reply(content, headers=headers)


def _folder() -> Traversable:
    return files("mockserver") / "page"
