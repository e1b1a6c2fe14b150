"""A customer's metadata: items are changed by id, new ones must not repeat a stored key.

Source: behaviour reference, section 4.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.customers.record import MetadataItem
from mockserver.findings import MISSING, Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from mockserver.contract import Contract
    from mockserver.customers.record import Customer
    from mockserver.findings import Violation

Given = dict[str, Any]
_KEPT = ("key", "value")  # what an item keeps where a request leaves it out


def violations(
    contract: Contract, stored: Sequence[MetadataItem], given: Any, at: str
) -> Iterator[Violation]:
    """Yield what only the *stored* items can tell about the *given* ones, a list at pointer *at*.

    A key counts as taken while its item is stored, even if this very request removes it.
    """
    held = {item.lago_id: item.key for item in stored}
    owners = {item.key: item.lago_id for item in stored}
    for index, item in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(item, dict):
            continue
        where = f"{at}/{index}"
        own = item.get("id")
        own = own if isinstance(own, str) and own in held else None
        if own is None:
            for name in ("key", "value"):
                if name not in item:
                    note = (
                        f"a {name}, as a new item needs one; to change a stored item, send its id"
                    )
                    yield contract.violation("required", f"{where}/{name}", MISSING, note)
        key = item.get("key", held.get(own or ""))
        if not isinstance(key, str):
            continue
        if owners.get(key, own) != own:
            yield _taken(contract, f"{where}/key", item, owners[key])
            continue
        if own is not None:
            owners.pop(held[own], None)
            held[own] = key
        owners[key] = own or f"item {index}"


def updated(
    customer: Customer,
    given: Sequence[Given],
    *,
    defaults: Given,
    now: datetime,
    identify: Callable[[str, int], str],
) -> tuple[tuple[MetadataItem, ...], dict[str, int]]:
    """Return the items of *customer* once they are those of *given*, and how many were made by key.

    Items named by id are changed in place, the others are new; what is not named is gone.
    *identify* makes an identifier of a key and of how often the customer had a new item with it.
    """
    named: dict[Any, Given] = {}
    for item in given:
        if "id" in item:  # named twice, it is changed twice, as Lago goes through the items in turn
            once = {key: each for key, each in named.get(item["id"], {}).items() if key in _KEPT}
            named[item["id"]] = once | item
    kept = [
        _changed(item, named[item.lago_id], defaults)
        for item in customer.metadata
        if item.lago_id in named
    ]
    stored = {item.lago_id for item in customer.metadata}
    made = dict(customer.metadata_made)
    fresh = []
    for item in (each for each in given if each.get("id") not in stored):
        key = item["key"]
        lago_id = identify(key, made.get(key, 0))
        made[key] = made.get(key, 0) + 1
        fresh.append(MetadataItem(lago_id, key, item["value"], _displayed(item, defaults), now))
    return (*kept, *fresh), made


def remarks(before: Customer | None, after: Customer, given: Any, at: str) -> Iterator[Remark]:
    """Yield what the list *given*, at pointer *at*, does otherwise than one might expect."""
    stored = {item.lago_id for item in (before.metadata if before else ())}
    for index, item in enumerate(given or ()):
        if item.get("id") is not None and item["id"] not in stored:
            note = "names no stored item: the item is new"
            yield Remark(f"{at}/{index}/id", "found", item["id"], note)
    kept = {item.lago_id for item in after.metadata}
    gone = [item.key for item in (before.metadata if before else ()) if item.lago_id not in kept]
    if gone:
        names = ", ".join(f'"{key}"' for key in gone)
        note = f"which removes the stored {names}: items that are not named by id go"
        yield Remark(at, "replaced", given, note)


def _changed(item: MetadataItem, given: Given, defaults: Given) -> MetadataItem:
    return item._replace(
        key=given.get("key", item.key),
        value=given.get("value", item.value),
        display_in_invoice=_displayed(given, defaults),
    )


def _displayed(given: Given, defaults: Given) -> bool:
    shown = given.get("display_in_invoice")
    return bool(defaults["display_in_invoice"] if shown is None else shown)


def _taken(contract: Contract, where: str, item: Given, owner: str) -> Violation:
    if owner.startswith("item "):
        note = f"a key that {owner} of the same request does not have"
    else:
        note = f'a new key; to change the stored item, send its id beside it: "id": "{owner}"'
        if item.get("id") is not None:
            note = f'a new key, for no item has this id; the stored item with the key has "{owner}"'
    return contract.violation("unique", where, item.get("key", MISSING), note)
