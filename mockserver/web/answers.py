"""Answers as bytes and headers: Rails' JSON text, ETags, and what every answer carries.

Source: behaviour reference, sections 6 and 7.1.
"""

from __future__ import annotations

import json
from hashlib import md5
from typing import TYPE_CHECKING, Any

from flask import Response, request
from flask.json.provider import JSONProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT_TYPE = "application/json; charset=utf-8"
SECURITY_HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-XSS-Protection": "0",
    "X-Content-Type-Options": "nosniff",
    "X-Download-Options": "noopen",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Vary": "Origin",
}
# Rails escapes what would end a script element or, in old browsers, a line of JavaScript.
_ESCAPED = str.maketrans({each: f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"})


class LagoJson(JSONProvider):
    """JSON as Lago writes it: compact, in the given order, Unicode raw but for five characters."""

    def dumps(self, obj: Any, **_options: Any) -> str:
        """Return *obj* as JSON text."""
        text = json.dumps(obj, ensure_ascii=False, separators=(",", ":"))
        return text.translate(_ESCAPED)

    def loads(self, s: str | bytes, **_options: Any) -> Any:
        """Return the value of the JSON text *s*."""
        return json.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return an answer 200 that holds the one argument as JSON."""
        value = self._prepare_response_obj(args, kwargs)
        return Response(self.dumps(value), content_type=CONTENT_TYPE)


def complete(response: Response, more: Mapping[str, str]) -> Response:
    """Return *response* with the headers that every answer has, and *more*.

    An answer 200 gets an ETag; a GET that knows it gets 304 and no body.
    """
    response.headers.update(SECURITY_HEADERS)
    response.headers.update(more)
    if response.status_code != 200:  # noqa: PLR2004
        response.headers["Cache-Control"] = "no-cache"
        return response
    response.headers["Cache-Control"] = "max-age=0, private, must-revalidate"
    digest = md5(response.get_data(), usedforsecurity=False).hexdigest()
    response.headers["ETag"] = f'W/"{digest}"'
    if request.method in {"GET", "HEAD"} and request.if_none_match.contains_weak(digest):
        response.status_code = 304
        response.set_data(b"")
        del response.headers["Content-Type"], response.headers["Content-Length"]
    return response
