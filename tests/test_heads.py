"""Heads known by heart: few, and none that is long."""

from __future__ import annotations

from mockserver.heads import Head, Heads

READ = Head({"REQUEST_METHOD": "GET"}, 0)


def test_a_head_is_found_by_its_text():
    heads = Heads()

    heads.learn(b"GET /a", READ)

    assert heads.find(b"GET /a") == READ
    assert heads.find(b"GET /b") is None


def test_there_are_never_more_than_may_be():
    heads, texts = Heads(size=2), [b"GET /a", b"GET /b", b"GET /c"]

    for text in texts:
        heads.learn(text, READ)

    assert [heads.find(text) for text in texts] == [None, None, READ]


def test_a_long_head_is_not_kept():
    heads, text = Heads(), b"GET /" + b"a" * 1024

    heads.learn(text, READ)

    assert heads.find(text) is None
