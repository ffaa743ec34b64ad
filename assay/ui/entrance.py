"""The page from the first second on: what is being read, until the tabs and what they need are imported."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from assay.ui.frame import make_frame
from assay.ui.workspace import NotReadyError, Workspace


class Entrance:
    """Answers by a frame in which every tab is still being read, and by the whole application once it is there."""

    def __init__(self, workspace: Workspace, token: str | None = None) -> None:
        self.workspace, self.token = workspace, token
        self.app = make_frame(workspace, token)
        _add_waiting(self.app, workspace)

    def open(self) -> None:
        """Import the tabs, which takes seconds, and hand over to them."""
        from assay.ui.app import make_app

        self.app = make_app(self.workspace, token=self.token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def _add_waiting(app: FastAPI, workspace: Workspace) -> None:
    @app.api_route("/{path:path}", methods=["GET", "POST"])
    def wait(path: str) -> None:
        raise NotReadyError(f"{workspace.asked.name} is being read")
