"""Patterns of paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.addresses import is_meant


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("/customers", "/api/v1/customers", True),
        ("customers", "/api/v1/customers", True),
        ("/api/v1/customers", "/api/v1/customers", True),
        ("/customers/", "//api/v1//customers/", True),
        ("/customers", "/api/v1/customers/a", False),
        ("/customers*", "/api/v1/customers/a", True),
        ("/customers/*", "/api/v1/customers/a/portal_url", True),
        ("/customers/*", "/api/v1/customers", False),
        ("*/portal_url", "/api/v1/customers/a/portal_url", True),
        ("*", "/anything", True),
        ("/customers/a b", "/api/v1/customers/a%20b", True),
        ("/customers/a%2Fb", "/api/v1/customers/a%2fb", True),
        ("/customers/a%2Fb", "/api/v1/customers/a/b", False),
        ("/customers/a.b", "/api/v1/customers/axb", False),
        ("/health", "/health", True),
    ],
)
def test_a_pattern_means_the_paths_it_is_like(pattern, path, meant):
    assert is_meant(pattern, path) is meant


@given(st.text(alphabet=st.characters(exclude_characters="*/%", exclude_categories=["Cs"])))
def test_a_path_without_stars_means_itself(name):
    assert is_meant(f"/customers/{name}", f"/api/v1/customers/{name}")
