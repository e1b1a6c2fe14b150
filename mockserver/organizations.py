"""One organization for each API key, and which keys are accepted."""

from __future__ import annotations

from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver.contract import Contract
from mockserver.errors import ApiError
from mockserver.explanation import line
from mockserver.fakery import Fakery
from mockserver.findings import Fault
from mockserver.journal import Journal
from mockserver.organization import Organization
from mockserver.profile import FixturesRefused, read_profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockserver.clock import Clock
    from mockserver.findings import Finding
    from mockserver.journal import Entry
    from mockserver.profile import Profile
    from mockserver.settings import Settings


class Organizations:
    """The organizations of one server, each made when its key is first used.

    Raises `FixturesRefused` if the fixtures file of *settings* cannot be used.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        reject = settings.unknown_fields == "reject"
        self.contract = Contract(reject_unknown=reject)
        self.nobody = Journal(settings.journal_size)
        self._settings = settings
        self._clock = clock
        self._profile = read_profile(settings.fixtures, self.contract)
        self._lock = Lock()
        self._by_key: dict[str, Organization] = {}
        self._refuse_bad_customers(self._profile)

    def find(self, key: str | None) -> Organization | None:
        """Return the organization of *key*, or None if the key is missing or not accepted."""
        if not key:
            return None
        found = self._by_key.get(key)
        if found is not None:
            return found
        accepted = self._settings.api_key
        return None if accepted and key not in accepted else self.opened(key)

    def opened(self, key: str, journal: Journal | None = None) -> Organization:
        """Return the organization of *key*, accepted or not; from now on it is.

        A new one keeps its requests in *journal*, by default one of the size that is set.
        """
        with self._lock:
            known = self._by_key.get(key)
            return known or self._by_key.setdefault(key, self._made(key, journal))

    def close(self, key: str) -> None:
        """Forget the organization of *key* and all that is in it."""
        with self._lock:
            self._by_key.pop(key, None)

    def journal(self) -> Iterator[Entry]:
        """Return the requests of all keys and of none, in the order of their arrival."""
        organizations = list(self._by_key.values())
        journals = [self.nobody, *(each.journal for each in organizations)]
        entries = [entry for journal in journals for entry in journal]
        return iter(sorted(entries, key=attrgetter("arrival")))

    def _made(self, key: str, journal: Journal | None) -> Organization:
        return Organization(
            self._profile,
            self.contract,
            Fakery(self._settings.seed, key),
            self._clock,
            Journal(self._settings.journal_size) if journal is None else journal,
        )

    def _refuse_bad_customers(self, profile: Profile) -> None:
        """Try the customers of *profile* one by one, so that each bad one is told.

        In a file a misspelt key is a mistake, whatever requests may do.
        """
        trial = Organization(
            profile.without_customers(),
            Contract(reject_unknown=True),
            Fakery(self._settings.seed, ""),
            self._clock,
            Journal(0),
        )
        lines: list[str] = []
        first: dict[str, str] = {}
        for index, customer in enumerate(profile.customers):
            at = f"/customers/{index}"
            external_id = customer.get("external_id")
            if isinstance(external_id, str) and first.setdefault(external_id, at) != at:
                note = f"an external_id of its own; {first[external_id]} has this one"
                faults: list[Finding] = [Fault(f"{at}/external_id", "unique", external_id, note)]
            else:
                faults = list(_refusal(trial, customer, at))
            lines += (f"{profile.source}: {line(fault)}" for fault in faults)
        if lines:
            raise FixturesRefused(lines)


def _refusal(trial: Organization, customer: Mapping[str, Any], at: str) -> Iterator[Finding]:
    try:
        trial.upsert_customer(customer, at=at)
    except ApiError as error:
        yield from (found for found in error.findings if isinstance(found, Fault))
