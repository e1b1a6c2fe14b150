"""What is measured of our own: the server as it is run, and the floor that it stands on."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from cache import CACHE, from_pypi
from running import Request

from mockserver import data

if TYPE_CHECKING:
    from collections.abc import Mapping

WAITRESS = "3.0.2"
PATH = "/api/v1/customers"
_HERE = Path(__file__).parent
_PAGE = _HERE.parent / "fixtures" / "customer-create.json"
_PAGE_ID = data.fixture("customer-create")["customer"]["external_id"]
CROWD = ("--populate", "100000")
CREATE = Request("POST", PATH, _PAGE, _PAGE_ID)


@dataclass(frozen=True)
class Server:
    """A server to be measured, and what it does to a customer."""

    title: str
    does: str
    command: list[str]
    request: Request = CREATE
    environ: Mapping[str, str] = field(default_factory=dict)


def create() -> Server:
    """Return our server, creating customers."""
    return _ours("create", "checks, keeps", CREATE, "--quiet")


def crowded() -> Server:
    """Return our server, creating customers beside 100,000 that are there already."""
    return _ours("create beside 100,000", "checks, keeps", CREATE, "--quiet", *CROWD)


def console() -> Server:
    """Return our server, creating customers and telling each request."""
    return _ours("create, console on", "checks, keeps", CREATE)


def refused() -> Server:
    """Return our server, refusing customers."""
    body = CACHE / "refused.json"
    body.write_text(_PAGE.read_text().replace('"USD"', '"bitcoin"'))
    request = Request("POST", PATH, body, _PAGE_ID, status=range(422, 423))
    return _ours("refused create", "checks, explains", request, "--quiet")


def get() -> Server:
    """Return our server, asked for one customer."""
    fixtures = CACHE / "fixtures.json"
    opening = {
        **data.fixture("organization"),
        "customers": [data.fixture("customer-create")["customer"]],
    }
    fixtures.write_text(json.dumps(opening))
    request = Request("GET", f"{PATH}/{_PAGE_ID}")
    return _ours("get", "reads", request, "--quiet", "--fixtures", str(fixtures))


def floor() -> Server:
    """Return an empty route on our server."""
    return _empty("ours", "our server")


def waitress() -> Server:
    """Return an empty route on waitress."""
    folder = from_pypi(f"waitress=={WAITRESS}")
    return _empty("waitress", f"waitress {WAITRESS}", {"PYTHONPATH": str(folder)})


def _ours(title: str, does: str, request: Request, *options: str) -> Server:
    script = Path(sys.executable).with_name("lago-mockserver")
    command = [str(script), "serve", "--port", "{port}", *options]
    return Server(f"lago-mockserver {version('lago-mockserver')}, {title}", does, command, request)


def _empty(server: str, title: str, environ: Mapping[str, str] | None = None) -> Server:
    command = [sys.executable, str(_HERE / "floor.py"), server, "{port}"]
    title = f"empty route, Flask {version('flask')} on {title}"
    return Server(title, "nothing", command, environ=environ or {})
