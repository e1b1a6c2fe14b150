"""What our server puts into a WSGI environ, for the application to arrange things with it.

Another server puts nothing there, and the application gets by without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

# A function that ends the connection: after what was written, or with ``reset=True`` at once and by
# a reset. It does not return.
HANG_UP = "mockserver.hang_up"
# A function to be called before the request is going to wait, so that others are served meanwhile.
WAIT = "mockserver.wait"
# Whether the client may send another request.
KEEP_ALIVE = "mockserver.keep_alive"


def about_to_wait(environ: WSGIEnvironment) -> None:
    """Tell the server, if it wants to know, that the request *environ* is going to wait."""
    if WAIT in environ:
        environ[WAIT]()
