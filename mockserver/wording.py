"""jsonschema's errors in our words: where, what was expected, what may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema import Draft202012Validator, ValidationError, validators

from mockserver.explanation import Vocabulary, converted, expected
from mockserver.findings import MISSING
from mockserver.shaping import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jsonschema.protocols import Validator as Protocol

Json = Any


def _required(
    _validator: Protocol, names: list[str], instance: Json, _schema: Mapping[str, Json]
) -> Iterator[ValidationError]:
    for name in names if isinstance(instance, dict) else ():
        if name not in instance:
            yield ValidationError("missing", path=(name,), instance=MISSING)


def _enum(
    _validator: Protocol, choices: list[Json], instance: Json, _schema: Mapping[str, Json]
) -> Iterator[ValidationError]:
    if instance not in choices:
        yield ValidationError("none of the choices")


# Says which name is missing by the error's path, as every other keyword does. And looks for a
# choice at once: all of ours are texts or null, which are equal in Python when they are in JSON.
Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"required": _required, "enum": _enum}
)


class _Enum(NamedTuple):
    """What was expected of a wrong value, and the values to look for the one that was meant in."""

    note: str
    vocabulary: Vocabulary


class Wording:
    """What to say of an error; *suggestions* are what people write for values, by kind."""

    def __init__(self, suggestions: Mapping[str, Mapping[str, str]]) -> None:
        self._suggestions = suggestions
        # By identity, for an enum is long and its schema is there as long as this is.
        self._enums: dict[int, _Enum] = {}

    def told(self, error: ValidationError, given: Json) -> tuple[str, Json]:
        """Return what *error* expected, and what may have been meant by *given*, or None."""
        rule = str(error.validator)
        limit: Json = error.validator_value
        schema: Json = error.schema
        if rule == "required":
            schema = schema["properties"][error.absolute_path[-1]]
        if rule == "enum":
            enum = self._enum(limit, schema)
            return enum.note, enum.vocabulary.nearest(given)
        note = expected(rule, limit, schema, given)
        return note, converted(given, schema) if rule == "type" else None

    def _enum(self, choices: list[Json], schema: Mapping[str, Json]) -> _Enum:
        """Return what is to be said of an enum; made when the first wrong value asks for it."""
        key = id(schema)
        if key not in self._enums:
            kinds = [words for kind, words in self._suggestions.items() if kind != "keys"]
            known = {
                word: meant for words in kinds for word, meant in words.items() if meant in choices
            }
            note = expected("enum", choices, schema, None)
            self._enums[key] = _Enum(note, Vocabulary(choices, known))
        return self._enums[key]


def pointer(error: ValidationError) -> str:
    """Return the JSON pointer (RFC 6901) to what *error* speaks of."""
    return "".join(f"/{escaped(str(step))}" for step in error.absolute_path)
