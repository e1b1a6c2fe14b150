"""The ``$ref``s between schema files, followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def inlined(documents: Mapping[str, Any], reference: str) -> Any:
    """Return the schema at *reference* with every ``$ref`` replaced by what it points to.

    *reference* is ``customer.json`` or ``customer.json#/$defs/tax``; *documents* are the files by
    name without ``.json``. What stands beside a ``$ref`` wins over the target, so a field can
    describe itself in its own words. References must not form a circle; ours do not.
    """
    name, _, pointer = reference.partition("#")
    stem = name.removesuffix(".json")
    found: Any = documents[stem]
    for step in filter(None, pointer.split("/")):
        found = found[step]

    def target(inner: str) -> Any:
        return inlined(documents, inner if inner[0] != "#" else f"{stem}.json{inner}")

    def replaced(node: dict[str, Any]) -> Any:
        reference = node.pop("$ref", None)
        return node if reference is None else {**target(reference), **node}

    result = rewritten(found, replaced)
    result.pop("$defs", None)
    return result


def rewritten(node: Any, change: Callable[[dict[str, Any]], Any]) -> Any:
    """Return a copy of *node*, a JSON value, with *change* applied to each object in it."""
    if isinstance(node, dict):
        return change({key: rewritten(value, change) for key, value in node.items()})
    if isinstance(node, list):
        return [rewritten(value, change) for value in node]
    return node
