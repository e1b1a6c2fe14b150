"""Why there is no customer under an external_id."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mockserver.explanation import nearest
from mockserver.findings import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockserver.customers.record import Customer

_COMPARED = 200  # customers looked at for a did-you-mean; a 404 must stay cheap


def missing(external_id: str, customers: Iterable[Customer], *, total: int, deleted: bool) -> Fault:
    """Return what to say of *external_id*, which none of *customers* has.

    *total* is how many there are; *deleted* says that one with this external_id was deleted.
    """
    known = list(islice(customers, _COMPARED))
    for customer in known:
        if customer.lago_id == external_id:
            note = "an external_id; this is a lago_id, and Lago finds nobody by that"
            return _fault(external_id, note, customer.external_id)
    note = f"the external_id of one of this key's customers; it has {total or 'none'}"
    if deleted:
        return _fault(external_id, f"{note}; the one that had it was deleted", None)
    return _fault(external_id, note, nearest(external_id, [each.external_id for each in known]))


def _fault(external_id: str, note: str, meant: str | None) -> Fault:
    return Fault("path external_id", "found", external_id, note, meant)
