"""``/__admin/organization``: made and forgotten by their keys, which alone name them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from mockserver.errors import Unauthorized
from mockserver.findings import MISSING, Fault
from mockserver.web import exchange, guard, scope

blueprint = Blueprint("organizations", __name__, url_prefix=exchange.CONTROL)
blueprint.before_request(guard.admit)


@blueprint.get("/organizations")
def index() -> dict[str, Any]:
    """Return the organizations, or the one that is asked about."""
    scope.find()
    return {"organizations": [each.summary() for each in scope.affected()]}


@blueprint.put("/organization")
def make() -> dict[str, Any]:
    """Make the organization of the key, accepted or not, with a journal of its own size."""
    given = scope.body("control.json#/$defs/opening")
    key = exchange.current().key
    if not key:
        note = "Bearer and the key whose organization is meant"
        raise Unauthorized(Fault("header Authorization", "key", MISSING, note))
    organization = exchange.current().organizations.opened(key)
    sizes = (given.get(name) for name in ("journal_size", "body_limit"))
    organization.journal.resize(*(size if size is None else int(size) for size in sizes))
    return {"organization": organization.summary()}


@blueprint.delete("/organization")
def forget() -> dict[str, Any]:
    """Forget the organization and all that is in it; return it as it was last."""
    scope.find()
    organization = scope.one_organization()
    exchange.current().organizations.close(organization)
    return {"organization": organization.summary()}
