"""The organizations over HTTP: a Flask application made of a few blueprints.

Nothing is kept in the module: `create_app` called twice makes two servers that are strangers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from mockserver.clock import system_clock
from mockserver.organizations import Organizations
from mockserver.settings import Settings
from mockserver.web import (
    admin,
    control,
    cors,
    customers,
    exchange,
    organizations,
    page,
    refusals,
    system,
)
from mockserver.web.answers import LagoJson
from mockserver.web.paths import RawPaths, SegmentConverter
from mockserver.web.wire import BreakableWire

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockserver.clock import Clock
    from mockserver.journal import Entry

BODY_LIMIT = 10 * 1024 * 1024  # bytes; far above any customer, far below what would hurt


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = system_clock,
    report: Callable[[Entry], None] | None = None,
    made_up: Callable[[int], object] = bool,
) -> Flask:
    """Return the WSGI application for *settings*, its customers in memory.

    *clock* tells the time of requests; *report* is called with each entry of the journal, *made_up*
    with the number 1 for each customer that has been made up to start with. Raises
    `FixturesRefused` if the fixtures file cannot be used.
    """
    settings = settings or Settings()
    app = Flask("mockserver", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.json = LagoJson(app)
    app.url_map.converters["segment"] = SegmentConverter
    exchange.install(app, settings, Organizations(settings, clock, made_up), clock, report)
    cors.install(app, settings.cors_origin)
    refusals.install(app)
    for each in (customers, system, admin, control, organizations, page):
        app.register_blueprint(each.blueprint)
    app.wsgi_app = RawPaths(BreakableWire(app.wsgi_app))  # type: ignore[assignment, method-assign]
    return app
