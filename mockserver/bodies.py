"""A request's body as JSON, read as strictly as Rails does, and the object wanted of it.

Source: behaviour reference, section 1.3.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson

from mockserver.errors import MalformedJson, NotAcceptable, ParameterMissing
from mockserver.explanation import nearest
from mockserver.findings import MISSING, Fault

JSON_TYPES = {"application/json", "text/x-json"}
DEEPEST = 100
_MOST_DIGITS = 4000  # Python reads no longer ones
_SHOWN = 20
_ALIKE = bytes.maketrans(b"123456789{", b"000000000[")
_LONG = b"0" * 19
_MEDIA_TYPE = re.compile(r"\s*([\w!#$&^.+-]+/[\w!#$&^.+*-]+)\s*(;.*)?", re.ASCII | re.DOTALL)


def is_json(content_type: str) -> bool:
    """Say whether *content_type* announces JSON; raise `NotAcceptable` if it is no media type."""
    if content_type in JSON_TYPES:
        return True
    if not content_type.strip():
        return False
    media_type = _MEDIA_TYPE.fullmatch(content_type)
    if media_type is None:
        note = "a media type; send application/json"
        raise NotAcceptable(Fault("header Content-Type", "media-type", content_type, note))
    return media_type[1].casefold() in JSON_TYPES


def decoded(body: bytes) -> Any:
    """Return the JSON value in *body*, or `MISSING` if it is blank.

    Raises `MalformedJson` for what is not strict JSON in UTF-8: NaN, a byte order mark, half a
    surrogate pair, numbers beyond a double, nesting beyond `DEEPEST`.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _explained(body)
    # orjson makes floats of whole numbers beyond 64 bits, which have 19 digits at least.
    alike = body.translate(_ALIKE)
    return _explained(body) if _LONG in alike or alike.count(b"[") > DEEPEST else value


def document_under(root: str, body: Any) -> dict[str, Any]:
    """Return the object under the key *root* of the decoded *body*.

    Raises `ParameterMissing` where there is none, or an empty one.
    """
    found = body.get(root) if isinstance(body, dict) else None
    if isinstance(found, dict) and found:
        return found
    example = f'{{"{root}": {{"external_id": "..."}}}}'
    if not isinstance(body, dict):
        raise ParameterMissing(Fault("body", "type", body, f"an object, as in {example}"))
    if root in body:
        note = f"an object with fields, as in {example}"
        raise ParameterMissing(Fault(f"/{root}", "required", found, note))
    if "external_id" in body:
        note = f"the fields wrapped, as in {example}"
    else:
        note = f"this key, as in {example}"
    wrong = next((key for key in body if nearest(key, [root])), None)
    given = MISSING if wrong is None else body[wrong]
    if wrong is not None:
        raise ParameterMissing(Fault(f"/{wrong}", "unknown", given, f"the key {root}", root))
    raise ParameterMissing(Fault(f"/{root}", "required", MISSING, note))


def _explained(body: bytes) -> Any:
    """Return what `decoded` does, more slowly, or raise an error that says where *body* is bad."""
    try:
        text = body.decode()
        if not text.strip():
            return MISSING
        value = json.loads(text, parse_constant=_refused, parse_float=_finite, parse_int=_whole)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise _malformed(MISSING, f"text in UTF-8; byte {error.start} is not") from error
    except UnicodeEncodeError as error:
        raise _malformed(MISSING, "text in UTF-8; half a surrogate pair is not") from error
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
        where = f"line {error.lineno}, column {error.colno}"
        near = error.doc[error.pos : error.pos + 1] or "the end"
        raise _malformed(near, f"valid JSON; at {where}: {reason}") from error
    except ValueError as error:
        raise _malformed(MISSING, f"valid JSON; {error}") from error
    except RecursionError as error:
        raise _malformed(MISSING, f"JSON nested at most {DEEPEST} deep") from error
    if text.count("[") + text.count("{") > DEEPEST and _depth(value) > DEEPEST:
        raise _malformed(MISSING, f"JSON nested at most {DEEPEST} deep")
    return value


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _too_large(text)
    return number


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise _too_large(text)
    return int(text)


def _too_large(text: str) -> ValueError:
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return ValueError(f"{shown} is too large a number")


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        inner = [each for each in level if isinstance(each, dict | list)]
        depth += bool(inner)
        level = [
            part for each in inner for part in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _malformed(near: Any, note: str) -> MalformedJson:
    return MalformedJson(Fault("body", "json", near, note))
