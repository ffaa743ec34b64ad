"""What belongs to no tab: static files, how far the reading is, the reviewer's name, and what is said of mistakes.

Nothing here waits for torch, so it is there within a second of the command.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from assay.errors import InputError
from assay.ui.colours import colours_css
from assay.ui.guard import Guard
from assay.ui.not_there import NotThereError
from assay.ui.pages import remember_reviewer, render
from assay.ui.same_data import OtherDataError
from assay.ui.workspace import NotReadyError, Workspace


def make_frame(workspace: Workspace, token: str | None = None) -> FastAPI:
    """An application that knows no tab yet."""
    app = FastAPI(title="Assay", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, token=token)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    _add_frame(app, workspace)
    _add_errors(app, workspace)
    return app


def _add_frame(app: FastAPI, workspace: Workspace) -> None:
    """What belongs to no tab."""

    @app.get("/")
    def home() -> Response:
        return RedirectResponse("/overview", 303)

    @app.get("/state")
    def state(request: Request, seen: str = "") -> Response:
        """How far the reading is; a page that waited for the first of it loads itself again."""
        answer = render(request, workspace, "state.html.j2", seen=seen)
        if seen.startswith("reading") and moment_of(workspace) != seen:
            answer.headers["HX-Refresh"] = "true"
        return answer

    @app.get("/colours.css")
    def colours() -> Response:
        return Response(colours_css(), media_type="text/css", headers={"Cache-Control": "max-age=60"})

    @app.post("/reviewer")
    def name_reviewer(request: Request, name: str = Form("")) -> HTMLResponse:
        name = " ".join(name.split())[:80]
        answer = render(request, workspace, "reviewer.html.j2", reviewer=name or workspace.asked.reviewer)
        return remember_reviewer(answer, name)


def _add_errors(app: FastAPI, workspace: Workspace) -> None:
    @app.exception_handler(NotReadyError)
    def not_ready(request: Request, error: Exception) -> Response:
        if request.method not in ("GET", "HEAD"):
            return say_problem(request, workspace, "the data is being read: nothing was saved, say it again", 503)
        if request.headers.get("hx-request"):
            # A piece of a page from before; the page itself shows that it is read, and then what is there.
            return PlainTextResponse("the data is being read", 503, {"HX-Refresh": "true"})
        answer = render(request, workspace, "reading.html.j2")
        if workspace.reading == "failed":
            workspace.problem_was_shown.set()
        workspace.page_is_out.set()
        return answer

    @app.exception_handler(InputError)
    def wrong(request: Request, error: Exception) -> Response:
        return say_problem(request, workspace, str(error), 422)

    @app.exception_handler(OtherDataError)
    def other_data(request: Request, error: Exception) -> Response:
        is_look = request.method in ("GET", "HEAD")
        return PlainTextResponse(str(error), 409, {"HX-Refresh": "true"} if is_look else None)

    @app.exception_handler(HTTPException)
    def no_page(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        told = f"there is nothing at {request.url.path}; choose one of the tabs"
        if status == 405:
            told = f"{request.url.path} takes no {request.method}: nothing was saved; reload the page"
        return say_problem(request, workspace, told if status in (404, 405) else str(error), status)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        wrong = f"{first['loc'][-1]}: {first['msg'][:1].lower()}{first['msg'][1:]}"
        return say_problem(request, workspace, f"{request.url.path} cannot be answered ({wrong}); reload the page", 422)

    @app.exception_handler(NotThereError)
    def not_there(request: Request, error: Exception) -> Response:
        return say_problem(request, workspace, str(error), 404)


def say_problem(request: Request, workspace: Workspace, problem: str, status: int) -> Response:
    """A page that says what was wrong; to a script, which shows it in its own place, only the words."""
    if request.headers.get("hx-request") or request.method != "GET":
        return PlainTextResponse(problem, status)
    answer = render(request, workspace, "wrong.html.j2", problem=problem)
    answer.status_code = status
    return answer


def moment_of(workspace: Workspace) -> str:
    """A word for how far the reading is, that changes when there is more to show."""
    version = "" if workspace.subject is None else str(workspace.subject.version)
    return f"{workspace.reading}-{version}"
