"""Why there is no customer under an external_id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.explanation import nearest
from mockserver.findings import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence


def missing(
    external_id: str, known: Sequence[str], *, owner: str | None, total: int, deleted: bool
) -> Fault:
    """Return what to say of *external_id*, which no customer has.

    *known* are external_ids that may have been meant; *owner* is the one of the customer whose
    lago_id was taken for an external_id, or None. *total* is how many customers there are;
    *deleted* says that one with this external_id was deleted.
    """
    if owner is not None:
        note = "an external_id; this is a lago_id, and Lago finds nobody by that"
        return _fault(external_id, note, owner)
    note = f"the external_id of one of this key's customers; it has {total or 'none'}"
    if deleted:
        return _fault(external_id, f"{note}; the one that had it was deleted", None)
    return _fault(external_id, note, nearest(external_id, known))


def _fault(external_id: str, note: str, meant: str | None) -> Fault:
    return Fault("path external_id", "found", external_id, note, meant)
