"""Flask's routes without Flask's contexts: a request is an `Exchange`, its answer a `Reply`.

A handler and the functions before it find the exchange by `exchange.current`; ``flask.request`` and
its like are not there. Sessions, signals and what else Flask has for every request would cost more
than all that is done for it here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from mockserver import texts
from mockserver.errors import ApiError
from mockserver.web import exchange, refusals
from mockserver.web.answers import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockserver.web.exchange import Exchange

    Step = Callable[..., Any]

_USUAL = 256  # bytes of a path
_MATCHES = 1024  # of the latest, so that a path known by heart is not taken apart again


class Application(Flask):
    """A Flask application whose handlers return a `Reply`, or a dict for a JSON object."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._matched = lru_cache(_MATCHES)(self._match)

    def reply(self, current: Exchange) -> Reply:
        """Return the reply to the request of *current*; whatever goes wrong is a refusal."""
        token = exchange.IN_HAND.set(current)
        try:
            path: str = current.environ["PATH_INFO"]
            match = self._matched if len(path) <= _USUAL else self._match
            current.endpoint, current.arguments, steps = match(current.method, path)
            for admit in steps[:-1]:
                admit()
            result: Any = steps[-1](**current.arguments)
            return result if isinstance(result, Reply) else Reply(texts.written(result))
        except ApiError as error:
            return refusals.refused(error, current)
        except HTTPException as error:
            served = [rule.rule for rule in self.url_map.iter_rules() if not rule.arguments]
            return refusals.unrouted(error, current, served)
        except Exception:
            if self.testing:
                raise
            self.logger.exception("%s %s failed", current.method, current.path)
            return refusals.failed(current)
        finally:
            exchange.IN_HAND.reset(token)

    def _match(self, method: str, path: str) -> tuple[str, dict[str, Any], Sequence[Step]]:
        """Return endpoint and arguments of a request, and what is to be called in turn.

        That is the handler, which gets the arguments, and before it what admits requests to it.
        """
        path = path.encode("latin-1").decode(errors="replace")
        adapter = MapAdapter(self.url_map, "localhost", "/", "", "http", path, method)
        endpoint, arguments = adapter.match()
        admits = self.before_request_funcs.get(endpoint.partition(".")[0], ())
        return endpoint, dict(arguments), (*admits, self.view_functions[endpoint])
