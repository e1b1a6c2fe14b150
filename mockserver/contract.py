"""One documented version of the API: what a request may hold, and what answers look like.

All that a schema can say is read from ``schemas/<version>/``: field names, defaults, the codes of
broken schemas, and the order of keys and checks.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver import data
from mockserver.acceptance import Acceptance, Doubts
from mockserver.explanation import Vocabulary
from mockserver.findings import MISSING, Fault, Finding, Remark, Unknown, Violation
from mockserver.references import inlined
from mockserver.shaping import Shape, escaped, unescaped
from mockserver.wording import Validator, Wording, pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema import ValidationError

    from mockserver.errors import ApiError

Json = Any
_STRONGER_THAN_TYPE = ("minimum", "maximum")


class Checked(NamedTuple):
    """A request's document after the contract has looked at it.

    *given* is the document without unknown keys and empty containers, its values as they are
    stored; broken values are still in it, and *violations* say where.
    """

    given: dict[str, Json]
    violations: list[Violation]
    remarks: list[Remark]


class Contract:
    """A version of the API, compiled from its schema files.

    *version* is a folder of ``schemas/``; *reject_unknown* turns unknown keys from remarks into
    violations.
    """

    def __init__(
        self, version: str = data.DEFAULT_VERSION, *, reject_unknown: bool = False
    ) -> None:
        self.version = version
        self._documents = data.schemas(version)
        self._manifest = self._documents["contract"]
        self._own = data.schemas(data.MOCK)
        suggestions = self._own["suggestions"]
        self._wording = Wording(suggestions)
        self._reject_unknown = reject_unknown
        self._schemas: dict[str, Json] = {}
        self._request = self.schema("customer-create.json#/$defs/customer")
        self._validator = Validator(self._request)
        self._acceptance = {
            premium: Acceptance(self._request, premium=premium) for premium in (True, False)
        }
        self._doubts = Doubts(self._request)
        self._stages = dict(self._stage_table())
        answer = self.schema("customer.json#/$defs/customer")
        self._shape = Shape(self._request, suggestions["keys"], answer["properties"])
        self._root = Shape(self.schema("customer-create.json"), {}, ())
        parts = answer["properties"]
        # Their keys in documented order, for others to give them values.
        self.blank: dict[str, Json] = dict.fromkeys(parts)
        self.blank_linked: dict[str, Json] = dict.fromkeys(
            parts["billing_configuration"]["properties"]
        )
        self.blank_metadata: dict[str, Json] = dict.fromkeys(
            parts["metadata"]["items"]["properties"]
        )
        self.tax_keys = tuple(parts["taxes"]["items"]["properties"])
        asked = self._request["properties"]
        self.defaults = _defaults(self._request)
        billing = _defaults(asked["billing_configuration"])
        self.default_methods: tuple[str, ...] = tuple(billing.pop("provider_payment_methods"))
        self.billing_defaults = billing
        # What those that no provider knows have of it.
        self.blank_billing = {key: None for key in self.blank_linked if key in billing}
        # What a request has besides the customer's plain fields.
        self.not_plain = tuple(asked.keys() - self.defaults.keys())
        self.metadata_defaults = _defaults(asked["metadata"]["items"])

    def check(self, document: dict[str, Json], *, premium: bool, at: str) -> Checked:
        """Return *document* as it would be stored, with all that is to be said about it.

        *document* is the object under ``customer``; *at* is the JSON pointer it stands at. Without
        *premium* the fields of a paid licence are dropped unchecked, as Lago does.
        """
        accepted = self._acceptance[premium].accepted(document)
        if accepted is not None:
            return Checked(accepted, [], [])
        fitted = self._shape.fitted(document, at=at, premium=premium)
        errors = self._validator.iter_errors(self._doubts.about(fitted.given))
        violations = list(_strongest(self._violation(error, document, at) for error in errors))
        if self._reject_unknown:
            violations += (self._rejected(found) for found in fitted.unknown)
            return Checked(fitted.given, violations, fitted.remarks)
        return Checked(fitted.given, violations, [*map(_dropped, fitted.unknown), *fitted.remarks])

    def beside(self, body: Mapping[str, Json]) -> list[Violation] | list[Remark]:
        """Return what is to be said of the keys of *body*, a request, that no request has."""
        if len(body) == 1:  # the wanted one alone
            return []
        unknown = self._root.fitted({**body, "customer": None}, at="", premium=True).unknown
        if self._reject_unknown:
            return [self._rejected(found) for found in unknown]
        return [_dropped(found) for found in unknown]

    def violation(self, rule: str, where: str, given: Json, note: str, **more: Any) -> Violation:
        """Return the violation of a *rule* of the domain at the JSON pointer *where*.

        *more* may hold ``code``, ``field`` and ``suggestion``; they are derived where left out.
        """
        field, stage = self._place(where, rule)
        code = more.pop("code", None) or self._manifest["codes"][rule]
        return Violation(
            where, rule, given, note, **{"field": field, "stage": stage, **more}, code=code
        )

    def _rejected(self, unknown: Finding) -> Violation:
        field = unescaped(unknown.where.rpartition("/")[2])
        return self.violation(
            unknown.rule,
            unknown.where,
            unknown.given,
            f"only documented keys; this is {unknown.note}",
            field=field,
            suggestion=unknown.suggestion,
        )

    def unknown(
        self, resource: str, where: str, given: Json, note: str, suggestion: Json
    ) -> Unknown:
        """Return the violation of naming a *resource* that the organization lacks: Lago's 404."""
        field, stage = self._place(where, "found")
        return Unknown(
            where,
            "found",
            given,
            note,
            suggestion,
            field=field,
            code=f"{resource}_not_found",
            stage=stage,
            resource=resource,
        )

    def envelope(self, error: ApiError) -> dict[str, Json]:
        """Return the body that answers *error*, its keys in documented order."""
        known = {**self._own["refusals"]["$defs"], **self._documents["errors"]["$defs"]}
        properties = known[error.envelope]["properties"]
        return {
            key: error.values[key] if key in error.values else schema["const"]
            for key, schema in properties.items()
        }

    def failure(self, status: int) -> dict[str, Json]:
        """Return the body of a refusal with *status* that has no other reason than that."""
        more = self._own["refusals"]["x-injected"].get(str(status), {})
        for envelope in self._documents["errors"]["$defs"].values():
            properties = envelope["properties"]
            if properties["status"]["const"] == status:
                return {key: more.get(key, part.get("const")) for key, part in properties.items()}
        phrases = {each.value: each.phrase for each in HTTPStatus}
        return {"status": status, "error": phrases.get(status, "Error"), **more}

    def ordered(self, reference: str, values: Mapping[str, Json]) -> dict[str, Json]:
        """Return *values* in the order of the properties of the object at *reference*."""
        properties = self.schema(reference)["properties"]
        return {key: values[key] for key in properties}

    def constants(self, reference: str) -> dict[str, Json]:
        """Return the object at *reference* whose every property is a const."""
        properties = self.schema(reference)["properties"]
        return {key: schema["const"] for key, schema in properties.items()}

    def schema(self, reference: str) -> Json:
        """Return the schema at *reference*, e.g. ``customer.json``, with its references inlined."""
        if reference not in self._schemas:
            self._schemas[reference] = inlined({**self._own, **self._documents}, reference)
        return self._schemas[reference]

    def faults(self, reference: str, document: Json) -> Iterator[Fault]:
        """Yield what is wrong with *document* by the schema at *reference*.

        It is a file of ours or the body of a request to the control API.
        """
        for error in Validator(self.schema(reference)).iter_errors(document):
            where = pointer(error)
            if error.validator == "additionalProperties":
                known = error.schema["properties"]
                for key in (each for each in error.instance if each not in known):
                    meant = Vocabulary(known).nearest(key)
                    given = error.instance[key]
                    yield Fault(f"{where}/{escaped(key)}", "unknown", given, "a known key", meant)
            else:
                note, suggestion = self._wording.told(error, error.instance)
                yield Fault(where, str(error.validator), error.instance, note, suggestion)

    def _violation(self, error: ValidationError, document: Json, at: str) -> Violation:
        rule = str(error.validator)
        given = _found(document, error.absolute_path)
        note, suggestion = self._wording.told(error, given)
        schema: Json = error.schema
        code = self._code(rule, schema, given)
        where = at + pointer(error)
        return self.violation(rule, where, given, note, code=code, suggestion=suggestion)

    def _code(self, rule: str, schema: Mapping[str, Json], given: Json) -> str:
        own = schema.get("x-lago-code")
        codes = self._manifest["codes"]
        if rule == "type":
            # Lago knows no wrong types but many blanks: null where there must be a value is one.
            mandatory = own.get("pattern") if isinstance(own, dict) else own
            blank = given is None and mandatory == codes["required"]
            return str(codes["required" if blank else "type"])
        if isinstance(own, dict):
            return str(own.get(rule, codes[rule]))
        return str(own or codes[rule])

    def _place(self, where: str, rule: str) -> tuple[str, tuple[int, int, int]]:
        steps = where.split("/")[2:]
        names = [step for step in steps if not step.isdecimal()]
        numbers = [int(step) for step in steps if step.isdecimal()]
        path = "/".join(names)
        stage, place, item_by_item = (
            self._stages.get(f"{path}:{rule}") or self._stages.get(path) or self._stages["*"]
        )
        item = numbers[-1] if item_by_item and numbers else 0
        return (names[-1] if names else "customer"), (stage, item, place)

    def _stage_table(self) -> Iterator[tuple[str, tuple[int, int, bool]]]:
        for stage, entry in enumerate(self._manifest["stages"]):
            for place, path in enumerate(entry["fields"]):
                yield path, (stage, place, entry.get("item_by_item", False))


def _defaults(schema: Mapping[str, Json]) -> dict[str, Json]:
    properties: Mapping[str, Mapping[str, Json]] = schema["properties"]
    return {key: part["default"] for key, part in properties.items() if "default" in part}


def _dropped(unknown: Finding) -> Remark:
    note = f"{unknown.note}, dropped"
    return Remark(unknown.where, unknown.rule, unknown.given, note, unknown.suggestion)


def _found(document: Json, path: Iterable[str | int]) -> Json:
    found = document
    for step in path:
        if isinstance(found, dict) and step not in found:
            return MISSING
        found = found[step]
    return found


def _strongest(violations: Iterable[Violation]) -> Iterator[Violation]:
    """Leave out what follows from a wrong type, and what two keywords say alike."""
    at: dict[str, dict[tuple[str, str], Violation]] = {}
    for violation in violations:
        at.setdefault(violation.where, {}).setdefault((violation.rule, violation.code), violation)
    for found in at.values():
        out_of_range = [v for (rule, _), v in found.items() if rule in _STRONGER_THAN_TYPE]
        wrong_type = [v for (rule, _), v in found.items() if rule == "type"]
        yield from out_of_range or wrong_type[:1] or found.values()
