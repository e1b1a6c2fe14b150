"""One organization for each API key, and which keys are accepted."""

from __future__ import annotations

import time
from dataclasses import replace
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver.clock import SettableClock
from mockserver.contract import Contract
from mockserver.errors import ApiError
from mockserver.fakery import Fakery
from mockserver.faults import Faults
from mockserver.findings import Fault
from mockserver.journal import Journal
from mockserver.organization import Organization
from mockserver.profile import FixturesRefused, profile_of, read_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mockserver.clock import Clock
    from mockserver.findings import Finding
    from mockserver.journal import Record
    from mockserver.population import Newcomer
    from mockserver.profile import Profile
    from mockserver.settings import Settings


class Organizations:
    """The organizations of one server, each made when its key is first used.

    *clock* is the one that theirs follow, *faults* are those of all of them, *nobody* is the
    journal of requests that are no one's. Raises `FixturesRefused` if the fixtures file of
    *settings* cannot be used.

    *made_up* is called, with the number 1, for each customer that has been made up to start with,
    *wait* before a request waits for another one.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        made_up: Callable[[int], object] = bool,
        wait: Callable[[], None] = lambda: None,
    ) -> None:
        reject = settings.unknown_fields == "reject"
        self.contract = Contract(reject_unknown=reject)
        self.nobody = Journal(settings.journal_size)
        self.clock = SettableClock(clock)
        self.faults = Faults(Fakery(settings.seed, ""))
        self.settings = settings
        self._wait = wait
        self._newcomers = tuple(self._population(made_up))
        self._profile = self._read_profile()
        self._began = time.perf_counter()
        self._lock = Lock()
        self._by_key: dict[str, Organization] = {}

    @property
    def uptime(self) -> float:
        """For how many seconds the server has been there."""
        return time.perf_counter() - self._began

    def reload(self) -> int:
        """Read the fixtures file again, and start all organizations afresh from it.

        Returns how many those are. Raises `FixturesRefused`; then nothing is changed.
        """
        self._profile = self._read_profile()
        organizations = self.all()
        for each in organizations:
            each.begin(self._profile, again=True)
        return len(organizations)

    def find(self, key: str | None) -> Organization | None:
        """Return the organization of *key*, or None if the key is missing or not accepted."""
        if not key:
            return None
        found = self._by_key.get(key)
        if found is not None:
            return found
        accepted = self.settings.api_key
        return None if accepted and key not in accepted else self.opened(key)

    def opened(self, key: str) -> Organization:
        """Return the organization of *key*, accepted or not; from now on it is."""
        with self._lock:
            known = self._by_key.get(key)
            return known or self._by_key.setdefault(key, self._made(key))

    def close(self, organization: Organization) -> None:
        """Forget *organization* and all that is in it."""
        with self._lock:
            for key in [key for key, each in self._by_key.items() if each is organization]:
                del self._by_key[key]

    def reset(self) -> int:
        """Start the whole server afresh; return how many organizations there were.

        Those that are open stay so, for their keys may be accepted for no other reason.
        """
        organizations = self.all()
        for each in organizations:
            each.reset()
        self.nobody.clear()
        self.faults.clear()
        self.clock.release()
        return len(organizations)

    def all(self) -> list[Organization]:
        """Return the organizations there are, in the order in which they were made."""
        with self._lock:
            return [*self._by_key.values()]

    def restore(self, organization: Organization, document: Any) -> None:
        """Make *organization* what *document* says, a fixtures file or a snapshot.

        Raises `FixturesRefused`; then nothing is changed.
        """
        profile = profile_of("the snapshot", document, self.contract)
        self._refuse_bad_customers(profile)
        organization.begin(profile)

    def journal(self) -> Iterator[Record]:
        """Return the requests of all keys and of none, in the order of their arrival."""
        journals = [self.nobody, *(each.journal for each in self.all())]
        records = [record for journal in journals for record in journal]
        return iter(sorted(records, key=attrgetter("arrival")))

    def _read_profile(self) -> Profile:
        profile = read_profile(self.settings.fixtures, self.contract)
        self._refuse_bad_customers(profile)
        return replace(profile, newcomers=self._newcomers)

    def _population(self, made_up: Callable[[int], object]) -> Iterator[Newcomer]:
        """Make up the customers that organizations start with, once for all of these."""
        fakery, number = Fakery(self.settings.seed, ""), self.settings.populate
        for newcomer in fakery.newcomers(0, number, self.clock()):
            made_up(1)
            yield newcomer

    def _made(self, key: str) -> Organization:
        made = Organization(
            self._profile,
            self.contract,
            Fakery(self.settings.seed, key),
            self.clock,
            Journal(self.settings.journal_size),
        )
        made.wait = self._wait
        return made

    def _refuse_bad_customers(self, profile: Profile) -> None:
        """Try the customers of *profile* one by one, so that each bad one is told.

        In a file a misspelt key is a mistake, whatever requests may do.
        """
        trial = Organization(
            profile.without_customers(),
            Contract(reject_unknown=True),
            Fakery(self.settings.seed, ""),
            self.clock,
            Journal(0),
        )
        found: list[Finding] = []
        first: dict[str, str] = {}
        for index, customer in enumerate(profile.customers):
            at = f"/customers/{index}"
            external_id = customer.get("external_id")
            if isinstance(external_id, str) and first.setdefault(external_id, at) != at:
                note = f"an external_id of its own; {first[external_id]} has this one"
                found.append(Fault(f"{at}/external_id", "unique", external_id, note))
            else:
                found += _refusal(trial, customer, at)
        if found:
            raise FixturesRefused.of(profile.source, found)


def _refusal(trial: Organization, customer: Mapping[str, Any], at: str) -> Iterator[Finding]:
    try:
        trial.let_in(customer, at)
    except ApiError as error:
        yield from (found for found in error.findings if isinstance(found, Fault))
