"""The organizations over HTTP: a Flask application made of a few blueprints.

Nothing is kept in the module: `create_app` called twice makes two servers that are strangers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.clock import system_clock
from mockserver.organizations import Organizations
from mockserver.settings import Settings
from mockserver.web import (
    admin,
    control,
    customers,
    exchange,
    organizations,
    page,
    system,
)
from mockserver.web.application import Application
from mockserver.web.passage import Passage
from mockserver.web.paths import SegmentConverter

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from mockserver.clock import Clock
    from mockserver.journal import Entry


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
    app = Application("mockserver", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.converters["segment"] = SegmentConverter
    app.extensions["mockserver"] = known = Organizations(settings, clock, made_up, exchange.wait)
    for each in (customers, system, admin, control, organizations, page):
        app.register_blueprint(each.blueprint)
    app.wsgi_app = Passage(app, known, clock, report)  # type: ignore[assignment, method-assign]
    return app
