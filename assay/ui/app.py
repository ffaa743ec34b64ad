"""The whole application: the frame, and a router for each tab."""

from __future__ import annotations

from fastapi import Depends, FastAPI

from assay.ui import pictures, report_pieces
from assay.ui.frame import make_frame
from assay.ui.same_data import make_same_data
from assay.ui.tabs import browse, duplicates, human, overview, review, runs
from assay.ui.workspace import Workspace

ROUTERS = (overview, browse, review, duplicates, human, runs)


def make_app(workspace: Workspace, *, token: str | None = None) -> FastAPI:
    """The page of one workspace.

    Args:
        token: what visitors must know; None for a page that only this machine can reach.
    """
    app = make_frame(workspace, token)
    same_data = [Depends(make_same_data(workspace))]
    app.include_router(pictures.make_router(workspace))
    app.include_router(report_pieces.make_router())
    for tab in ROUTERS:
        app.include_router(tab.make_router(workspace), dependencies=same_data)
    return app
