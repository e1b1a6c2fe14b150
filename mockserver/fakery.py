"""Identifiers made by Faker, derived from what they belong to and never from a running sequence.

The same seed, API key and names give the same value, in whatever order requests arrive.
"""

from __future__ import annotations

from hashlib import blake2b, sha1
from string import ascii_letters, ascii_uppercase, digits
from threading import Lock
from typing import TYPE_CHECKING

from faker.generator import Generator
from faker.providers.misc import Provider

from mockserver.population import Population

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mockserver.population import Newcomer

_PROVIDER_IDS = {
    "stripe": ("cus_??????????????", ascii_letters + digits),
    "gocardless": ("CU????????????", ascii_uppercase + digits),
}
_OTHER_PROVIDER_IDS = ("????????????????", ascii_uppercase + digits)


class Fakery:
    """What an organization makes up, derived from *seed* and *key*. Safe for threads."""

    def __init__(self, seed: str, key: str) -> None:
        self._root = (seed, key)
        self._population = Population(seed)
        self._generator = Generator()
        self._provider = Provider(self._generator)
        self._lock = Lock()

    def uuid(self, *names: object) -> str:
        """Return the UUID of the thing with these *names*."""
        with self._lock:
            self._generator.seed_instance(self._number(names))
            return str(self._provider.uuid4())

    def provider_customer_id(self, provider: str, lago_id: str) -> str:
        """Return the identifier of the customer *lago_id* at *provider*, in its style."""
        pattern, letters = _PROVIDER_IDS.get(provider, _OTHER_PROVIDER_IDS)
        return self._lexified(pattern, letters, provider, lago_id)

    def token(self, length: int, *names: object) -> str:
        """Return *length* letters and digits for the thing with these *names*."""
        return self._lexified("?" * length, ascii_letters + digits, *names)

    def between(self, low: int, high: int, *names: object) -> int:
        """Return a number from *low* to *high* for the thing with these *names*."""
        return low + self._number(names) % (high - low + 1)

    def newcomers(self, start: int, count: int, now: datetime) -> Iterator[Newcomer]:
        """Return *count* customers of the time before *now*, from the number *start* on.

        They depend on the seed and not on the key: what a developer has seen once is seen again.
        """
        return self._population.customers(start, count, now)

    def signature(self, text: str) -> str:
        """Return 40 hexadecimal digits that only this organization puts under *text*."""
        return sha1(f"{self._root}{text}".encode(), usedforsecurity=False).hexdigest()

    def _lexified(self, pattern: str, letters: str, *names: object) -> str:
        with self._lock:
            self._generator.seed_instance(self._number(names))
            return str(self._provider.lexify(pattern, letters=letters))

    def _number(self, names: tuple[object, ...]) -> int:
        digest = blake2b(repr((*self._root, *names)).encode(), digest_size=8)
        return int.from_bytes(digest.digest())
