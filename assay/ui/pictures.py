"""Pictures of examples by their row, for all tabs; and labels that fit some letters."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from assay.ui.choices import fitting
from assay.ui.pages import render
from assay.ui.workspace import Workspace

SIZES = (96, 160, 320, 640)
KEEP = "private, max-age=86400, immutable"
"""Addresses of pictures carry the moment the server was started, so a browser may keep them."""


def make_router(workspace: Workspace) -> APIRouter:
    """Two addresses that pages of all tabs use."""
    router = APIRouter()

    @router.get("/picture/{row}")
    def picture(row: int, size: int = 160) -> Response:
        workspace.ready()
        # Few sizes, so that one picture is drawn for all of its places.
        wanted = next((one for one in SIZES if one >= size), SIZES[-1])
        found = workspace.pictures().picture(row, wanted)
        return Response(found.content, media_type=found.kind, headers={"Cache-Control": KEEP})

    @router.get("/labels")
    def labels(request: Request, label: str = "") -> HTMLResponse:
        subject, _ = workspace.ready()
        classes = subject.data.specification.classes
        return render(request, workspace, "labels.html.j2", found=fitting(classes, label) if label.strip() else [])

    return router
