"""Human baseline: how good a person is, blind and timed."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from assay.ui.pages import render
from assay.ui.workspace import Workspace


def make_router(workspace: Workspace) -> APIRouter:
    """The tab's pages."""
    router = APIRouter(prefix="/human")

    @router.get("")
    def page(request: Request) -> HTMLResponse:
        subject, _ = workspace.ready()
        return render(request, workspace, "human.html.j2", count=len(subject), name=subject.data.name)

    return router
