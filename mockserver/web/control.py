"""``/__admin`` to change things by: customers, faults, clock, snapshots, reset."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint

from mockserver.errors import NotFound, Unprocessable
from mockserver.faults import FaultRefused, effect
from mockserver.findings import MISSING, Fault
from mockserver.profile import FixturesRefused
from mockserver.web import exchange, guard, scope

if TYPE_CHECKING:
    from mockserver.clock import SettableClock
    from mockserver.faults import Faults
    from mockserver.web.answers import Reply

blueprint = Blueprint("control", __name__, url_prefix=exchange.CONTROL)
blueprint.before_request(guard.admit)
blueprint.before_request(scope.find)


@blueprint.delete("/requests")
def delete_requests() -> dict[str, Any]:
    """Empty the journal."""
    deleted = sum(each.journal.clear() for each in scope.affected())
    if scope.organization() is None:
        deleted += exchange.current().organizations.nobody.clear()
    return {"deleted": deleted}


@blueprint.post("/customers")
def create_customer() -> Reply:
    """Create or update a customer, as a request would that is in no journal."""
    current = exchange.current()
    organization, document = scope.one_organization(), current.document_under("customer")
    return current.answered(organization.upsert_customer(document, beside=current.beside()))


@blueprint.post("/customers/populate")
def populate() -> dict[str, Any]:
    """Make up customers."""
    count = scope.body("control.json#/$defs/population")["count"]
    made = scope.one_organization().populate(int(count))
    return {"count": len(made), "external_ids": made}


@blueprint.delete("/customers")
def delete_customers() -> dict[str, Any]:
    """Delete all customers."""
    return {"deleted": sum(each.delete_customers() for each in scope.affected())}


@blueprint.get("/faults")
def faults() -> dict[str, Any]:
    """Return the injected faults."""
    return {"faults": [rule.readable() for rule in _faults()]}


@blueprint.post("/faults")
def add_fault() -> dict[str, Any]:
    """Break what comes from now on."""
    given = scope.body("control.json#/$defs/injection")
    text = str(given.pop("fault"))
    try:
        meant = effect(text)
    except FaultRefused as error:
        fault = Fault("/fault", "fault", text, str(error), error.suggestion)
        raise Unprocessable(fault) from None
    method = given.pop("method", None)
    rule = _faults().add(meant, method=method and method.upper(), **given)
    return {"fault": rule.readable()}


@blueprint.delete("/faults")
def delete_faults() -> dict[str, Any]:
    """Delete all injected faults."""
    return {"deleted": _faults().clear()}


@blueprint.delete("/faults/<segment:fault_id>")
def delete_fault(fault_id: str) -> dict[str, Any]:
    """Delete one injected fault; return it as it was last."""
    rule = _faults().remove(fault_id)
    if rule is None:
        note = "the id of a fault that GET /__admin/faults lists"
        raise NotFound("fault", Fault("path fault_id", "found", fault_id, note))
    return {"fault": rule.readable()}


@blueprint.get("/clock")
def clock() -> dict[str, Any]:
    """Return the time."""
    return {"clock": _clock().readable()}


@blueprint.post("/clock/freeze")
def freeze() -> dict[str, Any]:
    """Let the time stand still."""
    text = scope.body("control.json#/$defs/freezing").get("at")
    try:
        _clock().freeze(datetime.fromisoformat(text) if text else None)
    except ValueError:
        note = "a UTC time of a day that exists"
        raise Unprocessable(Fault("/at", "date", text, note)) from None
    return clock()


@blueprint.post("/clock/advance")
def advance() -> dict[str, Any]:
    """Go forward."""
    given = scope.body("control.json#/$defs/advancing")
    try:
        _clock().advance(timedelta(**given))
    except OverflowError:
        raise Unprocessable(Fault("", "date", given, "no time beyond the year 9999")) from None
    return clock()


@blueprint.post("/clock/release")
def release() -> dict[str, Any]:
    """Let the time go its way again."""
    _clock().release()
    return clock()


@blueprint.get("/snapshot")
def snapshot() -> dict[str, Any]:
    """Return the organization as a fixtures file."""
    return scope.one_organization().snapshot()


@blueprint.post("/restore")
def restore() -> dict[str, Any]:
    """Make the organization what the fixtures file in the body says."""
    organization = scope.one_organization()
    document = exchange.current().document
    try:
        exchange.current().organizations.restore(
            organization, {} if document is MISSING else document
        )
    except FixturesRefused as error:
        raise Unprocessable(*error.findings) from None
    return {"organization": organization.summary()}


@blueprint.post("/reset")
def reset() -> dict[str, Any]:
    """Start afresh."""
    organization = scope.organization()
    if organization is None:
        return {"organizations": exchange.current().organizations.reset()}
    organization.reset()
    return {"organizations": 1}


def _faults() -> Faults:
    organization = scope.organization()
    return organization.faults if organization else exchange.current().organizations.faults


def _clock() -> SettableClock:
    organization = scope.organization()
    return organization.clock if organization else exchange.current().organizations.clock
