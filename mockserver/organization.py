"""One isolated Lago: the use cases of the customer resource, under one lock.

Everything a key owns is here: its customers, numbers, taxes, identifiers and request journal.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver import snapshots
from mockserver.clock import SettableClock
from mockserver.customers import billing, links, saved, taxes, upsert
from mockserver.customers.lookup import missing
from mockserver.customers.record import Customer
from mockserver.customers.rendering import rendered, rendered_tax
from mockserver.errors import Forbidden, NotFound, ValidationFailed, refusal
from mockserver.faults import Faults
from mockserver.findings import Fault, Remark, Violation
from mockserver.listing import meta
from mockserver.store import MemoryStore
from mockserver.tax_book import TaxBook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from mockserver.clock import Clock
    from mockserver.contract import Contract
    from mockserver.fakery import Fakery
    from mockserver.findings import Finding
    from mockserver.journal import Journal
    from mockserver.listing import Page
    from mockserver.population import Newcomer
    from mockserver.profile import Profile
    from mockserver.store import Store


@dataclass(frozen=True, slots=True)
class Answer:
    """The *body* of an answer 200, and what is odd about the request all the same."""

    body: dict[str, Any]
    remarks: tuple[Finding, ...] = ()


class Organization:
    """The Lago that one API key sees.

    *profile* is what it starts with; its customers come in with the first use of customers. Its
    *clock* follows the one that is given until it is told otherwise; *fakery* is where chance comes
    from. Every method may be called from several threads
    at once.
    """

    def __init__(
        self,
        profile: Profile,
        contract: Contract,
        fakery: Fakery,
        clock: Clock,
        journal: Journal,
    ) -> None:
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
            self._store: Store = MemoryStore(profile.deleted, profile.highest)
            self._taxes = TaxBook(profile, self._fakery, self.clock())
            self._awaited = iter(enumerate(profile.customers))
            self._newcomers = iter(profile.newcomers)
            self._made_up = len(profile.newcomers)

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
        with self._opened():
            self._let_in(document, at)

    def snapshot(self) -> dict[str, Any]:
        """Return organization and customers as a fixtures file from which `begin` makes them."""
        with self._opened():
            return snapshots.snapshot(self.profile, self._taxes, self._store)

    def populate(self, count: int) -> list[str]:
        """Make up *count* customers of the past; return their identifiers."""
        with self._opened():
            return self._populated(count)

    def delete_customers(self) -> int:
        """Delete all customers as if one by one; return how many there were."""
        with self._opened():
            gone = [customer.external_id for customer in self._store]
            for external_id in gone:
                self._store.delete(external_id)
            return len(gone)

    def summary(self) -> dict[str, Any]:
        """Return the organization with the keys of ``control.json#/$defs/organization``."""
        with self._opened():
            customers = len(self._store)
        requests = list(self.journal)
        return {
            "lago_id": self.lago_id,
            "name": self.profile.name,
            "prefix": self.prefix,
            "timezone": self.profile.timezone,
            "premium": self.profile.premium,
            "customers_count": customers,
            "requests_count": len(requests),
            "refused_count": sum(entry.refused for entry in requests),
        }

    def upsert_customer(
        self, document: Mapping[str, Any], *, at: str = "/customer", beside: Sequence[Finding] = ()
    ) -> Answer:
        """Create the customer with the external_id in *document*, or update the one that has it.

        *document* is the object under ``customer``, which stands at the JSON pointer *at*; *beside*
        is what was found around it. Raises `ValidationFailed`, or `NotFound` for a tax code or
        payment provider that the organization lacks; then nothing is changed.
        """
        with self._opened():
            return self._upsert(document, at, beside)

    def show_customer(self, external_id: str) -> Answer:
        """Return one customer; raise `NotFound` where no one has *external_id*."""
        with self._opened():
            return Answer(self._shown(self._found(external_id)))

    def delete_customer(self, external_id: str) -> Answer:
        """Delete a customer and return it as it was last; raise `NotFound` where there is none.

        Its number stays used (behaviour reference, sections 4.1 and 7).
        """
        with self._opened():
            customer = self._found(external_id)
            body = self._shown(replace(customer, updated_at=self.clock()))
            self._store.delete(external_id)
            return Answer(body)

    def list_customers(self, page: Page) -> Answer:
        """Return one *page* of the customers, in the order of their creation."""
        shown, total = self.customers(page.start, page.size)
        return Answer({"customers": shown, "meta": meta(self._contract, page, total)}, page.remarks)

    def customers(self, start: int, size: int) -> tuple[list[dict[str, Any]], int]:
        """Return at most *size* customers from the place *start* on, and how many there are."""
        with self._opened():
            found = self._store.page(start, size)
            return [self._shown(each)["customer"] for each in found], len(self._store)

    def portal_url(self, external_id: str) -> Answer:
        """Return a signed link to a customer's portal, good for twelve hours.

        Raises `Forbidden` for a free organization, before it looks for the customer, else
        `NotFound` (behaviour reference, section 7).
        """
        if not self.profile.premium:
            note = "a premium one; set premium to true in the fixtures file"
            fault = Fault("organization", "premium", "free", note)
            raise Forbidden("feature_unavailable", fault)
        with self._opened():
            customer = self._found(external_id)
            return Answer(links.portal_link(customer, self.clock(), self._fakery.signature))

    def checkout_url(self, external_id: str) -> Answer:
        """Return a link to the page where a customer enters a means of payment.

        Raises `NotFound` without the customer or a connected provider, `ValidationFailed` for a
        customer that no provider knows (behaviour reference, section 7).
        """
        with self._opened():
            customer = self._found(external_id)
            unlinked = links.unlinked(self._contract, customer)
            if unlinked is not None:
                raise ValidationFailed([unlinked])
            self._refuse_unconnected(customer.billing["payment_provider"], "path external_id")
            token = self._fakery.token(32, "checkout", customer.lago_id)
            return Answer(links.checkout_link(customer, self._contract, token))

    @contextmanager
    def _opened(self) -> Iterator[None]:
        """Hold the lock; the first to do so lets in the customers that the profile lists."""
        with self._lock:
            for index, customer in self._awaited:
                self._let_in(customer, f"/customers/{index}")
            self._settled(self._newcomers)
            yield

    def _let_in(self, document: Mapping[str, Any], at: str) -> None:
        if "stored" not in document:
            self._upsert(document, at, ())
            return
        given = {key: value for key, value in document.items() if key != "stored"}
        checked = self._contract.check(given, premium=True, at=at)
        unknown = taxes.unknown_codes(self._contract, self._taxes, checked.given, at)
        violations = [*checked.violations, *([] if checked.violations else unknown)]
        if violations:
            raise refusal(violations, checked.remarks)
        lago_id = document["stored"]["lago_id"]
        self._store.put(
            saved.restored(
                checked.given,
                document["stored"],
                self._contract,
                lambda key: self._fakery.uuid("metadata", lago_id, key, "by hand"),
            )
        )

    def _populated(self, count: int) -> list[str]:
        """Make up *count* customers, beside those there are."""
        made: list[str] = []
        while len(made) < count:
            wanted = count - len(made)
            newcomers = self._fakery.newcomers(self._made_up, wanted, self.clock())
            self._made_up += wanted
            made += self._settled(newcomers)
        return made

    def _settled(self, newcomers: Iterator[Newcomer]) -> list[str]:
        """Take up *newcomers*; pass over those whose external_id is in use already."""
        made: list[str] = []
        for newcomer in newcomers:
            external_id: str = newcomer.document["external_id"]
            if self._store.get(external_id) is None:
                self._applied(None, newcomer.document, "/customer", newcomer.created_at)
                made.append(external_id)
        return made

    def _upsert(self, document: Mapping[str, Any], at: str, beside: Sequence[Finding]) -> Answer:
        checked = self._contract.check(document, premium=self.profile.premium, at=at)
        stored = self._stored(checked.given.get("external_id"))
        violations = upsert.violations(self._contract, stored, checked, self._taxes, at)
        violations += (found for found in beside if isinstance(found, Violation))
        remarks = [*checked.remarks, *(found for found in beside if isinstance(found, Remark))]
        if violations:
            raise refusal(violations, remarks)
        answered = self._applied(stored, checked.given, at, self.clock())
        customer = self._found(answered.external_id)
        remarks += upsert.remarks(stored, customer, checked.given, at)
        return Answer(self._shown(answered), tuple(remarks))

    def _applied(
        self, stored: Customer | None, given: dict[str, Any], at: str, now: datetime
    ) -> Customer:
        """Store the customer as it is from *now* on; return it as the answer shows it.

        They differ where the payment provider is asked to make the customer, without ``sync``:
        Lago's job for that runs after the answer, so only the next read shows its identifier.
        """
        before = stored or self._blank(given["external_id"], now)
        surroundings = upsert.Surroundings(
            now=now,
            taxes=self._taxes,
            identify=lambda *names: self._fakery.uuid("metadata", before.lago_id, *names),
        )
        new = stored is None
        after, new_tax = upsert.updated(before, given, self._contract, surroundings, new=new)
        settings = given.get("billing_configuration", {})
        made = self._made_at_provider(after, settings, f"{at}/billing_configuration")
        if new_tax is not None:
            self._taxes.make(new_tax, now)
        self._store.put(made)
        return made if settings.get("sync") else after

    def _stored(self, external_id: Any) -> Customer | None:
        return self._store.get(external_id) if isinstance(external_id, str) else None

    def _blank(self, external_id: str, now: datetime) -> Customer:
        generation = self._store.generation(external_id)
        number = self._store.next_number()
        return Customer(
            lago_id=self._fakery.uuid("customer", external_id, generation),
            external_id=external_id,
            sequential_id=number,
            slug=upsert.slug(self.prefix, number),
            created_at=now,
            updated_at=now,
            attributes=self._contract.defaults,
            billing=self._contract.billing_defaults,
        )

    def _found(self, external_id: str) -> Customer:
        customer = self._store.get(external_id)
        if customer is None:
            deleted = self._store.generation(external_id) > 0
            total = len(self._store)
            fault = missing(external_id, self._store, total=total, deleted=deleted)
            raise NotFound("customer", fault)
        return customer

    def _shown(self, customer: Customer) -> dict[str, Any]:
        return {
            "customer": rendered(
                customer, self._contract, timezone=self.profile.timezone, tax=self._shown_tax
            )
        }

    def _shown_tax(self, code: str) -> dict[str, Any]:
        uses = self._store.uses(code)
        return rendered_tax(self._taxes[code], self._contract, customers_count=uses)

    def _made_at_provider(
        self, customer: Customer, settings: Mapping[str, Any], at: str
    ) -> Customer:
        if not billing.awaits_provider(customer, settings):
            return customer
        provider = customer.billing["payment_provider"]
        if provider not in self.profile.payment_providers:
            # Lago skips the call for an unconnected Stripe, and fails for the other two.
            if settings.get("sync") and provider != billing.METHODS_OF:
                self._refuse_unconnected(provider, f"{at}/payment_provider")
            return customer
        made = self._fakery.provider_customer_id(provider, customer.lago_id)
        return billing.provisioned(customer, made)

    def _refuse_unconnected(self, provider: str, where: str) -> None:
        connected = self.profile.payment_providers
        if provider not in connected:
            note = f"a provider that is connected: {', '.join(connected) or 'none is'}"
            note += "; see payment_providers in the fixtures file"
            fault = Fault(where, "provider", provider, note)
            raise NotFound(f"{provider}_payment_provider", fault)


def _default_prefix(name: str, lago_id: str) -> str:
    """Return Lago's default: three letters of the name, four of the identifier (section 4.1)."""
    return f"{name[:3]}-{lago_id[-4:]}".upper()
