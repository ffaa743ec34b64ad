"""Runs: how each stands, curves of trainings under way, what tricks were worth, the worst errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from assay.run_folder import REPORT
from assay.ui.not_there import NotThereError
from assay.ui.pages import render
from assay.ui.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.ui.run_room import RunRoom

    Room = Callable[[], RunRoom]

REPORT_POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "sandbox allow-scripts; form-action 'none'; frame-ancestors 'none'"
)
"""A report is a page in one file, with its scripts inside, that needs nothing else, nor the origin of this one."""


def make_router(workspace: Workspace) -> APIRouter:
    """The tab's pages."""
    router, opened = APIRouter(prefix="/runs"), list["RunRoom"]()

    def room() -> RunRoom:
        """Made once the data is read; heavy imports wait until then."""
        workspace.ready()
        from assay.ui.run_room import RunRoom

        if not opened:
            opened.append(RunRoom.open(workspace))
        return opened[0]

    _add_list(router, workspace, room)
    _add_run(router, workspace, room)
    return router


def _add_list(router: APIRouter, workspace: Workspace, room: Room) -> None:
    @router.get("")
    def page(request: Request, all: bool = False) -> Response:
        if room().own is not None and not all:
            return RedirectResponse(f"/runs/{room().own}", 303)
        return render(request, workspace, "runs.html.j2", **room().listed())

    @router.get("/list")
    def listed(request: Request, seen: str = "") -> Response:
        told = room().listed()
        return unchanged() if told["version"] == seen else render(request, workspace, "runs_table.html.j2", **told)


def _add_run(router: APIRouter, workspace: Workspace, room: Room) -> None:
    @router.get("/{name}")
    def run(request: Request, name: str, stage: str = "") -> HTMLResponse:
        told: dict[str, Any] = {**room().now(name, stage), **room().told(name)}
        return render(request, workspace, "runs_one.html.j2", **told)

    @router.get("/{name}/now")
    def now(request: Request, name: str, stage: str = "", seen: str = "", known: int = 0, drawn: int = 0) -> Response:
        """What changed since `seen`; with the sections, once more than `known` stages are finished, and
        with the charts anew once there are not `drawn` of them.
        """
        told = room().now(name, stage)
        if told["version"] == seen:
            return unchanged()
        more = room().told(name) if len(told["run"].done) != known else {"sections": ()}
        return render(request, workspace, "runs_now.html.j2", is_piece=True, drawn=drawn, **told, **more)

    @router.get("/{name}/report")
    def report(name: str) -> Response:
        path = room().runs.folder(name) / REPORT
        if not path.is_file():
            raise NotThereError(f"{name} has no report yet; it is written when the run is finished")
        return FileResponse(path, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})


def unchanged() -> Response:
    """Nothing to swap."""
    return Response(status_code=204)
