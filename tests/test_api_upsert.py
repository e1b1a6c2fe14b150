"""Create and update: what a second call keeps, and what the page's own request answers."""

from __future__ import annotations


def test_upsert_keeps_attributes_absent_from_the_second_call(upsert):
    first = upsert(external_id="acme", name="Acme", currency="EUR").json["customer"]

    second = upsert(external_id="acme", name="Acme Inc.").json["customer"]

    assert second == first | {"name": "Acme Inc."}
