"""A request body against the contract, without a server: what ``lago-mockserver validate`` does."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from mockserver.bodies import decoded, document_under
from mockserver.customers import upsert
from mockserver.errors import ApiError
from mockserver.findings import Remark, Violation

if TYPE_CHECKING:
    from mockserver.contract import Contract
    from mockserver.findings import Finding


def checked_body(contract: Contract, body: bytes) -> list[Finding]:
    """Return all that is to be said about *body*, the raw body of a create or update request.

    It is taken for a new customer of a premium organization; whether tax codes exist is the
    organization's to know and not looked at.
    """
    try:
        root = decoded(body)
        document = document_under("customer", root)
    except ApiError as error:
        return list(error.findings)
    checked = contract.check(document, premium=True, at="/customer")
    violations = upsert.violations(contract, None, checked, None, "/customer")
    beside = contract.beside(root)
    faults = [*violations, *(found for found in beside if isinstance(found, Violation))]
    remarks = [found for found in beside if isinstance(found, Remark)]
    return [*sorted(faults, key=attrgetter("stage")), *checked.remarks, *remarks]
