"""Identifiers made by Faker, derived from what they belong to and never from a running sequence.

The same seed, API key and names give the same value, in whatever order requests arrive.
"""

from __future__ import annotations

from hashlib import blake2b, sha1
from random import Random  # noqa: TID251 (this is where chance comes from)
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
# Of the bits of a UUID, those that are random, and those that say that they are (RFC 9562).
_FREE, _VERSION_4 = ~(0xF << 76 | 0x3 << 62), 0x4 << 76 | 0x2 << 62
_END = 1 << 512  # a bit behind those that can be thrown


class Fakery:
    """What an organization makes up, derived from *seed* and *key*. Safe for threads."""

    def __init__(self, seed: str, key: str) -> None:
        self._root = blake2b(repr((seed, key)).encode())
        self._population = Population(seed)
        self._chance = _Derived()
        generator = Generator()
        generator.random = self._chance
        self._provider = _Provider(generator)
        self._lock = Lock()

    def uuid(self, *names: object) -> str:
        """Return the UUID of the thing with these *names*."""
        with self._lock:
            self._chance.begin(self._of(names))
            return self._provider.lago_id()

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
        return sha1(self._of((text,)), usedforsecurity=False).hexdigest()

    def _lexified(self, pattern: str, letters: str, *names: object) -> str:
        with self._lock:
            self._chance.begin(self._of(names))
            return str(self._provider.lexify(pattern, letters=letters))

    def _number(self, names: tuple[object, ...]) -> int:
        return int.from_bytes(self._of(names))

    def _of(self, names: tuple[object, ...]) -> bytes:
        """Return what follows from seed, key and *names*, 64 bytes."""
        root = self._root.copy()
        root.update(repr(names).encode())
        return root.digest()


class _Provider(Provider):
    """Faker's provider of miscellany, with what Lago names things by."""

    def lago_id(self) -> str:
        """Return what ``uuid4`` does, made of the same bits in a third of the time."""
        bits = self.generator.random.getrandbits(128)
        digits = f"{bits & _FREE | _VERSION_4:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class _Derived(Random):
    """Chance that follows from 64 bytes, for Random's own takes long to be seeded anew."""

    def begin(self, root: bytes) -> None:
        """Begin anew with what follows from *root*, 64 bytes."""
        self._root, self._left = root, int.from_bytes(root) | _END

    def getrandbits(self, k: int, /) -> int:
        """Return the next *k* bits, at most 512."""
        if self._left < 1 << k:
            self.begin(blake2b(self._root).digest())
        left = self._left
        self._left = left >> k
        return left & ((1 << k) - 1)
