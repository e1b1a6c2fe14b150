"""Faults on demand: what to break, for which requests, how often.

A fault is written the same wherever it is asked for: a status (``429``), ``delay 250`` or
``delay 100-900`` in milliseconds, ``reset``, ``truncate``, ``invalid_json``. In an external_id all
of it is written with hyphens.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver.addresses import is_meant
from mockserver.explanation import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockserver.fakery import Fakery

LONGEST_DELAY = 60_000  # milliseconds
BREAKING = ("reset", "truncate", "invalid_json")
_STATUS = re.compile("[45][0-9][0-9]")
_DELAY = re.compile("delay[ -]([0-9]{1,5})(?:-([0-9]{1,5}))?")
MAGIC = "fault-"  # how an external_id begins that asks for a fault
_MAGIC = re.compile(f"{MAGIC}(.+?)(?:-times-([0-9]{{1,6}}))?")


class FaultRefused(ValueError):
    """A fault is not written as one; *suggestion* is what may have been meant, or None."""

    def __init__(self, suggestion: str | None) -> None:
        self.suggestion = suggestion
        super().__init__(f"a status from 400 to 599, delay N, delay N-M, {', '.join(BREAKING)}")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault does: *name* it, answer with *status*, or *delay*, or break the answer.

    *delay* is a range in milliseconds. What has neither is one of `BREAKING` by its name.
    """

    name: str
    status: int | None = None
    delay: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """A fault that a request meets: its *effect*, *milliseconds* of delay, and *why*."""

    effect: Effect
    milliseconds: int
    why: str


@dataclass(slots=True)
class Rule:
    """A fault for the requests that match what is not None, *times* of them or all.

    *met* counts those that met it.
    """

    id: str
    effect: Effect
    method: str | None = None
    path: str | None = None
    external_id: str | None = None
    times: int | None = None
    met: int = 0

    @property
    def left(self) -> int | None:
        """How many more requests meet it; None is no end."""
        return None if self.times is None else self.times - self.met

    def matches(self, method: str, path: str, external_id: str | None) -> bool:
        """Say whether a request is meant."""
        return (
            (self.method is None or self.method == method)
            and (self.external_id is None or self.external_id == external_id)
            and (self.path is None or is_meant(self.path, path))
        )

    def readable(self) -> dict[str, Any]:
        """Return the rule with the keys of ``control.json#/$defs/fault``."""
        return {
            "id": self.id,
            "fault": self.effect.name,
            "method": self.method,
            "path": self.path,
            "external_id": self.external_id,
            "times": self.times,
            "left": self.left,
            "met": self.met,
        }


def effect(text: str) -> Effect:
    """Return what the fault written as *text* does; raise `FaultRefused` if it is none."""
    if _STATUS.fullmatch(text):
        return Effect(text, status=int(text))
    if text.replace("-", "_") in BREAKING:
        return Effect(text.replace("-", "_"))
    delay = _DELAY.fullmatch(text)
    if delay:
        low, high = int(delay[1]), int(delay[2] or delay[1])
        if low <= high <= LONGEST_DELAY:
            return Effect(text.replace("-", " ", 1) if text[5] == "-" else text, delay=(low, high))
    raise FaultRefused(nearest(text, (*BREAKING, "delay 250")))


class Faults:
    """The faults of one organization, or of a whole server. Safe for threads.

    *fakery* chooses within the ranges of delays, so that a seed repeats them. Most servers have
    none, so whether any *are_there* is asked first.
    """

    def __init__(self, fakery: Fakery) -> None:
        self.are_there = False
        self._fakery = fakery
        self._lock = Lock()
        self._ids = count(1)
        self._rules: dict[str, Rule] = {}
        self._delayed = count()
        self._met_by_name: Counter[str] = Counter()

    def add(self, meant: Effect, **wanted: Any) -> Rule:
        """Break the requests with *wanted* from now on; return the rule, which has an id."""
        with self._lock:
            rule = Rule(str(next(self._ids)), meant, **wanted)
            self._rules[rule.id] = rule
            self.are_there = True
            return rule

    def remove(self, rule_id: str) -> Rule | None:
        """Take the rule *rule_id* away and return it, or None if there is none."""
        with self._lock:
            removed = self._rules.pop(rule_id, None)
            self.are_there = bool(self._rules)
            return removed

    def clear(self) -> int:
        """Take all rules away, forget how often each was met; return how many there were."""
        with self._lock:
            number = len(self._rules)
            self._rules.clear()
            self.are_there = False
            self._met_by_name.clear()
            return number

    def __iter__(self) -> Iterator[Rule]:
        """Return the rules there are, those that have nothing left included."""
        with self._lock:
            return iter([*self._rules.values()])

    def met(
        self, method: str, path: str, external_id: str | None, *, named: bool = False
    ) -> list[Met]:
        """Return the faults that a request meets, and count it for their rules.

        All delays are met, and the first of the others. With *named*, an *external_id* that is
        written like a fault asks for it, as in ``fault-429-times-2``.
        """
        met: list[Met] = []
        with self._lock:
            for rule in self._rules.values():
                over = rule.effect.delay is None and any(not each.effect.delay for each in met)
                if over or rule.left == 0 or not rule.matches(method, path, external_id):
                    continue
                rule.met += 1
                met.append(self._delay(rule.effect, f"fault {rule.id} of the control API"))
            if named and external_id and not met:
                met += self._asked_by_name(external_id)
        return met

    def asked(self, text: str) -> list[Met]:
        """Return the faults that *text*, the value of a header ``Mock-Fault``, asks for.

        Raises `FaultRefused`.
        """
        effects = [effect(part.strip()) for part in text.split(",")]
        with self._lock:
            return [self._delay(each, "the header Mock-Fault") for each in effects]

    def _asked_by_name(self, external_id: str) -> Iterator[Met]:
        magic = _MAGIC.fullmatch(external_id)
        if magic is None:
            return
        try:
            meant = effect(magic[1])
        except FaultRefused:
            return
        if magic[2] is None or self._met_by_name[external_id] < int(magic[2]):
            self._met_by_name[external_id] += 1
            yield self._delay(meant, "the external_id")

    def _delay(self, meant: Effect, why: str) -> Met:
        if meant.delay is None:
            return Met(meant, 0, why)
        low, high = meant.delay
        return Met(meant, self._fakery.between(low, high, "delay", next(self._delayed)), why)
