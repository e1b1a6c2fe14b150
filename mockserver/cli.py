"""The command line: arguments, signals, and what a person reads.

Flask, jsonschema and Faker are imported only by the commands that need them, so ``--help`` is
quick.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mockserver import options
from mockserver.console import Console
from mockserver.data import DEFAULT_VERSION
from mockserver.settings import SettingRefused, Settings, read_settings, variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockserver.organizations import Organizations

_BAD_INPUT = 1
_UNHEALTHY = 1  # the only failure that Docker's HEALTHCHECK knows
_BAD_START = 2


class _OneLine(click.Group):
    """A group whose complaints about arguments are one line that says where to look."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; wrong arguments end it with exit status 2."""
        try:
            status = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            status = 0
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "lago-mockserver"
            text = error.format_message()
            stop = "" if text.endswith((".", "?", "?)")) else "."
            _fail(f"{text}{stop} See {command} --help.", _BAD_START)
        except (click.Abort, KeyboardInterrupt):
            _fail("Stopped.", _BAD_INPUT)
        sys.exit(status if isinstance(status, int) else 0)


@click.group(
    cls=_OneLine,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: lago-mockserver serve",
)
@click.version_option(package_name="lago-mockserver", message="lago-mockserver %(version)s")
def main() -> None:
    """Stand in for Lago's customers API, and say exactly what is wrong with a request."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for each in reversed(fields(Settings)):
        standard = options.default(each)
        click.option(
            options.flag(each),
            each.name,
            metavar=each.metadata["metavar"],
            multiple=isinstance(each.default, tuple),
            is_flag=isinstance(each.default, bool) or None,
            help=f"{each.metadata['text']}  [{variable(each.name)}{standard and f'={standard}'}]",
        )(command)
    return command


@main.command(
    epilog="\b\nTry it: curl -H 'Authorization: Bearer me' http://127.0.0.1:3000/api/v1/customers"
)
@_options
def serve(**arguments: Any) -> None:
    """Serve the API until Ctrl-C or SIGTERM.

    Every API key is an organization of its own: its customers, numbers and identifiers are kept in
    memory and seen by no other key. One process holds them all; it has no workers to be shared by.
    Each option can also be set in the environment: the brackets name the variable, with the default
    if there is one. PORT stands in for a LAGO_MOCK_PORT that is not set.
    """
    from mockserver import memory
    from mockserver.profile import FixturesRefused
    from mockserver.server import PortTaken, Server
    from mockserver.web import create_app

    try:
        settings = read_settings(os.environ, **_given(arguments))
        console = Console(_painter(), as_json=settings.log_format == "json")
        report = None if settings.quiet else lambda entry: _tell(console.request(entry))
        with _progress(settings.populate) as bar:
            app = create_app(settings, report=report, made_up=bar.update)
        server = Server(app, settings.host, settings.port)
    except (SettingRefused, FixturesRefused, PortTaken) as error:
        _fail(str(error), _BAD_START)
    organizations = app.extensions["mockserver"]
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: server.stop())
    memory.arrange()
    _tell(console.event("start", _greeting(settings, server.url), url=server.url))
    with _watching(settings, organizations, console):
        server.run()


def _given(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return *arguments* without the flags that were not given, which the environment may set."""
    return {name: value for name, value in arguments.items() if value is not False}


def _greeting(settings: Settings, url: str) -> str:
    keys = "the given API keys" if settings.api_key else "any API key"
    first = f"Serving Lago {DEFAULT_VERSION} on {url} for {keys}. Ctrl-C stops it."
    if not settings.admin:
        second = "The control API is off, as others can reach this server: set --admin-token."
    elif settings.admin_token:
        second = f"The page and the control API are at {url}/__admin/ for those with the token."
    else:
        second = f"What is asked, and why it is refused: {url}/__admin/"
    return f"{first}\n{second}"


def _progress(number: int) -> Any:
    """Return a bar for *number* customers to be made up, shown where somebody watches."""
    hidden = not number or not sys.stderr.isatty()
    return click.progressbar(
        length=number, label="Making up customers", file=sys.stderr, hidden=hidden
    )


@contextmanager
def _watching(settings: Settings, organizations: Organizations, console: Console) -> Iterator[None]:
    if not settings.watch or settings.fixtures is None:
        yield
        return
    from mockserver.profile import FixturesRefused
    from mockserver.watching import Watcher

    file = settings.fixtures

    def reload() -> None:
        try:
            number = organizations.reload()
        except FixturesRefused as error:
            text = f"{file} has changed and is bad; all stays as it was.\n{error}"
            _tell(console.event("reload_refused", text))
        else:
            who = "one organization starts" if number == 1 else f"{number} organizations start"
            text = f"{file} has changed; {who} afresh from it."
            _tell(console.event("reload", text, organizations=number))

    with Watcher(file, reload):
        yield


@main.command()
@click.argument("url", metavar="[URL]", required=False)
def healthcheck(url: str | None) -> None:
    """Ask a server whether it is well; exit status 0 if so, else 1.

    URL is the server's address. Without it, that is the one that serve would take here, from
    LAGO_MOCK_HOST and LAGO_MOCK_PORT (or PORT).
    """
    from mockserver.health import NotHealthy, address, check

    try:
        if url is None:
            settings = read_settings(os.environ)
            url = address(settings.host, settings.port)
        check(url)
    except (SettingRefused, NotHealthy) as error:
        _fail(str(error), _UNHEALTHY)
    click.echo(f"{url} is healthy.")


@main.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
def validate(files: tuple[str, ...]) -> None:
    """Check request bodies against the contract, without a server.

    FILE holds the JSON body of a POST to /api/v1/customers; - reads it from standard input. Exit
    status: 0 when every body is good, 1 when one is not, 2 when a file cannot be read.
    """
    from mockserver.checking import checked_body
    from mockserver.contract import Contract
    from mockserver.explanation import line
    from mockserver.findings import Fault

    contract = Contract()
    bad = False
    for file in files:
        found = checked_body(contract, _read(file))
        refused = any(isinstance(finding, Fault) for finding in found)
        bad |= refused
        click.echo(f"{file}: {'refused' if refused else 'good'}")
        for finding in found:
            click.echo(f"  {line(finding)}")
    sys.exit(_BAD_INPUT if bad else 0)


@main.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of exactly what is served."""
    from mockserver.openapi import document

    click.echo(json.dumps(document(), indent=2, ensure_ascii=False))


def _tell(text: str) -> None:
    """Write *text* at once; that nobody reads it any more hinders no request."""
    try:
        click.echo(text, err=True)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stderr.fileno())


def _painter() -> Callable[..., str]:
    """Return what gives a text a style, where there is a terminal that may show it."""
    plain = os.environ.get("NO_COLOR") or not sys.stderr.isatty()
    return (lambda text, **_: text) if plain else click.style


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        _fail(f"{file} cannot be read: {error.strerror}.", _BAD_START)


def _fail(text: str, status: int) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(status)
