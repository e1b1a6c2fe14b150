"""The request journal as it is read: no key in it, and of large bodies the beginning."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.bodies import decoded
from mockserver.findings import Fault
from mockserver.journal import Journal, Record
from mockserver.redaction import REDACTED

KEY = "sk/live+0123456789abcdef"
ESCAPED = "".join(f"%{ord(letter):02X}" for letter in KEY)
HIDDEN = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

fillers = st.text("abc \u00e9\U0001f600", max_size=30)
pieces = st.lists(fillers | st.just(KEY), max_size=8).map("".join)


def _record(**more):
    record = Record(
        arrival=1,
        request_id="r",
        at=NOW,
        method="POST",
        path="/api/v1/customers",
        query="",
        authorization=f"Bearer {KEY}",
        body=b"",
        is_json=False,
        status=200,
        seconds=0.1,
        findings=(),
        organization=None,
        fault=None,
        answer=b"",
    )
    return record._replace(**more)


def _read(record, limit):
    """Return what is read of *record* in a journal that keeps *limit* bytes of bodies."""
    journal = Journal(3, limit)
    journal.record(record)
    (kept,) = journal
    return kept.entry()


def _rest_of_key(text):
    """Say whether a part of the key that tells something of it stands in *text*."""
    return any(KEY[start : start + 8] in text for start in range(len(KEY) - 7))


@settings(deadline=None)
@given(pieces, pieces, st.integers(0, 120))
def test_no_part_of_a_key_is_read_wherever_a_body_is_cut(came, answered, limit):
    entry = _read(_record(body=came.encode(), answer=answered.encode()), limit)

    assert not _rest_of_key(entry.body)
    assert not _rest_of_key(entry.answer)
    assert len(entry.body) <= limit or len(came.encode()) <= limit


@settings(deadline=None)
@given(pieces, st.integers(0, 400))
def test_no_key_is_read_that_escapes_hide(text, limit):
    body = json.dumps({"a": text}).replace(json.dumps(KEY)[1:-1], HIDDEN).encode()

    entry = _read(_record(body=body, is_json=True), limit)

    assert not _rest_of_key(json.dumps(entry.readable()))
    assert not _rest_of_key(str(entry.readable()["body"]))
    if len(body) <= limit:
        assert decoded(entry.body.encode()) == {"a": text.replace(KEY, REDACTED)}


@pytest.mark.parametrize(
    "written",
    [pytest.param(KEY, id="plain"), pytest.param(ESCAPED, id="escaped")],
)
def test_no_key_is_read_in_path_query_or_explanation(written):
    finding = Fault(f"body /{KEY}", "key", [KEY, {KEY: KEY}], f"not {KEY}", KEY)
    record = _record(path=f"/{written}", query=f"a={written}", findings=[finding], request_id=KEY)

    text = json.dumps(_read(record, 100).readable())

    assert not _rest_of_key(text)
    assert ESCAPED not in text


def test_of_a_large_body_the_beginning_is_read():
    entry = _read(_record(body=b"x" * 500, answer=b"y" * 500), 100)

    assert (entry.body, entry.answer) == ("x" * 100, "y" * 100)


def test_a_body_as_long_as_the_limit_is_read_whole():
    entry = _read(_record(body=b'{"a": 1}', is_json=True), 8)

    assert entry.readable()["body"] == {"a": 1}


def test_a_new_limit_holds_for_the_requests_that_follow():
    journal = Journal(3, 4)
    journal.record(_record(body=b"x" * 9))

    journal.resize(body_limit=6)
    journal.record(_record(body=b"x" * 9))

    assert [record.entry().body for record in journal] == ["x" * 4, "x" * 6]
