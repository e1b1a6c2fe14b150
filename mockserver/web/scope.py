"""Whom a request to the control API is about: one organization, or the whole server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver import bodies
from mockserver.errors import NotFound, Unprocessable
from mockserver.findings import MISSING, Fault
from mockserver.web import exchange

if TYPE_CHECKING:
    from mockserver.organization import Organization

PARAMETER = "organization"


def find() -> None:
    """Look for the organization that the request is about, by its key or by its identifier.

    Raises `Unauthorized` for a key that is not accepted, `NotFound` for an unknown identifier.
    """
    current = exchange.current()
    wanted = current.request.args.get(PARAMETER)
    if "HTTP_AUTHORIZATION" in current.environ:
        current.find_organization()
    known = affected()
    if wanted is None:
        return
    for each in known:
        if each.lago_id == wanted:
            current.organization = each
            return
    note = "the lago_id of an organization; GET /__admin/organizations lists them"
    raise NotFound("organization", Fault(f"query {PARAMETER}", "found", wanted, note))


def organization() -> Organization | None:
    """Return the organization that the request is about; None is the whole server."""
    return exchange.current().organization


def one_organization() -> Organization:
    """Return the organization that the request is about; raise `Unprocessable` without one."""
    found = organization()
    if found is None:
        note = "an API key, or an organization in the query: this cannot be about the whole server"
        raise Unprocessable(Fault("header Authorization", "required", MISSING, note))
    return found


def affected() -> list[Organization]:
    """Return the organizations that the request is about."""
    current = exchange.current()
    return [current.organization] if current.organization else current.organizations.all()


def body(form: str) -> dict[str, Any]:
    """Return the JSON body, which the schema ``control.json#/$defs/<form>`` holds for.

    No body counts as an empty object. Raises `Unprocessable`.
    """
    current = exchange.current()
    document = current.document
    if document is MISSING:
        came = current.environ.get("CONTENT_TYPE", "")
        if current.length and not bodies.is_json(came):
            came = came or MISSING
            fault = Fault("header Content-Type", "media-type", came, "application/json")
            raise Unprocessable(fault)
        document = {}
    found = [*current.organizations.contract.faults(form, document)]
    if found:
        raise Unprocessable(*found)
    result: dict[str, Any] = document
    return result
