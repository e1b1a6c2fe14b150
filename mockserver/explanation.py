"""Findings in words: one readable line each, their sum in a header, what was meant."""

from __future__ import annotations

import json
import math
from difflib import get_close_matches
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
_TOO_SHORT = 3  # letters; codes of two or three are all alike
_LIKENESS = 0.75
_ARTICLES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}


def line(finding: Finding) -> str:
    """Return *finding* as one line of ASCII: where, which rule, what came, what was expected."""
    where = _shortened(_ascii(finding.where), _WHERE_LIMIT)
    came = "nothing" if finding.given is MISSING else _shown(finding.given)
    meant = "" if finding.suggestion is None else f"; did you mean {_shown(finding.suggestion)}?"
    return f"{where}: [{finding.rule}] came {came}, {_ascii(_said(finding))}{meant}"


def lines(findings: Iterable[Finding]) -> list[str]:
    """Return a line for each of *findings*."""
    return [line(finding) for finding in findings]


def header(findings: Sequence[Finding]) -> str:
    """Return *findings* as the value of the ``Mock-Explanation`` header.

    At most `HEADER_LIMIT` bytes of ASCII, lines joined by `SEPARATOR`; where not all fit, the end
    says how many more there are.
    """
    text = SEPARATOR.join(lines(findings[: _SHORTENED * _LISTED]))
    if len(text) <= HEADER_LIMIT and len(findings) <= _SHORTENED * _LISTED:
        return text
    kept: list[str] = []
    room = HEADER_LIMIT
    for each in lines(findings[: _SHORTENED * _LISTED]):
        tail = _tail(len(findings) - len(kept) - 1)
        if kept and len(each) + len(SEPARATOR) + len(tail) > room:
            break
        kept.append(_shortened(each, room - len(tail)))
        room -= len(kept[-1]) + len(SEPARATOR)
    return SEPARATOR.join(kept) + _tail(len(findings) - len(kept))


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
        "maxLength": lambda: f"at most {limit} characters instead of {len(given)}",
        "maxItems": lambda: f"at most {limit} items instead of {len(given)}",
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
        if len(plain) <= _TOO_SHORT:
            return None
        close = get_close_matches(plain, self._folded, n=1, cutoff=_LIKENESS)
        return self._folded[close[0]] if close else None


def nearest(given: Any, choices: Iterable[Any]) -> str | None:
    """Return the one of *choices* that *given* may have meant, or None; see `Vocabulary`."""
    return Vocabulary(choices).nearest(given)


def converted(given: Any, types: Sequence[str]) -> Any:
    """Return *given* as one of the JSON *types* where it is plainly meant as one, or None.

    ``"30"`` is meant as 30, ``5`` as ``"5"``, ``"true"`` as true.
    """
    if isinstance(given, str) and {"integer", "number"} & {*types}:
        return _number(given, whole="integer" in types)
    if isinstance(given, str) and "boolean" in types:
        return {"true": True, "false": False}.get(given.strip().casefold())
    if isinstance(given, int | float) and not isinstance(given, bool) and "string" in types:
        return str(given)
    return None


def _said(finding: Finding) -> str:
    return f"expected {finding.note}" if isinstance(finding, Fault) else finding.note


def _number(text: str, *, whole: bool) -> int | float | None:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _type_words(types: str | Sequence[str]) -> str:
    names = [types] if isinstance(types, str) else types
    return " or ".join(_ARTICLES.get(name, name) for name in names)


def _choices(values: Sequence[Any]) -> str:
    shown = [_shown(value) for value in values if value is not None]
    if len(shown) <= _LISTED:
        return "one of " + ", ".join(shown)
    return f"one of {len(shown)}: " + ", ".join(shown[:_SHORTENED]) + ", ..."


def _shown(value: Any) -> str:
    return _shortened(json.dumps(value, default=str), _GIVEN_LIMIT)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 3, 0)] + "..."


def _ascii(text: str) -> str:
    return json.dumps(text)[1:-1].replace('\\"', '"')


def _tail(more: int) -> str:
    return f"{SEPARATOR}and {more} more" if more > 0 else ""
