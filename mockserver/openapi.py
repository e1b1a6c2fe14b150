"""The OpenAPI 3.1 document of what is served, bundled of the files that check requests."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import TYPE_CHECKING, Any

from mockserver import data
from mockserver.references import rewritten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOT_SERVED = {"contract", "ledger", "openapi", "suggestions"}
_FILE_ONLY = ("$schema", "$id", "$defs")


def document(version: str = data.DEFAULT_VERSION) -> dict[str, Any]:
    """Return the document for one *version* of the API and for our own ``/__admin``.

    Schema files become components: ``customer.json#/$defs/tax`` is ``customer.tax``.
    """
    lago, mock = data.schemas(version), data.schemas(data.MOCK)
    described, own = lago["openapi"], mock["openapi"]
    schemas = {**dict(_components(lago)), **dict(_components(mock))}
    whole = {
        **described,
        "info": {**described["info"], "version": installed("lago-mockserver")},
        "tags": [*described["tags"], *own["tags"]],
        "paths": {**described["paths"], **own["paths"]},
        "components": {
            **described["components"],
            "securitySchemes": {**_schemes(described), **_schemes(own)},
            "schemas": schemas,
        },
    }
    bundled: dict[str, Any] = rewritten(whole, _pointing_inside)
    return bundled


def _schemes(described: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = described["components"]["securitySchemes"]
    return found


def _components(documents: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for stem, schema in documents.items():
        if stem in _NOT_SERVED:
            continue
        own = rewritten(schema, lambda node, stem=stem: _pointing_to_file(node, stem))  # type: ignore[misc]
        for name, part in own.get("$defs", {}).items():
            yield f"{stem}.{name}", part
        if "type" in own:
            yield stem, {key: part for key, part in own.items() if key not in _FILE_ONLY}


def _pointing_to_file(node: dict[str, Any], stem: str) -> dict[str, Any]:
    reference = node.get("$ref", "")
    return {**node, "$ref": f"{stem}.json{reference}"} if reference[:1] == "#" else node


def _pointing_inside(node: dict[str, Any]) -> dict[str, Any]:
    file, _, pointer = node.get("$ref", "").partition("#/$defs/")
    if not file.endswith(".json"):
        return node
    name = file.removesuffix(".json") + (f".{pointer}" if pointer else "")
    return {**node, "$ref": f"#/components/schemas/{name}"}
