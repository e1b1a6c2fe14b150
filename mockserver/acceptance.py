"""Whether a request's document is good as it stands, said quickly by a compiled validator.

It accepts what needs no explanation and no remark, which is most of what comes. Of all else
`mockserver.contract` says what is wrong, with jsonschema, and is told here where to look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator

from mockserver.findings import MISSING
from mockserver.references import rewritten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json = Any
_CONTAINERS = {"object", "array"}


class Acceptance:
    """What an object may be as it stands that *schema* describes, its references inlined.

    Without *premium*, fields of a paid licence must not be in it.
    """

    def __init__(self, schema: Mapping[str, Json], *, premium: bool) -> None:
        strict = rewritten(schema, lambda node: _strict(node, premium=premium))
        self._validator = Draft202012Validator(strict)
        self._form = _Form(schema)

    def accepted(self, document: dict[str, Json]) -> dict[str, Json] | None:
        """Return *document* as it would be stored, or None where more is to be said about it."""
        return self._form.of(document) if self._validator.is_valid(document) else None


class Doubts:
    """Where in an object something is wrong by *schema*, its references inlined."""

    def __init__(self, schema: Mapping[str, Json]) -> None:
        self._validator = Draft202012Validator(dict(schema))
        self._required = frozenset(schema["required"])

    def about(self, document: dict[str, Json]) -> dict[str, Json]:
        """Return the part of *document* in which jsonschema finds all that it finds in the whole.

        That takes a fraction of the time where most of *document* is good.
        """
        paths = [error.instance_path for error in self._validator.iter_errors(document)]
        needed = [[name] for name in self._required]
        part: dict[str, Json] = _part(document, [path for path in [*paths, *needed] if path])
        return part


class _Form:
    """The form in which the values of an object are stored."""

    def __init__(self, schema: Mapping[str, Json]) -> None:
        parts: Mapping[str, Json] = schema["properties"]
        self._stored = [
            (key, types)
            for key, part in parts.items()
            if (types := _stored_types(part.get("type", ())))
        ]
        self._inner = [(key, _Form(part)) for key, part in parts.items() if "properties" in part]

    def of(self, given: dict[str, Json]) -> dict[str, Json]:
        """Return *given*, which is valid, with its values as they are stored."""
        changed: dict[str, Json] = {}
        for key, types in self._stored:
            value = given.get(key, MISSING)
            if value is not MISSING and type(value) not in types:
                changed[key] = MISSING if value is None else types[0](value)
        for key, form in self._inner:
            inner = given.get(key)
            if inner:
                fitted = form.of(inner)
                if fitted is not inner:
                    changed[key] = fitted
        if not changed:
            return given
        return {key: value for key, value in {**given, **changed}.items() if value is not MISSING}


def _strict(node: dict[str, Json], *, premium: bool) -> Json:
    if node.get("x-premium") and not premium:
        return False
    return {**node, "additionalProperties": False} if "properties" in node else node


def _stored_types(types: Iterable[str]) -> tuple[type, ...]:
    """Return the types that values of JSON Schema *types* are stored in, if others are valid too.

    Whole numbers may be written ``3.0``, others ``3``; null in place of a container is no value.
    """
    if "integer" in types:
        return (int, type(None))
    if "number" in types:
        return (float, type(None))
    return (list, dict) if _CONTAINERS & {*types} else ()


def _part(value: Json, paths: list[list[str | int]]) -> Json:
    if not isinstance(value, dict) or not all(paths):
        return value
    below: dict[str | int, list[list[str | int]]] = {}
    for path in paths:
        below.setdefault(path[0], []).append(path[1:])
    return {key: _part(item, below[key]) for key, item in value.items() if key in below}
