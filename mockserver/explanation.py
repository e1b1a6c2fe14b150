"""Findings in words: one readable line each, their sum in a header, what was meant."""

from __future__ import annotations

import json
import math
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any

from mockserver.findings import MISSING, Fault, Finding, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

HEADER_LIMIT = 1024  # bytes; what a client library prints of one header without harm
SEPARATOR = " | "
_GIVEN_LIMIT = 60
_WHERE_LIMIT = 120
_LISTED = 8
_SHORTENED = 3
_MOST_LINES = 24  # more never fit
_COMPARABLE = 3  # letters; codes of two are all alike
_LIKENESS = 0.75  # of longer ones: two letters swapped in four
_SHORT_LIKENESS = 0.8
_json = json.JSONEncoder(default=str).encode
_ARTICLES = {
    "array": "a list",
    "boolean": "true, false",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


def line(finding: Finding) -> str:
    """Return *finding* as one line of ASCII: where, which rule, what came, what was expected."""
    where = _shortened(printable(finding.where), _WHERE_LIMIT) or "the whole"
    came = "nothing" if finding.given is MISSING else _shown(finding.given)
    meant = "" if finding.suggestion is None else f"; did you mean {_shown(finding.suggestion)}?"
    return f"{where}: [{finding.rule}] came {came}, {printable(_said(finding))}{meant}"


def lines(findings: Iterable[Finding]) -> list[str]:
    """Return a line for each of *findings*."""
    return [line(finding) for finding in findings]


def header(findings: Sequence[Finding], more_at: str = "") -> str:
    """Return *findings* as the value of the ``Mock-Explanation`` header.

    At most `HEADER_LIMIT` bytes of ASCII, lines joined by `SEPARATOR`; where not all fit, the end
    says how many more there are, and that they are found at *more_at*.
    """
    looked_at = lines(findings[:_MOST_LINES])
    text = SEPARATOR.join(looked_at)
    if len(text) <= HEADER_LIMIT and len(findings) <= _MOST_LINES:
        return text
    room = HEADER_LIMIT - len(_tail(len(findings) - 1, more_at))
    kept = [_shortened(looked_at[0], room)]
    for each in looked_at[1:]:
        if len(SEPARATOR.join([*kept, each])) > room:
            break
        kept.append(each)
    return SEPARATOR.join(kept) + _tail(len(findings) - len(kept), more_at)


def readable(finding: Finding) -> dict[str, Any]:
    """Return *finding* in full, as the request journal shows it.

    A dict of JSON values with the keys of ``journal.json#/$defs/finding``.
    """
    return {
        "pointer": finding.where,
        "rule": finding.rule,
        "refused": isinstance(finding, Fault),
        "field": finding.field if isinstance(finding, Violation) else None,
        "code": finding.code if isinstance(finding, Violation) else None,
        "given": None if finding.given is MISSING else finding.given,
        "sent": finding.given is not MISSING,
        "note": _said(finding),
        "suggestion": finding.suggestion,
        "line": line(finding),
    }


def expected(rule: str, limit: Any, schema: Mapping[str, Any], given: Any) -> str:
    """Return in words what the JSON Schema keyword *rule* with the value *limit* asks for.

    *schema* is the schema that holds the keyword; *given* is what came.
    """
    words: dict[str, Callable[[], str]] = {
        "type": lambda: schema["title"] if given is None else _type_words(limit),
        "enum": lambda: f"{schema['title']}, {_choices(limit)}",
        "minimum": lambda: f"at least {limit}",
        "maximum": lambda: f"at most {limit}",
        "maxLength": lambda: f"at most {limit} characters, not {len(given)}",
        "maxItems": lambda: f"at most {limit} items, not {len(given)}",
    }
    return words.get(rule, lambda: str(schema["title"]))()


class Vocabulary:
    """Values that something may have, prepared to find the one that was meant.

    *choices* are the values, *words* what people write for them.
    """

    def __init__(self, choices: Iterable[Any], words: Mapping[str, str] | None = None) -> None:
        texts = [choice for choice in choices if isinstance(choice, str)]
        known = {*texts}
        tails = {text.rpartition("/")[2].casefold(): text for text in texts}
        self._folded = {text.casefold(): text for text in texts}
        self._comparable = [text for text in self._folded if len(text) >= _COMPARABLE]
        self._long = [text for text in self._comparable if len(text) > _COMPARABLE]
        self._tables = (
            self._folded,
            {word.casefold(): text for word, text in (words or {}).items() if text in known},
            tails,
            {tail.replace("_", " "): text for tail, text in tails.items()},
        )

    def nearest(self, given: Any) -> str | None:
        """Return the value that *given* may have meant, or None.

        Looked for, in this order: without regard to case and outer spaces, among the words people
        write, as the last part of a path (``Paris``), by likeness.
        """
        if not isinstance(given, str) or not given.strip() or len(given) > _GIVEN_LIMIT:
            return None
        plain = given.strip().casefold()
        for table in self._tables:
            if plain in table:
                return table[plain]
        if len(plain) < _COMPARABLE:
            return None
        close = get_close_matches(plain, self._comparable, n=1, cutoff=_SHORT_LIKENESS)
        close = close or get_close_matches(plain, self._long, n=1, cutoff=_LIKENESS)
        return self._folded[close[0]] if close else None


def nearest(given: Any, choices: Iterable[Any]) -> str | None:
    """Return the one of *choices* that *given* may have meant, or None; see `Vocabulary`."""
    return Vocabulary(choices).nearest(given)


def converted(given: Any, schema: Mapping[str, Any]) -> Any:
    """Return *given* in a type that *schema* asks for, where it is plainly meant so, or None.

    ``"30"`` is meant as 30, ``5`` as ``"5"``, ``"card"`` as ``["card"]``, and an object as a list
    of keys and values. What *schema* would refuse all the same is not proposed.
    """
    types = schema["type"]
    meant: Any = None
    if isinstance(given, str):
        meant = _from_text(given, schema)
    elif isinstance(given, dict):
        meant = _from_object(given, schema)
    elif isinstance(given, int | float) and not isinstance(given, bool) and "string" in types:
        meant = str(given)
    return meant if meant in schema.get("enum", (meant,)) else None


def _from_text(given: str, schema: Mapping[str, Any]) -> Any:
    types = schema["type"]
    if "integer" in types or "number" in types:
        return _number(given, whole="integer" in types)
    if "boolean" in types:
        return {"true": True, "false": False}.get(given.strip().casefold())
    items = schema.get("items", {})
    if "array" in types and items.get("type") == "string":
        one = Vocabulary(items["enum"]).nearest(given) if "enum" in items else given
        return [one] if one else None
    return None


def _from_object(given: dict[str, Any], schema: Mapping[str, Any]) -> Any:
    if "string" in schema["type"] and isinstance(given.get("code"), str):
        return given["code"]
    fields = schema.get("items", {}).get("properties", {})
    if fields.keys() & given.keys():
        return [given]
    if {"key", "value"} <= fields.keys() and given:
        return [{"key": key, "value": str(value)} for key, value in given.items()]
    return None


def _number(text: str, *, whole: bool) -> int | float | None:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _said(finding: Finding) -> str:
    return f"expected {finding.note}" if isinstance(finding, Fault) else finding.note


def _type_words(types: str | Sequence[str]) -> str:
    names = [types] if isinstance(types, str) else types
    words = ", ".join(_ARTICLES.get(name, name) for name in names)
    head, comma, last = words.rpartition(", ")
    return f"{head} or {last}" if comma else last


def _choices(values: Sequence[Any]) -> str:
    number = len(values) - values.count(None)
    named = (_shown(value) for value in values if value is not None)
    if number <= _LISTED:
        return "one of " + ", ".join(named)
    return f"one of {number}: " + ", ".join(islice(named, _SHORTENED)) + ", ..."


def _shown(value: Any) -> str:
    text = _json(value)
    if len(text) <= _GIVEN_LIMIT:
        return text
    end = text[-1] if text[-1] in '"]}' else ""
    return f"{text[: _GIVEN_LIMIT - 4]}...{end}"


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 3, 0)] + "..."


def printable(text: str) -> str:
    """Return *text* in ASCII, with what would move a terminal's cursor escaped."""
    return json.dumps(text)[1:-1].replace('\\"', '"')


def _tail(more: int, more_at: str) -> str:
    there = f" in {more_at}" if more_at else ""
    return f"{SEPARATOR}and {more} more{there}" if more > 0 else ""
