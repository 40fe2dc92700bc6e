"""The REST interface under /api/v1. In: a request. Out: one call into a room, as JSON or server-sent events."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from soulprint.serving import problems
from soulprint.serving.rest import (
    admin,
    claims,
    conversations,
    data,
    facts,
    gone,
    imports,
    passes,
    profile,
    settings,
    status,
    threads,
    tus,
)

__all__ = ["router", "seam"]

PROBLEM = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}

RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"model": problems.Problem, "description": "A problem (RFC 9457)", **PROBLEM}
}

router = APIRouter(prefix="/api/v1", responses=RESPONSES)
router.include_router(status.router, tags=["status"])
router.include_router(imports.router, tags=["imports"])
router.include_router(gone.router, tags=["imports"])
router.include_router(tus.router, tags=["uploads"])
router.include_router(profile.router, tags=["profile"])
router.include_router(conversations.router, tags=["conversations"])
router.include_router(passes.router, tags=["passes"])
router.include_router(facts.router, tags=["facts"])
router.include_router(claims.router, tags=["claims"])
router.include_router(settings.router, tags=["settings"])
router.include_router(data.router, tags=["data"])
router.include_router(threads.router, tags=["chat"])
router.include_router(admin.router, tags=["operators"])

seam = APIRouter(responses=RESPONSES)
"""What stands outside /api/v1, under the addresses of the existing deployment."""
seam.include_router(passes.seam)
