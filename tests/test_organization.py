"""What an organization does when the customers it starts with cannot be had."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.clock import system_clock
from mockserver.contract import Contract
from mockserver.errors import NotFound, ValidationFailed
from mockserver.fakery import Fakery
from mockserver.journal import Journal
from mockserver.organization import Organization
from mockserver.profile import read_profile


def test_a_customer_that_cannot_be_let_in_locks_nobody_out():
    contract = Contract()
    customers = ({"external_id": ""}, {"external_id": "acme"})
    profile = replace(read_profile(None, contract), customers=customers)
    organization = Organization(profile, contract, Fakery("a", "b"), system_clock, Journal(9))

    with pytest.raises(ValidationFailed):
        organization.show_customer("acme")

    assert b'"external_id":"acme"' in organization.show_customer("acme").body
    with pytest.raises(NotFound):
        organization.show_customer("")
