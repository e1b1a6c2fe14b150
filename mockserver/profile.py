"""What every organization starts with, as a fixtures file says it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from mockserver import data
from mockserver.explanation import expected, line
from mockserver.findings import Fault
from mockserver.shaping import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from mockserver.contract import Contract


class FixturesRefused(Exception):
    """A fixtures file cannot be used; *lines* say why, one fault each, naming file and pointer."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


@dataclass(frozen=True, slots=True)
class Profile:
    """An organization as it is when its key is first used.

    *prefix* begins the slugs; None means the one made of name and identifier. *taxes* are dicts
    as the file holds them, *customers* are what a request would send under ``customer``. *source*
    names the file in messages.
    """

    source: str
    name: str
    prefix: str | None
    timezone: str
    premium: bool
    payment_providers: tuple[str, ...]
    taxes: tuple[Mapping[str, Any], ...]
    customers: tuple[Mapping[str, Any], ...]

    def without_customers(self) -> Profile:
        """Return the same organization with nobody in it."""
        return replace(self, customers=())


def read_profile(path: Path | None, contract: Contract) -> Profile:
    """Return the profile in the fixtures file at *path*; None means the packaged one.

    Raises `FixturesRefused` for a file that cannot be read, is not JSON, or breaks the schema
    ``organization.json`` of the *contract*.
    """
    if path is None:
        return _profile("organization.json", data.fixture("organization"), contract)
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise FixturesRefused(
            [f"{path}: cannot be read: {error.strerror}; give --fixtures another file"]
        ) from error
    except ValueError as error:
        raise FixturesRefused([f"{path}: is not JSON: {error}"]) from error
    return _profile(str(path), document, contract)


def _profile(source: str, document: Any, contract: Contract) -> Profile:
    schema = contract.schema("organization.json")
    faults = [*_faults(schema, document), *_repeated_codes(document)]
    if faults:
        raise FixturesRefused(f"{source}: {fault}" for fault in faults)
    fields = schema["properties"]["organization"]["properties"]
    organization = _completed(fields, document["organization"])
    tax_fields = fields["taxes"]["items"]["properties"]
    return Profile(
        source=source,
        name=organization["name"],
        prefix=organization["prefix"],
        timezone=organization["timezone"],
        premium=organization["premium"],
        payment_providers=tuple(organization["payment_providers"]),
        taxes=tuple(_completed(tax_fields, tax) for tax in organization["taxes"]),
        customers=tuple(document.get("customers", ())),
    )


def _completed(fields: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: given.get(key, part.get("default")) for key, part in fields.items()}


def _faults(schema: Mapping[str, Any], document: Any) -> Iterator[str]:
    for error in Draft202012Validator(schema).iter_errors(document):
        rule = str(error.validator)
        note = _note(rule, error.validator_value, error.schema, error.instance)
        where = "".join(f"/{escaped(str(step))}" for step in error.absolute_path) or "/"
        yield line(Fault(where, rule, error.instance, note))


def _note(rule: str, limit: Any, schema: Any, given: Any) -> str:
    if rule == "required":
        return f"the key {', '.join(name for name in limit if name not in given)}"
    if rule == "additionalProperties":
        return f"no keys but {', '.join(schema['properties'])}"
    return expected(rule, limit, schema, given)


def _repeated_codes(document: Any) -> Iterator[str]:
    organization = document.get("organization") if isinstance(document, dict) else None
    taxes = organization.get("taxes") if isinstance(organization, dict) else None
    seen: set[Any] = set()
    for index, tax in enumerate(taxes if isinstance(taxes, list) else ()):
        code = tax.get("code") if isinstance(tax, dict) else None
        if isinstance(code, str) and code in seen:
            where = f"/organization/taxes/{index}/code"
            yield line(Fault(where, "unique", code, "a code of its own"))
        seen.add(str(code))
