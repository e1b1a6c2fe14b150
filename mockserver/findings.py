"""What is to be said about a request, as values: faults that refuse it, remarks that do not.

A finding becomes a line of text where one is read (`mockserver.explanation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Missing:
    """The type of `MISSING`, what a key that was not sent came with."""


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be said about a request.

    *where* is a JSON pointer into the body, or names another part of the request (``header
    Authorization``); *rule* is the broken JSON Schema keyword or a word of ours; *given* is what
    came, a JSON value or `MISSING`; *note* says what was expected, or what was done instead;
    *suggestion* is what may have been meant, or None.
    """

    where: str
    rule: str
    given: Any
    note: str
    suggestion: Any = None


@dataclass(frozen=True, slots=True)
class Remark(Finding):
    """Something odd about a request that was not refused for it."""


@dataclass(frozen=True, slots=True)
class Fault(Finding):
    """A reason to refuse a request; *note* says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation(Fault):
    """A broken rule of the contract: Lago's *code* under the *field* that ``error_details`` names.

    *stage* orders the rules as Lago checks them: (number of the stage, item of a list that is
    checked item by item, place of the field). Lago answers with the violations of the first
    (stage, item) that has any.
    """

    field: str
    code: str
    stage: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Violation):
    """A code that names nothing the organization has: Lago answers 404, not 422.

    *resource* is what is missing, e.g. ``tax``.
    """

    resource: str
