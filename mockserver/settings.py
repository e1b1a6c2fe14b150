"""What can be set: defaults, then the environment, then arguments, read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "LAGO_MOCK_"
_FLAG_WORDS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
_OFF = False
_ORIGIN_WORDS = {"local", "*", "off"}
_ORIGIN = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?", re.ASCII)
PLATFORM_PORT = "PORT"  # where hosting platforms say on which port they expect a server
# Kubernetes tells every container of the services beside it. Those of one named lago-mock, or
# lago-mock-eu, begin like our settings, and nobody can help it: they are no slips.
_SERVICE_NAME = re.compile(
    rf"{PREFIX}(\w+_)?"
    r"(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
_SERVICE_PORT_NAME = re.compile(rf"{PREFIX}(\w+_)?PORT")
_SERVICE_PORT_VALUE = re.compile(r"(tcp|udp|sctp)://.+")
_LARGEST_PORT = 65535
_LARGEST_SIZE = 1_000_000
_MOST_SHOWN = 60


class SettingRefused(Exception):
    """A setting has a value that cannot be used; the text says which and what to do."""


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _number(value: str, largest: int) -> int:
    if not (value.isascii() and value.isdecimal()) or len(value) > len(str(largest)):
        raise ValueError
    if int(value) > largest:
        raise ValueError
    return int(value)


def _port(value: str) -> int:
    try:
        return _number(value, _LARGEST_PORT)
    except ValueError:
        raise ValueError(f"must be a number from 0 to {_LARGEST_PORT} (0: any free port)") from None


def _size(value: str) -> int:
    try:
        return _number(value, _LARGEST_SIZE)
    except ValueError:
        raise ValueError(f"must be a whole number from 0 to {_LARGEST_SIZE}") from None


def _keys(value: str | tuple[str, ...]) -> tuple[str, ...]:
    lists = [value] if isinstance(value, str) else value
    keys = tuple(key.strip() for each in lists for key in each.split(","))
    if any(len(key.split()) != 1 for key in keys):
        raise ValueError("must be keys without spaces, none of them empty")
    return keys


def _token(value: str) -> str:
    if not re.fullmatch("[!-~]+", value):
        raise ValueError("must be visible ASCII characters without spaces")
    return value


def _origins(value: str | tuple[str, ...]) -> tuple[str, ...]:
    lists = [value] if isinstance(value, str) else value
    origins = tuple(each.strip().rstrip("/").lower() for one in lists for each in one.split(","))
    if not all(each in _ORIGIN_WORDS or _ORIGIN.fullmatch(each) for each in origins):
        raise ValueError("must be local, * or off, or origins such as https://app.example")
    if "off" in origins and len(origins) > 1:
        raise ValueError("must not name origins beside off")
    return origins


def _path(value: str) -> Path:
    return Path(_text(value))


def _unknown_fields(value: str) -> str:
    if value not in {"report", "reject"}:
        raise ValueError("must be report or reject")
    return value


def _log_format(value: str) -> str:
    if value not in {"text", "json"}:
        raise ValueError("must be text or json")
    return value


def _flag(value: str) -> bool:
    if value.lower() not in _FLAG_WORDS:
        raise ValueError("must be true or false")
    return _FLAG_WORDS[value.lower()]


def _setting(default: Any, parse: Callable[[str], Any], metavar: str | None, text: str) -> Any:
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
        "Accept only this key; repeatable, or several separated by commas."
        " By default every key is accepted.",
    )
    fixtures: Path | None = _setting(
        None, _path, "FILE", "JSON file with the organization and customers to start with."
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

    populate: int = _setting(0, _size, "N", "Made-up customers that each organization starts with.")
    cors_origin: tuple[str, ...] = _setting(
        ("local",),
        _origins,
        "ORIGIN",
        "Let pages of this origin read answers; repeatable. local: every port of this machine;"
        " *: everywhere; off: nowhere.",
    )
    admin_token: str | None = _setting(
        None,
        _token,
        "TOKEN",
        "Ask for this token on /__admin. Without it, that is for this machine only.",
    )

    log_format: str = _setting(
        "text", _log_format, "text|json", "Tell each request as a line for people or as JSON."
    )
    quiet: bool = _setting(_OFF, _flag, None, "Tell nothing of requests.")
    watch: bool = _setting(
        _OFF, _flag, None, "Start afresh from the fixtures file whenever it changes."
    )

    @property
    def admin(self) -> bool:
        """Whether ``/__admin`` is served to anybody."""
        return self.loopback or self.admin_token is not None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def variable(name: str) -> str:
    """Return the environment variable of the setting *name*."""
    return PREFIX + name.upper()


def read_settings(environ: Mapping[str, str], **arguments: Any) -> Settings:
    """Return the settings: defaults, overridden by *environ*, overridden by *arguments*.

    Arguments that are None, or an empty tuple, count as not given; texts among them are parsed as
    the environment's are. ``PORT`` stands in for a ``LAGO_MOCK_PORT`` that is not set; what
    Kubernetes says of a service named like us is ignored. Raises `SettingRefused` for a value that
    cannot be used, and for another variable that begins with ``LAGO_MOCK_`` and is no setting.
    """
    environ = {name: text for name, text in environ.items() if not _of_a_service(name, text)}
    known = {variable(each.name): each for each in fields(Settings)}
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        names = ", ".join(known)
        raise SettingRefused(f"{unknown[0]} is no setting; the settings are {names}.")
    strangers = [name for name in arguments if variable(name) not in known]
    if strangers:
        names = ", ".join(each.name for each in fields(Settings))
        raise SettingRefused(f"{strangers[0]} is no setting; the settings are {names}.")
    values = {
        each.name: _parsed(name, environ[name], each.metadata["parse"])
        for name, each in known.items()
        if name in environ
    }
    if variable("port") not in environ and PLATFORM_PORT in environ:
        values["port"] = _parsed(PLATFORM_PORT, environ[PLATFORM_PORT], _port)
    for each in fields(Settings):
        given = arguments.get(each.name)
        if given is not None and given != ():
            option = f"--{each.name.replace('_', '-')}"
            parse = each.metadata["parse"]
            plain = str(given) if isinstance(given, int) else given
            raw = isinstance(plain, str | tuple)
            values[each.name] = _parsed(option, plain, parse) if raw else given
    settings = Settings(**values)
    if settings.watch and settings.fixtures is None:
        raise SettingRefused("--watch needs the file that is to be watched: give --fixtures.")
    return settings


def _of_a_service(name: str, text: str) -> bool:
    if _SERVICE_NAME.fullmatch(name):
        return True
    return bool(_SERVICE_PORT_NAME.fullmatch(name) and _SERVICE_PORT_VALUE.fullmatch(text))


def _parsed(name: str, value: Any, parse: Callable[[Any], Any]) -> Any:
    try:
        return parse(value)
    except ValueError as error:
        # A key is shown to nobody, not even in a complaint about it.
        if parse in {_keys, _token} or not str(value).strip():
            raise SettingRefused(f"{name} {error}.") from None
        shown = repr(",".join(value) if isinstance(value, tuple) else value)
        shown = shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}..."
        raise SettingRefused(f"{name} {error}, not {shown}.") from None
