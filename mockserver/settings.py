"""What can be set: defaults, then the environment, then arguments, read strictly."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "LAGO_MOCK_"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LARGEST_PORT = 65535


class SettingRefused(Exception):
    """A setting has a value that cannot be used; the text says which and what to do."""


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _port(value: str) -> int:
    if not value.isdecimal() or int(value) > _LARGEST_PORT:
        raise ValueError(f"must be a number from 0 to {_LARGEST_PORT} (0: any free port)")
    return int(value)


def _size(value: str) -> int:
    if not value.isdecimal():
        raise ValueError("must be a whole number, 0 or more")
    return int(value)


def _keys(value: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(","))
    if not all(keys):
        raise ValueError("must be keys separated by commas, none of them empty")
    return keys


def _unknown_fields(value: str) -> str:
    if value not in {"report", "reject"}:
        raise ValueError("must be report or reject")
    return value


def _setting(default: Any, parse: Callable[[str], Any], metavar: str, text: str) -> Any:
    return field(default=default, metadata={"parse": parse, "metavar": metavar, "text": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a server is set up.

    Each field is also an option of ``serve`` and an environment variable: ``journal_size`` is
    ``--journal-size`` and ``LAGO_MOCK_JOURNAL_SIZE``.
    """

    host: str = _setting(
        "127.0.0.1", _text, "HOST", "Address to listen on; 0.0.0.0 is every address."
    )
    port: int = _setting(3000, _port, "PORT", "Port to listen on; 0 takes any free one.")
    api_key: tuple[str, ...] = _setting(
        (),
        _keys,
        "KEY",
        "Accept only this key; repeatable, comma-separated in the environment."
        " By default every key is accepted.",
    )
    fixtures: Path | None = _setting(
        None, Path, "FILE", "JSON file with the organization and customers to start with."
    )
    seed: str = _setting(
        "lago", _text, "SEED", "Seed of made-up values: the same seed gives the same identifiers."
    )
    unknown_fields: str = _setting(
        "report",
        _unknown_fields,
        "report|reject",
        "Drop and report unknown keys as Lago drops them, or refuse them with 422.",
    )
    journal_size: int = _setting(
        1000, _size, "N", "Requests that the journal of each key remembers."
    )

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK or self.host.startswith("127.")


def variable(name: str) -> str:
    """Return the environment variable of the setting *name*."""
    return PREFIX + name.upper()


def read_settings(environ: Mapping[str, str], **arguments: Any) -> Settings:
    """Return the settings: defaults, overridden by *environ*, overridden by *arguments*.

    Arguments that are None, or an empty tuple, count as not given; texts among them are parsed as
    the environment's are. Raises `SettingRefused` for a value that cannot be used, and for a
    variable that begins with ``LAGO_MOCK_`` and is no setting.
    """
    known = {variable(each.name): each for each in fields(Settings)}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        names = ", ".join(known)
        raise SettingRefused(f"{unknown[0]} is no setting; the settings are {names}.")
    values = {
        each.name: _parsed(name, environ[name], each.metadata["parse"])
        for name, each in known.items()
        if environ.get(name)
    }
    for each in fields(Settings):
        given = arguments.get(each.name)
        if given is not None and given != ():
            option = f"--{each.name.replace('_', '-')}"
            parse = each.metadata["parse"]
            text = isinstance(given, str)
            values[each.name] = _parsed(option, given, parse) if text else given
    return Settings(**values)


def _parsed(name: str, value: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        raise SettingRefused(f"{name} {error}, not {value!r}.") from None
