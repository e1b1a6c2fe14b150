"""Contract coverage: which parts of the documented contract a test suite has exercised.

A part is a text; the same in every process, so that what several have seen can be put together.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mockserver import data
from mockserver.contract import Contract
from mockserver.openapi import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_MOST_VALUES = 8  # longer lists, countries say, are codes to look up rather than cases to handle
# Not the business of a client's tests: what its HTTP library sees to.
_NOT_COUNTED = {"304", "400", "406", "413"}
_OK = 200
_WIDTH = 96
_UNBREAKABLE = "\x00"


@dataclass(frozen=True, slots=True)
class Section:
    """Parts of one kind: those *exercised* and those *missing*, in the order of the contract."""

    name: str
    exercised: tuple[str, ...]
    missing: tuple[str, ...]


class Coverage:
    """What has been exercised of one *version* of the contract."""

    def __init__(self, version: str = data.DEFAULT_VERSION) -> None:
        self.version = version
        contract = Contract(version)
        described = document(version)
        schema = contract.schema("customer-create.json")
        paths = described["paths"]
        self._operations: dict[str, Any] = {
            path: methods for path, methods in paths.items() if path.startswith("/api/")
        }
        manifest = data.schemas(version)["contract"]
        codes = [*manifest["codes"].values(), *_codes(schema), *manifest["domain_codes"]]
        self._parts = {
            "request fields": [
                *(f"field {name}" for name, _ in _fields(schema)),
                *(f"query {name}" for name in _queries(described)),
            ],
            "values": [
                f"value {name}={each}" for name, part in _fields(schema) for each in _values(part)
            ],
            "statuses": [
                f"status {method.upper()} {path} {status}"
                for path, methods in self._operations.items()
                for method, operation in methods.items()
                for status in operation["responses"]
                if status not in _NOT_COUNTED
            ],
            "error codes": [f"code {code}" for code in dict.fromkeys(codes)],
        }
        self._known = {part for parts in self._parts.values() for part in parts}
        self._exercised: set[str] = set()

    def add(self, entry: Mapping[str, Any]) -> None:
        """Count what *entry*, a request as the journal shows it, has exercised.

        Fields and values count where the request was accepted: one that is refused has not shown
        that the client gets them right. An injected fault's status counts, if it is documented.
        """
        method, path = entry["method"], self._template(entry["path"])
        if path is None:
            return
        self.merge([f"status {method} {path} {entry['status']}"])
        if entry["fault"] is None:
            self.merge(f"code {code}" for code in _answered_codes(entry["answer"]))
        if entry["status"] == _OK and method == "POST" and isinstance(entry["body"], dict):
            self.merge(_exercised(entry["body"]))
        if entry["status"] == _OK and method == "GET":
            names = (each.partition("=")[0] for each in entry["query"].split("&"))
            self.merge(f"query {unquote(name)}" for name in names)

    def merge(self, parts: Iterable[str]) -> None:
        """Count *parts*, which another process may have seen; those of no contract are ignored."""
        self._exercised |= self._known.intersection(parts)

    @property
    def exercised(self) -> list[str]:
        """The parts that were exercised, sorted."""
        return sorted(self._exercised)

    @property
    def percent(self) -> float:
        """How much of the contract was exercised, from 0 to 100."""
        return 100 * len(self._exercised) / len(self._known)

    def sections(self) -> list[Section]:
        """Return the parts by their kind, without the word that names it."""
        return [self._section(name, parts) for name, parts in self._parts.items()]

    def report(self) -> list[str]:
        """Return lines for a terminal: how much of each section, and what is missing."""
        lines: list[str] = []
        for section in self.sections():
            number = len(section.exercised)
            lines.append(f"{section.name}: {number} of {number + len(section.missing)}")
            lines += _wrapped(section.missing)
        return [*lines, f"contract {self.version}: {self.percent:.0f} % exercised"]

    def readable(self) -> dict[str, Any]:
        """Return the same as JSON value: contract, percent, and the sections by name."""
        return {
            "contract": self.version,
            "percent": round(self.percent, 2),
            "sections": {
                each.name: {"exercised": [*each.exercised], "missing": [*each.missing]}
                for each in self.sections()
            },
        }

    def _section(self, name: str, parts: Iterable[str]) -> Section:
        plain = [(part, part.partition(" ")[2]) for part in parts]
        return Section(
            name,
            tuple(short for part, short in plain if part in self._exercised),
            tuple(short for part, short in plain if part not in self._exercised),
        )

    def _template(self, path: str) -> str | None:
        """Return the documented path that *path* is one of, or None."""
        segments = [part for part in path.split("/") if part]
        for template in self._operations:
            parts = template.strip("/").split("/")
            pairs = zip(parts, segments, strict=False)
            if len(parts) == len(segments) and all(
                part[0] == "{" or part == came for part, came in pairs
            ):
                return template
        return None


def _wrapped(missing: Sequence[str]) -> list[str]:
    """Return a paragraph that lists *missing*, no part of it torn apart."""
    text = ", ".join(part.replace(" ", _UNBREAKABLE) for part in missing)
    lines = wrap(
        text and f"missing: {text}",
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_UNBREAKABLE, " ") for line in lines]


def _fields(schema: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each property below *schema* by its path, ``customer.metadata[].key``."""
    for name, part in schema.get("properties", {}).items():
        path = f"{at}.{name}" if at else name
        yield path, part
        yield from _fields(part, path)
        yield from _fields(part.get("items", {}), f"{path}[]")


def _values(part: Mapping[str, Any]) -> list[str]:
    items = part.get("items", {})
    types = [part.get("type"), items.get("type")]
    if any("boolean" in (each if isinstance(each, list) else [each]) for each in types):
        return ["true", "false"]
    members = _enum(part) or _enum(items)
    return [str(each) for each in members if each is not None and len(members) <= _MOST_VALUES]


def _enum(schema: Mapping[str, Any]) -> list[Any]:
    lists = (each.get("enum") for each in (schema, *schema.get("allOf", ())))
    return next((found for found in lists if found), [])


def _queries(described: Mapping[str, Any]) -> list[str]:
    known = described["components"]["parameters"].values()
    return [each["name"] for each in known if each["in"] == "query"]


def _codes(schema: Any) -> Iterator[str]:
    """Yield the codes that the fields of *schema* say they answer with."""
    if isinstance(schema, dict):
        own = schema.get("x-lago-code")
        yield from own.values() if isinstance(own, dict) else filter(None, [own])
        for part in schema.values():
            yield from _codes(part)


def _answered_codes(answer: Any) -> Iterator[str]:
    if isinstance(answer, dict) and "error" in answer:
        yield str(answer.get("code"))
        for codes in answer.get("error_details", {}).values():
            yield from codes


def _exercised(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            path = f"{at}.{name}" if at else name
            yield f"field {path}"
            yield from _exercised(part, path)
    elif isinstance(value, list):
        for item in value:
            yield from _exercised(item, f"{at}[]")
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield f"value {at.removesuffix('[]')}={text}"
