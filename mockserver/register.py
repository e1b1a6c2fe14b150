"""The customers of one organization: what a request changes of them, and what it is answered.

Not locked: the organization that owns them is.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver import snapshots, texts
from mockserver.clock import stamp
from mockserver.customers import billing, cards, links, saved, taxes, upsert
from mockserver.customers.cards import Cards
from mockserver.customers.lookup import missing
from mockserver.customers.record import Customer
from mockserver.errors import NotFound, ValidationFailed, refusal
from mockserver.findings import Fault, Remark, Violation
from mockserver.store import MemoryStore
from mockserver.tax_book import TaxBook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockserver.clock import Clock
    from mockserver.contract import Contract
    from mockserver.fakery import Fakery
    from mockserver.findings import Finding
    from mockserver.population import Newcomer
    from mockserver.profile import Profile
    from mockserver.store import Store

_COMPARED = 200  # customers looked at for a did-you-mean; a 404 must stay cheap


class Answer(NamedTuple):
    """The *body* of an answer 200 as JSON text, and what is odd about the request all the same."""

    body: bytes
    remarks: Sequence[Finding] = ()


class Register:
    """The customers of the organization that *profile* describes, with their taxes and numbers.

    Those that the profile lists come in by `open`. *prefix* begins the slugs; *clock* tells the
    organization's time, *fakery* is where chance comes from.
    """

    def __init__(
        self, profile: Profile, prefix: str, contract: Contract, fakery: Fakery, clock: Clock
    ) -> None:
        self.is_open = not (profile.customers or profile.newcomers)
        self._profile = profile
        self._prefix = prefix
        self._contract = contract
        self._fakery = fakery
        self._clock = clock
        kept_as = Cards(contract, profile.timezone)
        self._store: Store = MemoryStore(kept_as, profile.deleted, profile.highest)
        self._taxes = TaxBook(profile, contract, fakery, stamp(clock()))
        identify = partial(fakery.uuid, "metadata")
        self._surroundings = upsert.Surroundings(contract, self._taxes, identify)
        self._awaited = iter(enumerate(profile.customers))
        self._newcomers = iter(profile.newcomers)
        self._made_up = len(profile.newcomers)

    def open(self) -> None:
        """Let in, once, the customers that the profile lists, and those made up to start with."""
        for index, customer in self._awaited:
            self.let_in(customer, f"/customers/{index}")
        self._settled(self._newcomers)
        self.is_open = True

    def __len__(self) -> int:
        """Return how many customers there are."""
        return len(self._store)

    def snapshot(self) -> dict[str, Any]:
        """Return organization and customers as a fixtures file."""
        return snapshots.snapshot(self._profile, self._taxes, self._store)

    def let_in(self, document: Mapping[str, Any], at: str) -> None:
        """Take up *document*, an item of a fixtures file's customers, which stands at *at*.

        Raises as `upsert` does.
        """
        if "stored" not in document:
            self.upsert(dict(document), at, ())
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

    def populate(self, count: int) -> list[str]:
        """Make up *count* customers beside those there are; return their identifiers."""
        made: list[str] = []
        while len(made) < count:
            wanted = count - len(made)
            newcomers = self._fakery.newcomers(self._made_up, wanted, self._clock())
            self._made_up += wanted
            made += self._settled(newcomers)
        return made

    def upsert(self, document: dict[str, Any], at: str, beside: Sequence[Finding]) -> Answer:
        """Create the customer with the external_id in *document*, or update the one that has it.

        *document* is the object under ``customer``, which stands at the JSON pointer *at*; *beside*
        is what was found around it. Raises `ValidationFailed`, or `NotFound` for a tax code or
        payment provider that the organization lacks; then nothing is changed.
        """
        checked = self._contract.check(document, premium=self._profile.premium, at=at)
        external_id = checked.given.get("external_id")
        stored = self._store.get(external_id) if isinstance(external_id, str) else None
        violations = upsert.violations(self._contract, stored, checked, self._taxes, at)
        remarks = checked.remarks
        if beside:
            violations += (found for found in beside if isinstance(found, Violation))
            remarks += (found for found in beside if isinstance(found, Remark))
        if violations:
            raise refusal(violations, remarks)
        kept, answered = self._applied(stored, checked.given, at, stamp(self._clock()))
        remarks += upsert.remarks(stored, kept, checked.given, at)
        return Answer(self._wrapped(answered, kept.tax_codes), remarks)

    def clear(self) -> int:
        """Delete all customers as if one by one; return how many there were."""
        number = len(self._store)
        self._store.clear()
        return number

    def show(self, external_id: str) -> Answer:
        """Return one customer; raise `NotFound` where no one has *external_id*."""
        card = self._store.card(external_id)
        if card is None:
            raise self._missing(external_id)
        return Answer(b'{"customer":%b}' % cards.shown(card, self._tax))

    def delete(self, external_id: str) -> Answer:
        """Delete a customer and return it as it was last; raise `NotFound` where there is none.

        Its number stays used (behaviour reference, sections 4.1 and 7).
        """
        customer = self._found(external_id)
        last = customer._replace(updated_at=stamp(self._clock()))
        body = self._wrapped(self._store.put(last), last.tax_codes)
        self._store.delete(customer)
        return Answer(body)

    def page(self, start: int, size: int) -> list[bytes]:
        """Return at most *size* customers from the place *start* on, each as JSON text."""
        tax = cache(self._tax)  # its counts do not change meanwhile
        return [cards.shown(card, tax) for card in self._store.page(start, size)]

    def portal_url(self, external_id: str) -> Answer:
        """Return a signed link to a customer's portal; raise `NotFound`."""
        customer = self._found(external_id)
        return Answer(
            texts.written(links.portal_link(customer, self._clock(), self._fakery.signature))
        )

    def checkout_url(self, external_id: str) -> Answer:
        """Return a link to the page where a customer enters a means of payment.

        Raises `NotFound` without the customer or a connected provider, `ValidationFailed` for a
        customer that no provider knows (behaviour reference, section 7).
        """
        customer = self._found(external_id)
        unlinked = links.unlinked(self._contract, customer)
        if unlinked is not None:
            raise ValidationFailed([unlinked])
        self._refuse_unconnected(customer.billing["payment_provider"], "path external_id")
        token = self._fakery.token(32, "checkout", customer.lago_id)
        return Answer(texts.written(links.checkout_link(customer, self._contract, token)))

    def _settled(self, newcomers: Iterator[Newcomer]) -> list[str]:
        """Take up *newcomers*; pass over those whose external_id is in use already."""
        made: list[str] = []
        for newcomer in newcomers:
            document = newcomer.document
            external_id: str = document["external_id"]
            if self._store.card(external_id) is None:
                self._applied(None, document, "/customer", stamp(newcomer.created_at))
                made.append(external_id)
        return made

    def _applied(
        self, stored: Customer | None, given: dict[str, Any], at: str, now: str
    ) -> tuple[Customer, bytes]:
        """Store the customer as it is from *now* on; return it, and what the answer shows.

        They differ where the payment provider is asked to make the customer, without ``sync``:
        Lago's job for that runs after the answer, so only the next read shows its identifier.
        """
        before = stored or self._blank(given["external_id"], now)
        new = stored is None
        after, new_tax = upsert.updated(before, given, self._surroundings, now, new=new)
        settings = given.get("billing_configuration", {})
        made = after
        if billing.awaits_provider(after, settings):
            made = self._made_at_provider(after, settings, f"{at}/billing_configuration")
        if new_tax is not None:
            self._taxes.make(new_tax, now)
        # What is shown before its time is replaced at once.
        shown = None if made is after or settings.get("sync") else self._store.put(after)
        kept = self._store.put(made)
        return made, shown or kept

    def _blank(self, external_id: str, now: str) -> Customer:
        generation = self._store.generation(external_id)
        number = self._store.next_number()
        return Customer(
            self._fakery.uuid("customer", external_id, generation),
            external_id,
            number,
            upsert.slug(self._prefix, number),
            now,
            now,
            self._contract.defaults,
            self._contract.billing_defaults,
        )

    def _found(self, external_id: str) -> Customer:
        customer = self._store.get(external_id)
        if customer is None:
            raise self._missing(external_id)
        return customer

    def _missing(self, external_id: str) -> NotFound:
        store, known = self._store, self._store.names(_COMPARED)
        fault = missing(
            external_id,
            known,
            owner=store.owner(external_id, known),
            total=len(store),
            deleted=store.generation(external_id) > 0,
        )
        return NotFound("customer", fault)

    def _wrapped(self, answer: bytes, codes: Sequence[str]) -> bytes:
        return b"".join((b'{"customer":', *cards.taxed(answer, codes, self._tax), b"}"))

    def _tax(self, code: str) -> bytes:
        return self._taxes.text(code, self._store.uses(code))

    def _made_at_provider(
        self, customer: Customer, settings: Mapping[str, Any], at: str
    ) -> Customer:
        provider = customer.billing["payment_provider"]
        if provider not in self._profile.payment_providers:
            # Lago skips the call for an unconnected Stripe, and fails for the other two.
            if settings.get("sync") and provider != billing.METHODS_OF:
                self._refuse_unconnected(provider, f"{at}/payment_provider")
            return customer
        made = self._fakery.provider_customer_id(provider, customer.lago_id)
        return billing.provisioned(customer, made)

    def _refuse_unconnected(self, provider: str, where: str) -> None:
        connected = self._profile.payment_providers
        if provider not in connected:
            note = f"a provider that is connected: {', '.join(connected) or 'none is'}"
            note += "; see payment_providers in the fixtures file"
            fault = Fault(where, "provider", provider, note)
            raise NotFound(f"{provider}_payment_provider", fault)
