"""The time, as a thing to be handed over: nothing below ``web`` asks the system for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Return *moment* as Lago writes it: UTC, whole seconds, the fraction cut.

    Source: behaviour reference, section 4.1.
    """
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
