"""Moments as Lago writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from mockserver.clock import stamp

zones = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))


@given(moment=st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones))  # noqa: DTZ001
def test_a_stamp_is_in_utc_and_its_fraction_is_cut(moment):
    written = stamp(moment)

    assert datetime.fromisoformat(written) == moment.replace(microsecond=0)
    assert written == f"{moment.astimezone(UTC).isoformat()[:19]}Z"
