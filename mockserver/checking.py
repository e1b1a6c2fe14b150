"""A request body against the contract, without a server: what ``lago-mockserver validate`` does."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from mockserver.bodies import decoded, document_under
from mockserver.customers import upsert
from mockserver.errors import ApiError

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
    given = {key: value for key, value in checked.given.items() if key != "tax_codes"}
    told = {violation.where for violation in checked.violations}
    rules = upsert.violations(contract, None, given, {}, "/customer")
    violations = [*checked.violations, *(rule for rule in rules if rule.where not in told)]
    strangers, remarks = contract.beside(root)
    return [
        *sorted([*violations, *strangers], key=attrgetter("stage")),
        *checked.remarks,
        *remarks,
    ]
