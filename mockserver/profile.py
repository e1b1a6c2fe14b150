"""What every organization starts with, as a fixtures file says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mockserver import data
from mockserver.bodies import decoded
from mockserver.errors import MalformedJson
from mockserver.explanation import line
from mockserver.findings import MISSING, Fault

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
        document = decoded(path.read_bytes())
    except OSError as error:
        reason = f"cannot be read: {error.strerror}; give --fixtures another file"
        raise FixturesRefused([f"{path}: {reason}"]) from error
    except MalformedJson as error:
        reasons = [f"{path}: is not {fault.note}" for fault in error.findings]
        raise FixturesRefused(reasons) from error
    if document is MISSING:
        raise FixturesRefused([f"{path}: is not valid JSON; it is empty"])
    return _profile(str(path), document, contract)


def _profile(source: str, document: Any, contract: Contract) -> Profile:
    schema = contract.schema("organization.json")
    faults = [*contract.faults("organization.json", document)]
    faults = faults or [*_tax_faults(document["organization"])]
    if faults:
        raise FixturesRefused(f"{source}: {line(fault)}" for fault in faults)
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


def _tax_faults(organization: Mapping[str, Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, tax in enumerate(organization.get("taxes", ())):
        where = f"/organization/taxes/{index}"
        if tax["code"] in seen:
            yield Fault(f"{where}/code", "unique", tax["code"], "a code of its own")
        seen.add(tax["code"])
        if not _is_moment(tax.get("created_at")):
            given = tax["created_at"]
            yield Fault(f"{where}/created_at", "date", given, "a UTC time of a day that exists")


def _is_moment(text: str | None) -> bool:
    try:
        return text is None or bool(datetime.fromisoformat(text))
    except ValueError:
        return False
