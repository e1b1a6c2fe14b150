"""Lago's refusals as exceptions.

    ApiError
    ├── MalformedJson            400  the body, or a parameter, cannot be read
    ├── ParameterMissing         400  no usable ``customer`` object
    ├── Unauthorized             401
    ├── Forbidden                403  the organization may not use this
    ├── NotAllowed               403  the control API is not for this client
    ├── NotFound                 404
    ├── MethodNotAllowed         405  not a method of HTTP
    ├── NotAcceptable            406  the Content-Type is no media type
    ├── PayloadTooLarge          413
    ├── Unprocessable            422  a request to the control API breaks its rules
    ├── ValidationFailed         422
    └── InternalError            500  a bug of ours

An error names its *envelope*, a definition in the contract's ``errors.json`` which holds status,
texts and key order, and brings the *values* that only it can know. Its *findings* are what the
explanation says (behaviour reference, section 1.5).
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from mockserver.findings import Finding, Unknown, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ApiError(Exception):
    """A request was refused for the reasons in *findings*."""

    envelope: ClassVar[str]

    def __init__(self, *findings: Finding, **values: Any) -> None:
        self.findings = findings
        self.values: Mapping[str, Any] = values
        super().__init__(self.envelope, *findings)


class MalformedJson(ApiError):
    """The body is not JSON, or a parameter cannot be read."""

    envelope = "malformed_json"


class ParameterMissing(ApiError):
    """The body has no usable ``customer`` object."""

    envelope = "parameter_missing"


class Unauthorized(ApiError):
    """No key, or none that is accepted."""

    envelope = "unauthorized"


class Forbidden(ApiError):
    """The organization may not use this; *code* says why."""

    envelope = "forbidden"

    def __init__(self, code: str, *findings: Finding) -> None:
        super().__init__(*findings, code=code)


class NotAllowed(ApiError):
    """The client may not use the control API."""

    envelope = "not_allowed"


class NotFound(ApiError):
    """There is no such *resource*: ``customer``, ``tax``, ``resource``, ..."""

    envelope = "not_found"

    def __init__(self, resource: str, *findings: Finding) -> None:
        super().__init__(*findings, code=f"{resource}_not_found")


class MethodNotAllowed(ApiError):
    """The request's method is not one of HTTP's."""

    envelope = "method_not_allowed"


class NotAcceptable(ApiError):
    """The Content-Type is no media type."""

    envelope = "not_acceptable"


class PayloadTooLarge(ApiError):
    """The body is larger than the server reads."""

    envelope = "payload_too_large"


class Unprocessable(ApiError):
    """The body of a request to the control API was read and breaks its rules."""

    envelope = "unprocessable"


class ValidationFailed(ApiError):
    """The body was read and breaks the rules in *violations*.

    *findings* are what to explain besides: violations that Lago reports only once these are
    mended, and remarks.
    """

    envelope = "validation_errors"

    def __init__(self, violations: Iterable[Violation], findings: Iterable[Finding] = ()) -> None:
        details: dict[str, list[str]] = {}
        told = tuple(violations)
        for violation in told:
            codes = details.setdefault(violation.field, [])
            if violation.code not in codes:
                codes.append(violation.code)
        super().__init__(*told, *findings, error_details=details)


class InternalError(ApiError):
    """The server failed."""

    envelope = "internal_error"


def refusal(violations: Iterable[Violation], remarks: Iterable[Finding] = ()) -> ApiError:
    """Return the one error for *violations*, of which there is at least one.

    Lago checks in stages and stops at the first that fails (behaviour reference, section 3.1):
    the body lists the codes of that stage, the explanation goes on to the later ones.
    """
    ordered = sorted(violations, key=attrgetter("stage"))
    stages = [list(group) for _, group in groupby(ordered, key=lambda found: found.stage[:2])]
    first, later = stages[0], [found for group in stages[1:] for found in group]
    rest = (*later, *remarks)
    unknown = [found for found in first if isinstance(found, Unknown)]
    if len(unknown) == len(first):
        return NotFound(unknown[0].resource, *first, *rest)
    return ValidationFailed([found for found in first if found not in unknown], (*unknown, *rest))
