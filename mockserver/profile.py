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
from mockserver.shaping import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mockserver.contract import Contract
    from mockserver.findings import Finding
    from mockserver.population import Newcomer


class FixturesRefused(Exception):
    """A fixtures file cannot be used; *lines* say why, one fault each, naming file and pointer.

    *findings* are the faults where they are in what the file says, not in the file itself.
    """

    def __init__(self, lines: Iterable[str], findings: Iterable[Finding] = ()) -> None:
        self.lines = tuple(lines)
        self.findings = tuple(findings)
        super().__init__("\n".join(self.lines))

    @classmethod
    def of(cls, source: str, findings: Sequence[Finding]) -> FixturesRefused:
        """Return the refusal of the file *source* for *findings*."""
        return cls((f"{source}: {line(found)}" for found in findings), findings)


@dataclass(frozen=True, slots=True)
class Profile:
    """An organization as it is when its key is first used.

    *prefix* begins the slugs; None means the one made of name and identifier. *taxes* are dicts
    as the file holds them, *customers* are what a request would send under ``customer``. *source*
    names the file in messages. *deleted* and *highest* are what a store remembers of customers that
    were deleted; *newcomers* are customers made up besides.
    """

    source: str
    name: str
    prefix: str | None
    timezone: str
    premium: bool
    payment_providers: tuple[str, ...]
    taxes: tuple[Mapping[str, Any], ...]
    customers: tuple[Mapping[str, Any], ...]
    deleted: Mapping[str, int]
    highest: int
    newcomers: tuple[Newcomer, ...] = ()

    def without_customers(self) -> Profile:
        """Return the same organization with nobody in it."""
        return replace(self, customers=(), newcomers=())


def read_profile(path: Path | None, contract: Contract) -> Profile:
    """Return the profile in the fixtures file at *path*; None means the packaged one.

    Raises `FixturesRefused` for a file that cannot be read, is not JSON, or breaks the schema
    ``organization.json`` of the *contract*.
    """
    if path is None:
        return profile_of("organization.json", data.fixture("organization"), contract)
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
    return profile_of(str(path), document, contract)


def profile_of(source: str, document: Any, contract: Contract) -> Profile:
    """Return the profile that *document* describes, the JSON value of a fixtures file.

    Raises `FixturesRefused`, naming the file *source*, if it breaks the schema.
    """
    schema = contract.schema("organization.json")
    faults = [*contract.faults("organization.json", document)]
    faults = faults or [*_tax_faults(document["organization"]), *_time_faults(document)]
    if faults:
        raise FixturesRefused.of(source, faults)
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
        deleted=organization["stored"].get("deleted", {}),
        highest=int(organization["stored"].get("highest", 0)),
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
        yield from _unless_moment(tax.get("created_at"), f"{where}/created_at")


def _time_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    for index, customer in enumerate(document.get("customers", ())):
        stored, where = customer.get("stored", {}), f"/customers/{index}/stored"
        for key in ("created_at", "updated_at"):
            yield from _unless_moment(stored.get(key), f"{where}/{key}")
        for key, text in stored.get("metadata", {}).items():
            yield from _unless_moment(text, f"{where}/metadata/{escaped(key)}")


def _unless_moment(text: str | None, where: str) -> Iterator[Fault]:
    try:
        datetime.fromisoformat(text or "2026-01-01")
    except ValueError:
        yield Fault(where, "date", text, "a UTC time of a day that exists")
