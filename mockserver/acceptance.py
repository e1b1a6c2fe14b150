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
    from collections.abc import Mapping

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
    """Where in an object something is wrong by *schema*, its references inlined.

    It is of the kind that requests have: beside the properties only ``required`` says anything.
    """

    def __init__(self, schema: Mapping[str, Json]) -> None:
        parts: Mapping[str, Json] = schema["properties"]
        self._required = frozenset(schema.get("required", ()))
        self._good = {key: Draft202012Validator(part).is_valid for key, part in parts.items()}
        self._inner = {key: Doubts(part) for key, part in parts.items() if "properties" in part}

    def about(self, document: dict[str, Json]) -> dict[str, Json]:
        """Return the part of *document* in which jsonschema finds all that it finds in the whole.

        That takes a fraction of the time where most of *document* is good.
        """
        part = {
            key: value
            for key, value in document.items()
            if key in self._required or (key in self._good and not self._good[key](value))
        }
        for key in part.keys() & self._inner.keys():
            if isinstance(part[key], dict):
                part[key] = self._inner[key].about(part[key])
        return part


class _Form:
    """The form in which the values of an object are stored.

    Whole numbers may be written ``3.0``, others ``3``; null in place of a container is no value.
    """

    def __init__(self, schema: Mapping[str, Json]) -> None:
        parts: Mapping[str, Json] = schema["properties"]
        self._numbers: list[tuple[str, type]] = []
        self._containers: list[tuple[str, _Form | None]] = []
        for key, part in parts.items():
            types = part.get("type", ())
            if "integer" in types or "number" in types:
                self._numbers.append((key, int if "integer" in types else float))
            elif _CONTAINERS.intersection(types):
                self._containers.append((key, _Form(part) if "properties" in part else None))

    def of(self, given: dict[str, Json]) -> dict[str, Json]:
        """Return *given*, which is valid, with its values as they are stored."""
        changed: dict[str, Json] = {}
        for key, kind in self._numbers:
            if key in given:
                value = given[key]
                if type(value) is not kind and value is not None:
                    changed[key] = kind(value)
        for key, form in self._containers:
            if key in given:
                inner = given[key]
                if inner is None:
                    changed[key] = MISSING
                elif form is not None and (fitted := form.of(inner)) is not inner:
                    changed[key] = fitted
        if not changed:
            return given
        return {key: value for key, value in {**given, **changed}.items() if value is not MISSING}


def _strict(node: dict[str, Json], *, premium: bool) -> Json:
    if node.get("x-premium") and not premium:
        return False
    return {**node, "additionalProperties": False} if "properties" in node else node
