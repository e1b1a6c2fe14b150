"""JSON texts as Lago writes them: compact, in the given order, Unicode raw but for five characters.

Source: behaviour reference, section 6.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

# Rails escapes what would end a script element or, in old browsers, a line of JavaScript. In JSON
# these bytes stand in strings only. A byte is looked for in no time, several are not.
_ESCAPED = [
    (letter.encode()[:1], letter.encode(), f"\\u{ord(letter):04x}".encode())
    for letter in "<>&\u2028\u2029"
]


def written(value: Any) -> bytes:
    """Return *value*, of what JSON has, as JSON text in UTF-8."""
    try:
        # A copy, for orjson cuts its texts from pieces of many times their size.
        text = bytes(memoryview(orjson.dumps(value)))
    except TypeError:  # whole numbers beyond 64 bits, and halves of surrogate pairs
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    for first, letter, escape in _ESCAPED:
        if first in text:
            text = text.replace(letter, escape)
    return text
