"""What is answered when the server itself fails: Lago's envelope, and the truth in the log."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import BadRequest


@pytest.fixture
def failing_client(make_app):
    """A client of a server with a bug: GET /broken raises."""
    app = make_app()

    def broken():
        raise KeyError("a bug")

    def garbled():
        raise BadRequest

    app.add_url_rule("/broken", view_func=broken)
    app.add_url_rule("/garbled", view_func=garbled)
    return app.test_client()


def test_a_bug_is_a_500_in_lagos_envelope_that_blames_nobody_else(failing_client):
    response = failing_client.get("/broken")

    assert response.status_code == 500
    assert response.json == {"status": 500, "error": "Internal Server Error"}
    assert "a bug of the server" in response.headers["Mock-Explanation"]


def test_a_bug_is_logged_with_its_traceback(failing_client, caplog):
    failing_client.get("/broken")

    (record,) = caplog.records
    assert record.exc_info[0] is KeyError


def test_a_request_that_the_framework_cannot_read_is_a_400_in_lagos_envelope(failing_client):
    response = failing_client.get("/garbled")

    assert response.status_code == 400
    assert response.json == {"status": 400, "error": "Bad Request"}
    assert response.headers["Mock-Explanation"].startswith("request: ")


def test_a_second_process_is_refused_rather_than_wrong(make_app):
    client = make_app().test_client()

    response = client.get("/health", environ_overrides={"wsgi.multiprocess": True})

    assert response.status_code == 503
    assert response.json == {"status": 503, "error": "Service Unavailable"}
    assert "start it with a single worker" in response.headers["Mock-Explanation"]


def test_a_bug_is_raised_where_the_application_is_under_test(failing_client):
    failing_client.application.testing = True

    with pytest.raises(KeyError, match="a bug"):
        failing_client.get("/broken")
