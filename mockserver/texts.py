"""JSON texts as Lago writes them: compact, in the given order, Unicode raw but for five characters.

Source: behaviour reference, section 6.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

# Rails escapes what would end a script element or, in old browsers, a line of JavaScript. In JSON
# these bytes stand in strings only.
_ESCAPED = [(letter.encode(), f"\\u{ord(letter):04x}".encode()) for letter in "<>&\u2028\u2029"]


def written(value: Any) -> bytes:
    """Return *value*, of what JSON has, as JSON text in UTF-8."""
    return bytes(memoryview(drafted(value)))


def drafted(value: Any) -> bytes:
    """Return what `written` does, cut by orjson from a piece of memory of many times its size.

    Not to be kept.
    """
    try:
        text = orjson.dumps(value)
    except TypeError:  # whole numbers beyond 64 bits, and halves of surrogate pairs
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    # One byte is looked for in no time.
    if b"&" in text or b"<" in text or b">" in text or b"\xe2" in text:
        for letter, escape in _ESCAPED:
            text = text.replace(letter, escape)
    return text
