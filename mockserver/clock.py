"""The time, as a thing to be handed over: nothing below ``web`` asks the system for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

Clock = Callable[[], datetime]
_EPOCH, _SECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Return *moment*, which has a time zone, as Lago writes it: UTC, whole seconds, no fraction.

    Source: behaviour reference, section 4.1.
    """
    return _stamp((moment - _EPOCH) // _SECOND)


@lru_cache(maxsize=64)  # most requests come in the second of the one before
def _stamp(second: int) -> str:
    moment = _EPOCH + second * _SECOND
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


class SettableClock:
    """A clock that follows *base* until it is frozen or advanced, and again once released."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._frozen: datetime | None = None
        self._offset = timedelta(0)

    def __call__(self) -> datetime:
        """Return the moment that this clock shows."""
        moment = self._frozen or self._base()
        return moment + self._offset if self._offset else moment

    @property
    def frozen(self) -> bool:
        """Whether the time stands still, of its own or because the one below does."""
        return self._frozen is not None or bool(getattr(self._base, "frozen", False))

    def freeze(self, moment: datetime | None = None) -> None:
        """Stand still at *moment*, by default at the one that is shown."""
        moment = moment or self()
        self._frozen, self._offset = moment, timedelta(0)

    def advance(self, duration: timedelta) -> None:
        """Go forward by *duration*, frozen or not; raise OverflowError past the year 9999."""
        self._offset = self() + duration - (self._frozen or self._base())

    def release(self) -> None:
        """Show what the clock below shows, nothing added."""
        self._frozen, self._offset = None, timedelta(0)

    def readable(self) -> dict[str, object]:
        """Return the clock with the keys of ``control.json#/$defs/clock``."""
        ahead = self() - self._base()
        return {
            "now": stamp(self()),
            "frozen": self.frozen,
            "offset_seconds": round(ahead.total_seconds(), 3),
        }
