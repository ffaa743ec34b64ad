"""What the report's page is made of, served to this one: the style of findings, the drawing, the charts' library."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from assay.report.findings import TEMPLATES

KEPT = {"Cache-Control": "max-age=3600"}


def make_router() -> APIRouter:
    """Three files that no tab owns."""
    router = APIRouter(prefix="/report")

    @router.get("/findings.css")
    def style() -> FileResponse:
        return FileResponse(TEMPLATES / "findings.css", headers={"Cache-Control": "max-age=60"})

    @router.get("/charts.js")
    def charts() -> FileResponse:
        return FileResponse(TEMPLATES / "charts.js", headers={"Cache-Control": "max-age=60"})

    @router.get("/plotly.js")
    def library() -> FileResponse:
        return FileResponse(plotly_file(), headers=KEPT, media_type="text/javascript")

    return router


@cache
def plotly_file() -> Path:
    """The drawing library in the installed package, found without importing it."""
    found = importlib.util.find_spec("plotly")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "package_data" / "plotly.min.js"
