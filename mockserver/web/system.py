"""What is served without a key: the health check and the description of all that is served."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Any

from flask import Blueprint

from mockserver.openapi import document
from mockserver.web import exchange

blueprint = Blueprint("system", __name__)


@blueprint.get("/health")
def health() -> dict[str, Any]:
    """Say that the server is well, in Lago's words."""
    return exchange.current().organizations.contract.constants("health.json")


@blueprint.get("/__admin/health")
def status() -> dict[str, Any]:
    """Say that the server is well, and which it is, for how long."""
    return {
        "status": "healthy",
        "version": installed("lago-mockserver"),
        "contract": exchange.current().organizations.contract.version,
        "uptime_seconds": round(exchange.current().organizations.uptime, 1),
    }


@blueprint.get("/openapi.json")
def openapi() -> dict[str, Any]:
    """Return the OpenAPI document of everything that is served."""
    return document(exchange.current().organizations.contract.version)
