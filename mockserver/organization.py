"""One isolated Lago: the use cases of the customer resource, under one lock.

Everything a key owns is here: its customers, numbers, taxes, identifiers and request journal.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver import texts
from mockserver.clock import SettableClock
from mockserver.errors import Forbidden
from mockserver.faults import Faults
from mockserver.findings import Fault
from mockserver.listing import meta
from mockserver.register import Answer, Register

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from mockserver.clock import Clock
    from mockserver.contract import Contract
    from mockserver.fakery import Fakery
    from mockserver.findings import Finding
    from mockserver.journal import Journal
    from mockserver.listing import Page
    from mockserver.profile import Profile


class Organization:
    """The Lago that one API key sees.

    *profile* is what it starts with; its customers come in with the first use of customers. Its
    *clock* follows the one that is given until it is told otherwise; *fakery* is where chance comes
    from. Every method may be called from several threads at once; `wait` is called before one waits
    for another, or for many customers to come in.
    """

    def __init__(
        self,
        profile: Profile,
        contract: Contract,
        fakery: Fakery,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self.wait: Callable[[], None] = lambda: None
        self.journal = journal
        self.clock = SettableClock(clock)
        self.faults = Faults(fakery)
        self._start = profile
        self._contract = contract
        self._fakery = fakery
        self._lock = Lock()
        self.lago_id = fakery.uuid("organization")
        self.begin(profile)

    def begin(self, profile: Profile, *, again: bool = False) -> None:
        """Become what *profile* says; all customers and taxes there were are gone.

        With *again*, that is what `reset` goes back to from now on.
        """
        with self._lock:
            if again:
                self._start = profile
            self.profile = profile
            self.prefix = profile.prefix or _default_prefix(profile.name, self.lago_id)
            self._register = Register(
                profile, self.prefix, self._contract, self._fakery, self.clock
            )

    def reset(self) -> None:
        """Become as at the start: customers, taxes, requests, faults and clock."""
        self.journal.clear()
        self.faults.clear()
        self.clock.release()
        self.begin(self._start)

    def let_in(self, document: Mapping[str, Any], at: str) -> None:
        """Take up *document*, an item of a fixtures file's customers, which stands at *at*.

        Raises as `upsert_customer` does.
        """
        with self as register:
            register.let_in(document, at)

    def snapshot(self) -> dict[str, Any]:
        """Return organization and customers as a fixtures file from which `begin` makes them."""
        with self as register:
            return register.snapshot()

    def populate(self, count: int) -> list[str]:
        """Make up *count* customers of the past; return their identifiers."""
        with self as register:
            return register.populate(count)

    def delete_customers(self) -> int:
        """Delete all customers as if one by one; return how many there were."""
        with self as register:
            return register.clear()

    def summary(self) -> dict[str, Any]:
        """Return the organization with the keys of ``control.json#/$defs/organization``."""
        with self as register:
            customers = len(register)
        records = list(self.journal)
        return {
            "lago_id": self.lago_id,
            "name": self.profile.name,
            "prefix": self.prefix,
            "timezone": self.profile.timezone,
            "premium": self.profile.premium,
            "customers_count": customers,
            "requests_count": len(records),
            "refused_count": sum(record.refused for record in records),
        }

    def upsert_customer(
        self, document: dict[str, Any], *, at: str = "/customer", beside: Sequence[Finding] = ()
    ) -> Answer:
        """Create the customer with the external_id in *document*, or update the one that has it.

        *document* is the object under ``customer``, which stands at the JSON pointer *at*; *beside*
        is what was found around it. Raises `ValidationFailed`, or `NotFound` for a tax code or
        payment provider that the organization lacks; then nothing is changed.
        """
        with self as register:
            return register.upsert(document, at, beside)

    def show_customer(self, external_id: str) -> Answer:
        """Return one customer; raise `NotFound` where no one has *external_id*."""
        with self as register:
            return register.show(external_id)

    def delete_customer(self, external_id: str) -> Answer:
        """Delete a customer and return it as it was last; raise `NotFound` where there is none."""
        with self as register:
            return register.delete(external_id)

    def list_customers(self, page: Page) -> Answer:
        """Return one *page* of the customers, in the order of their creation."""
        shown, total = self.customers(page.start, page.size)
        return Answer(listed(shown, meta(self._contract, page, total)), page.remarks)

    def customers(self, start: int, size: int) -> tuple[list[bytes], int]:
        """Return at most *size* customers from the place *start* on, and how many there are.

        Each is the JSON text of an answer's ``customer``.
        """
        with self as register:
            return register.page(start, size), len(register)

    def portal_url(self, external_id: str) -> Answer:
        """Return a signed link to a customer's portal, good for twelve hours.

        Raises `Forbidden` for a free organization, before it looks for the customer, else
        `NotFound` (behaviour reference, section 7).
        """
        if not self.profile.premium:
            note = "a premium one; set premium to true in the fixtures file"
            fault = Fault("organization", "premium", "free", note)
            raise Forbidden("feature_unavailable", fault)
        with self as register:
            return register.portal_url(external_id)

    def checkout_url(self, external_id: str) -> Answer:
        """Return a link to the page where a customer enters a means of payment.

        Raises `NotFound` without the customer or a connected provider, `ValidationFailed` for a
        customer that no provider knows.
        """
        with self as register:
            return register.checkout_url(external_id)

    def __enter__(self) -> Register:
        """Hold the lock; return the customers, all of whom are there."""
        if not self._lock.acquire(blocking=False):
            self.wait()
            self._lock.acquire()
        try:
            if not self._register.is_open:
                self.wait()
                self._register.open()
        except BaseException:
            self._lock.release()
            raise
        return self._register

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.release()


def listed(customers: Sequence[bytes], described: Mapping[str, Any]) -> bytes:
    """Return the answer that lists *customers*, JSON texts, and *described*, its ``meta``."""
    return b'{"customers":[%b],"meta":%b}' % (b",".join(customers), texts.written(described))


def _default_prefix(name: str, lago_id: str) -> str:
    """Return Lago's default: three letters of the name, four of the identifier (section 4.1)."""
    return f"{name[:3]}-{lago_id[-4:]}".upper()
