"""One isolated Lago: the use cases of the customer resource, under one lock.

Everything a key owns is here: its customers, numbers, taxes, identifiers and request journal.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver.customers import billing, links, upsert
from mockserver.customers.lookup import missing
from mockserver.customers.record import Customer
from mockserver.customers.rendering import rendered, rendered_tax
from mockserver.errors import Forbidden, NotFound, ValidationFailed, refusal
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
    from mockserver.profile import Profile
    from mockserver.store import Store


@dataclass(frozen=True, slots=True)
class Answer:
    """The *body* of an answer 200, and what is odd about the request all the same."""

    body: dict[str, Any]
    remarks: tuple[Finding, ...] = ()


class Organization:
    """The Lago that one API key sees.

    *profile* is what it starts with; its customers come in with the first use of customers. *clock*
    and *fakery* are where time and chance come from. Every method may be called from several
    threads at once.
    """

    def __init__(
        self,
        profile: Profile,
        contract: Contract,
        fakery: Fakery,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self.profile = profile
        self.journal = journal
        self._contract = contract
        self._fakery = fakery
        self._clock = clock
        self._lock = Lock()
        self.lago_id = fakery.uuid("organization")
        self.prefix = profile.prefix or _default_prefix(profile.name, self.lago_id)
        self._store: Store = MemoryStore()
        self._taxes = TaxBook(profile, fakery, clock())
        self._awaited = iter(enumerate(profile.customers))

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
            body = self._shown(replace(customer, updated_at=self._clock()))
            self._store.delete(external_id)
            return Answer(body)

    def list_customers(self, page: Page) -> Answer:
        """Return one *page* of the customers, in the order of their creation."""
        with self._opened():
            total = len(self._store)
            customers = self._store.page(page.start, page.size)
            shown = [self._shown(customer)["customer"] for customer in customers]
        return Answer({"customers": shown, "meta": meta(self._contract, page, total)}, page.remarks)

    def customers(self) -> dict[str, dict[str, Any]]:
        """Return all customers by external_id, each as an answer shows it."""
        with self._opened():
            return {each.external_id: self._shown(each)["customer"] for each in self._store}

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
            return Answer(links.portal_link(customer, self._clock(), self._fakery.signature))

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
                self._upsert(customer, f"/customers/{index}", ())
            yield

    def _upsert(self, document: Mapping[str, Any], at: str, beside: Sequence[Finding]) -> Answer:
        checked = self._contract.check(document, premium=self.profile.premium, at=at)
        stored = self._stored(checked.given.get("external_id"))
        violations = upsert.violations(self._contract, stored, checked, self._taxes, at)
        violations += (found for found in beside if isinstance(found, Violation))
        remarks = [*checked.remarks, *(found for found in beside if isinstance(found, Remark))]
        if violations:
            raise refusal(violations, remarks)
        customer, answered = self._applied(stored, checked.given, at)
        self._store.put(customer)
        remarks += upsert.remarks(stored, customer, checked.given, at)
        return Answer(self._shown(answered), tuple(remarks))

    def _applied(
        self, stored: Customer | None, given: dict[str, Any], at: str
    ) -> tuple[Customer, Customer]:
        """Return the customer as it is from now on, and as the answer shows it.

        They differ where the payment provider is asked to make the customer, without ``sync``:
        Lago's job for that runs after the answer, so only the next read shows its identifier.
        """
        now = self._clock()
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
        return made, (made if settings.get("sync") else after)

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
