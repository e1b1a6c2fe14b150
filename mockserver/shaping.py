"""A request's document cut to the documented shape, as Rails' strong parameters cut it.

Unknown keys are left out and reported, a null where an object or a list belongs means that the
key was left out, and values take the form in which they are stored. What has the wrong type stays
as it is: validation will say so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockserver.explanation import Vocabulary
from mockserver.findings import Finding, Remark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_BEYOND_A_DOUBLE = 10**300
_MOST_SUGGESTIONS = 25  # looking for what was meant takes time, and nobody reads on
_CONTAINERS = {"object", "array"}


@dataclass(slots=True)
class Fitted:
    """What came of fitting a document: the *given* part of it, and what there is to say.

    *premium* says for which kind of organization it was fitted.
    """

    premium: bool
    given: Any = None
    unknown: list[Finding] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


class Shape:
    """The shape of an object that a request may send.

    *schema* has its references inlined; *words* are what people write for its keys; *read_only*
    are keys that only answers have.
    """

    def __init__(
        self, schema: Mapping[str, Any], words: Mapping[str, str], read_only: Collection[str]
    ) -> None:
        self._schema = schema
        self._words = words
        self._read_only = read_only
        self._homes = dict(_homes(schema))
        self._vocabularies: dict[tuple[str, ...], Vocabulary] = {}

    def fitted(self, document: Mapping[str, Any], *, at: str, premium: bool) -> Fitted:
        """Return *document*, which stands at the JSON pointer *at*, cut to this shape.

        Without *premium*, fields marked ``x-premium`` are dropped unchecked, whatever they hold
        (behaviour reference, section 3.2).
        """
        result = Fitted(premium)
        result.given = self._cut(self._schema, document, at, result)
        return result

    def _cut(self, schema: Mapping[str, Any], value: Any, at: str, result: Fitted) -> Any:
        if isinstance(value, dict) and "properties" in schema:
            return dict(self._fields(schema["properties"], value, at, result))
        if isinstance(value, list) and "items" in schema:
            items = schema["items"]
            return [
                self._cut(items, item, f"{at}/{index}", result) for index, item in enumerate(value)
            ]
        return _stored(schema, value, at, result)

    def _fields(
        self,
        known: Mapping[str, Any],
        value: Mapping[str, Any],
        at: str,
        result: Fitted,
    ) -> Iterator[tuple[str, Any]]:
        for key, item in value.items():
            part = known.get(key)
            if part is None:
                where, meant = f"{at}/{escaped(key)}", len(result.unknown) < _MOST_SUGGESTIONS
                result.unknown.append(self._unknown(where, key, item, known if meant else {}))
            elif "x-premium" in part and not result.premium:
                note = "dropped unchecked: it needs a premium organization, and this one is free"
                result.remarks.append(Remark(f"{at}/{escaped(key)}", "premium", item, note))
            elif isinstance(item, str) and "x-stored-as" not in part:
                yield key, item  # most are
            elif item is not None or not _CONTAINERS & {*part.get("type", ())}:
                yield key, self._cut(part, item, f"{at}/{escaped(key)}", result)

    def _unknown(self, where: str, key: str, item: Any, known: Mapping[str, Any]) -> Finding:
        meant = self._vocabulary(known).nearest(key) if known else None
        if meant is None and key in self._read_only:
            return Finding(where, "unknown", item, "a key that only answers have")
        if known and meant is None:
            meant = self._homes.get(self._vocabulary(self._homes).nearest(key) or "")
        return Finding(where, "unknown", item, "not a documented key", meant)

    def _vocabulary(self, keys: Mapping[str, Any]) -> Vocabulary:
        """Return the vocabulary of an object's *keys*; made when the first unknown one comes."""
        names = tuple(keys)
        if names not in self._vocabularies:
            self._vocabularies[names] = Vocabulary(names, self._words)
        return self._vocabularies[names]


def escaped(step: str) -> str:
    """Return *step* as a part of a JSON pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """Return the name that *step* of a JSON pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")


def _homes(schema: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, str]]:
    for key, part in schema.get("properties", {}).items():
        yield key, at + key
        items = part.get("items")
        yield from _homes(items or part, f"{at}{key}[]." if items else f"{at}{key}.")


def _stored(schema: Mapping[str, Any], value: Any, at: str, result: Fitted) -> Any:
    types = schema.get("type", ())
    if isinstance(value, str) and schema.get("x-stored-as") == "upper case" != value:
        upper = value.upper()
        if upper != value and upper in schema["enum"]:
            result.remarks.append(Remark(at, "stored-as", value, f'stored as "{upper}"'))
            return upper
    if isinstance(value, float) and value.is_integer() and "integer" in types:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and "number" in types:
        return float(value) if abs(value) < _BEYOND_A_DOUBLE else value
    return value
