"""How a setting is written: its option and its default, for ``--help`` and the README."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import Field


def flag(setting: Field[Any]) -> str:
    """Return the option without its value, such as ``--journal-size``."""
    return f"--{setting.name.replace('_', '-')}"


def default(setting: Field[Any]) -> str:
    """Return the default as the environment would give it; nothing where there is none."""
    if setting.default is False:
        return "off"
    if isinstance(setting.default, tuple):
        return ",".join(setting.default)
    return "" if setting.default is None else str(setting.default)
