"""The header ``Authorization``: the key in it, and what is wrong with it.

Source: behaviour reference, section 1.2.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from mockserver.findings import MISSING, Fault, Remark

_WHERE = "header Authorization"
_BEARER = "bearer"
_KEY = re.compile(r"[\w.~+/=-]+", re.ASCII)
_WORDS = 2
_SLIPS = {"bearer", "undefined", "null", "none", "nil"}
_USUAL = 256  # letters of a header that is known by heart once it has been read


class Credentials(NamedTuple):
    """What a request is authorized with: the *key*, if there is one, which may be a *slip*."""

    key: str | None
    slip: Remark | None


def credentials(authorization: str) -> Credentials:
    """Return what the header *authorization* says; it is empty where none was sent."""
    return (_known if len(authorization) <= _USUAL else _read)(authorization)


def fault(authorization: str) -> Fault:
    """Return why the header *authorization* does not lead to an organization."""
    words = authorization.split()
    if not words:
        wanted = "a header Authorization: Bearer <key>; keys are read nowhere else"
    elif words[0].casefold() != _BEARER:
        wanted = "the word Bearer and then the key, without quotes or colon"
    elif len(words) == 1:
        wanted = "a key after the word Bearer"
    else:
        wanted = "a key that this server accepts; it was started with --api-key"
    # What came may be a real key.
    came = "(not shown)" if words else MISSING
    return Fault(_WHERE, "key", came, wanted)


def _read(authorization: str) -> Credentials:
    words = authorization.split()
    if len(words) < _WORDS or words[0].casefold() != _BEARER:
        return Credentials(None, None)
    key = words[1]
    if key.casefold() not in _SLIPS and _KEY.fullmatch(key) and len(words) == _WORDS:
        return Credentials(key, None)
    about = "taken as a key, which names an organization of its own; it looks like a slip"
    return Credentials(key, Remark(_WHERE, "key", "(not shown)", about))


_known = lru_cache(maxsize=1024)(_read)
