"""What the server tells of requests: lines for people, objects for machines."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from mockserver.console import Console
from mockserver.findings import Fault, Remark
from mockserver.journal import Entry


def entry(**changes):
    values = {
        "arrival": 1,
        "request_id": "one",
        "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "method": "POST",
        "path": "/api/v1/customers",
        "query": "",
        "body": "",
        "status": 200,
        "seconds": 0.00123,
    }
    return Entry(**{**values, **changes})


def plain(text, **_style):
    return text


def marked(text, **style):
    return f"<{' '.join(map(str, style.values()))}>{text}</>"


def test_a_request_is_one_line():
    text = Console(plain).request(entry())

    assert re.fullmatch(r"\d\d:\d\d:05 POST   /api/v1/customers 200 1\.2 ms", text)


def test_a_query_is_shown_behind_the_path():
    text = Console(plain).request(entry(method="GET", query="page=2"))

    assert "GET    /api/v1/customers?page=2 200" in text


def test_what_is_to_be_said_stands_below_a_line_for_each_finding():
    findings = (Fault("/a", "type", 1, "a text"), Remark("/b", "unknown", 2, "dropped"))

    first, *rest = Console(plain).request(entry(status=422, findings=findings)).split("\n")

    assert " 422 " in first
    assert [line.strip() for line in rest] == [
        "/a: [type] came 1, expected a text",
        "/b: [unknown] came 2, dropped",
    ]


@pytest.mark.parametrize(
    ("changes", "painted"),
    [
        pytest.param({"status": 200}, "<green>200</>", id="success"),
        pytest.param({"status": 304}, "<cyan>304</>", id="not modified"),
        pytest.param({"status": 422}, "<yellow>422</>", id="refusal"),
        pytest.param({"status": 500}, "<red>500</>", id="failure"),
        pytest.param({"status": 503, "fault": "503"}, "<magenta>503</>", id="injected"),
        pytest.param({"status": 0, "fault": "reset"}, "<magenta>reset</>", id="no answer"),
    ],
)
def test_the_status_is_coloured_by_its_class(changes, painted):
    assert painted in Console(marked).request(entry(**changes))


def test_what_a_client_sent_cannot_reach_the_terminal_raw():
    text = Console(plain).request(entry(path="/\x1b[31m\u202e"))

    assert text.isascii()
    assert "\x1b" not in text


def test_for_machines_a_request_is_an_object():
    text = Console(plain, as_json=True).request(entry(findings=(Fault("/a", "type", 1, "x"),)))

    assert json.loads(text) == {
        "event": "request",
        "at": "2026-01-02T03:04:05Z",
        "method": "POST",
        "path": "/api/v1/customers",
        "query": "",
        "status": 200,
        "milliseconds": 1.23,
        "id": "one",
        "fault": None,
        "explanation": ["/a: [type] came 1, expected x"],
    }
    assert "\n" not in text


def test_an_event_is_a_text_for_people_and_an_object_for_machines():
    assert Console(plain).event("start", "Serving.", url="http://x") == "Serving."
    assert json.loads(Console(plain, as_json=True).event("start", "Serving.", url="http://x")) == {
        "event": "start",
        "message": "Serving.",
        "url": "http://x",
    }
