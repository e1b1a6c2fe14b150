"""Ask a running server whether it is well, with nothing but the standard library: it is quick."""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from urllib.parse import urlsplit

PATIENCE = 2.0  # seconds that connecting, and the answer, may each take


class NotHealthy(Exception):
    """No healthy server is there; the text says where and why."""


def address(host: str, port: int) -> str:
    """Return the URL at which this machine reaches a server that listens on *host* and *port*.

    Raises `NotHealthy` for port 0, which says of no port that it is the one.
    """
    if port == 0:
        raise NotHealthy("Port 0 is any free port: say which address to ask.")
    return f"http://{_reached(host)}:{port}"


def check(url: str) -> None:
    """Ask for ``/__admin/health`` below *url*, ``http://HOST[:PORT][/PATH]``, past any proxy.

    Lago's own ``/health`` would stand in journal and on console each time. Raises `NotHealthy`
    unless the answer is 200.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme != "http":
        raise NotHealthy(f"{url!r} is no address: expected http://HOST:PORT.")
    connection = HTTPConnection(host, port, timeout=PATIENCE)
    try:
        path = parts.path.rstrip("/").removesuffix("/health").removesuffix("/__admin")
        connection.request("GET", f"{path}/__admin/health")
        status = connection.getresponse().status
    except (OSError, ValueError, HTTPException) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NotHealthy(f"{url} is not healthy: {why}.") from error
    finally:
        connection.close()
    if status != HTTPStatus.OK:
        raise NotHealthy(f"{url} is not healthy: it answers {status}.")


def _reached(host: str) -> str:
    try:
        listening = ip_address(host)
    except ValueError:
        return host
    if listening.is_unspecified:
        return "127.0.0.1" if listening.version == 4 else "[::1]"  # noqa: PLR2004
    return f"[{host}]" if listening.version == 6 else host  # noqa: PLR2004
