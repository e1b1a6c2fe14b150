"""A customer's metadata: items are changed by id, new ones must not repeat a stored key.

Source: behaviour reference, section 4.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockserver.customers.record import MetadataItem
from mockserver.findings import MISSING, Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mockserver.contract import Contract
    from mockserver.customers.record import Customer
    from mockserver.findings import Violation

Given = dict[str, Any]
_KEPT = ("key", "value")  # what an item keeps where a request leaves it out


def are_whole(given: Any) -> bool:
    """Say, in no time, whether *given* are whole items, each of them with a key of its own.

    Then they break none of the rules below, if nothing is stored.
    """
    try:
        return len({item["key"] for item in given if "value" in item}) == len(given)
    except (LookupError, TypeError):  # no list of items at all
        return False


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
    now: str,
    identify: Callable[[str, str, int], str],
) -> tuple[tuple[MetadataItem, ...], dict[str, int]]:
    """Return the items of *customer* once they are those of *given*, and how many were made by key.

    Items named by id are changed in place, the others are new; what is not named is gone.
    *identify* makes an identifier of the customer's own, of a key, and of how often the customer
    had a new item with it.
    """
    stored = customer.metadata
    items = _kept(stored, given, defaults) if stored else []
    known = {item.lago_id for item in stored} if stored else ()
    made = dict(customer.metadata_made)
    for item in given:
        if item.get("id") in known:
            continue
        key = item["key"]
        before = made.get(key, 0)
        made[key] = before + 1
        lago_id, shown = identify(customer.lago_id, key, before), _displayed(item, defaults)
        items.append(MetadataItem(lago_id, key, item["value"], shown, now))
    return tuple(items), made


def remarks(before: Customer | None, after: Customer, given: Any, at: str) -> Iterator[Remark]:
    """Yield what the list *given*, at pointer *at*, does otherwise than one might expect."""
    stored = {item.lago_id: item.key for item in before.metadata} if before else {}
    for index, item in enumerate(given or ()):
        if item.get("id") is not None and item["id"] not in stored:
            note = "names no stored item: the item is new"
            yield Remark(f"{at}/{index}/id", "found", item["id"], note)
    for item in after.metadata if stored else ():
        stored.pop(item.lago_id, None)
    if stored:
        names = ", ".join(f'"{key}"' for key in stored.values())
        note = f"which removes the stored {names}: items that are not named by id go"
        yield Remark(at, "replaced", given, note)


def _kept(
    stored: Sequence[MetadataItem], given: Sequence[Given], defaults: Given
) -> list[MetadataItem]:
    """Return the *stored* items that those *given* name, changed by them."""
    named: dict[Any, Given] = {}
    for item in given:
        if "id" in item:  # named twice, it is changed twice, as Lago goes through the items in turn
            once = {key: each for key, each in named.get(item["id"], {}).items() if key in _KEPT}
            named[item["id"]] = once | item
    return [
        _changed(item, named[item.lago_id], defaults) for item in stored if item.lago_id in named
    ]


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
