"""Human baseline: how good a person is, blind and timed, beside the model and dumb baselines."""

from __future__ import annotations

import math
from threading import Lock
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assay.errors import InputError
from assay.report.findings import findings_html
from assay.ui.pages import remember_reviewer, render, reviewer_of
from assay.ui.same_data import OTHER, OtherDataError, require_same_data
from assay.ui.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from assay.ui.quiz_room import QuizRoom

    Room = Callable[[], QuizRoom]

LEAST_CLASSES = 2
LONGEST_SECONDS = 24 * 3600.0


def make_router(workspace: Workspace) -> APIRouter:
    """The tab's pages."""
    router, opened, lock = APIRouter(prefix="/human"), list["QuizRoom"](), Lock()

    def room() -> QuizRoom:
        """Made once the data is read; heavy imports wait until then."""
        workspace.ready()
        from assay.ui.quiz_room import QuizRoom

        with lock:
            if not opened:
                opened.append(QuizRoom.open(workspace))
            return opened[0]

    _add_start(router, workspace, room)
    _add_questions(router, workspace, room)
    _add_answers(router, workspace, room)
    _add_result(router, workspace, room)
    return router


def _add_start(router: APIRouter, workspace: Workspace, room: Room) -> None:
    @router.get("")
    def start(request: Request) -> HTMLResponse:
        specification = workspace.ready()[0].data.specification
        if specification.task != "classification" or len(specification.classes) < LEAST_CLASSES:
            return render(request, workspace, "human_none.html.j2", one=next(iter(specification.classes), ""))
        return render(request, workspace, "human.html.j2", **room().start(reviewer_of(request, workspace)))

    @router.post("/begin")
    def begin(
        request: Request, name: Annotated[str, Form()] = "", questions: Annotated[int | None, Form()] = None,
        split: Annotated[str | None, Form()] = None, shown: Annotated[str, Form()] = "",
    ) -> Response:  # fmt: skip
        require_same_data(request, workspace, shown)
        person = " ".join(name.split())[:80]
        if not person:
            raise InputError("your name is missing; it tells your answers from those of others")
        if len(workspace.ready()[0].data.specification.classes) < LEAST_CLASSES:
            raise InputError("there is only one class to choose: whoever is asked can be neither right nor wrong")
        room().begin(questions, split)
        return remember_reviewer(RedirectResponse("/human/quiz", 303), person)


def _add_questions(router: APIRouter, workspace: Workspace, room: Room) -> None:
    @router.get("/quiz")
    def quiz(request: Request) -> Response:
        person = reviewer_of(request, workspace)
        if not room().quiz.settled.exists():
            return RedirectResponse("/human", 303)
        if room().quiz.question_for(person) is None:
            return RedirectResponse("/human/result", 303)
        return render(request, workspace, "human_quiz.html.j2", **room().ask(person))

    @router.get("/picture/{number}")
    def picture(number: int) -> Response:
        found = room().picture(number)
        return Response(found.content, media_type=found.kind)


def _add_answers(router: APIRouter, workspace: Workspace, room: Room) -> None:
    @router.post("/answer")
    def answer(
        request: Request, question: Annotated[int, Form()], person: Annotated[str, Form()],
        seconds: Annotated[float, Form()], draw: Annotated[str, Form()], pick: Annotated[str, Form()] = "",
        label: Annotated[str, Form()] = "", unsure: Annotated[str, Form()] = "",
    ) -> Response:  # fmt: skip
        require_same_draw(request, draw)
        if not math.isfinite(seconds) or not 0 <= seconds <= LONGEST_SECONDS:
            raise InputError(f"seconds must be from 0 to a day, got {seconds}")
        if not unsure and not (pick or label).strip():
            raise InputError("label is missing: type some letters of a class, or say unsure")
        room().answer(question, person, None if unsure else pick or label, seconds)
        return next_piece(request, person, "")

    @router.post("/undo")
    def undo(
        request: Request, person: Annotated[str, Form()], draw: Annotated[str, Form()],
        back: Annotated[str, Form()] = "",
    ) -> Response:  # fmt: skip
        require_same_draw(request, draw)
        taken = room().quiz.undo(person)
        if back:
            return Response(headers={"HX-Redirect": "/human/quiz"})
        return next_piece(request, person, "There is nothing to undo." if taken is None else "Undone. ")

    def require_same_draw(request: Request, draw: str) -> None:
        require_same_data(request, workspace)
        if draw != room().quiz.key:
            raise OtherDataError(OTHER)

    def next_piece(request: Request, person: str, said: str) -> Response:
        if room().quiz.question_for(person) is None:
            return Response(headers={"HX-Redirect": "/human/result"})
        return render(request, workspace, "human_question.html.j2", **room().ask(person, said))


def _add_result(router: APIRouter, workspace: Workspace, room: Room) -> None:
    @router.get("/result")
    def result(request: Request, anyway: bool = False) -> Response:
        """Results tell labels: who has questions left, or an answer to take back, is asked first."""
        person, quiz = reviewer_of(request, workspace), room().quiz
        is_open = quiz.question_for(person) is not None or quiz.can_undo(person)
        if not anyway and is_open and quiz.is_begun:
            can_undo = quiz.can_undo(person)
            return render(request, workspace, "human_wait.html.j2", **room().start(person), can_undo=can_undo,
                          draw=quiz.key)  # fmt: skip
        told = room().result(person)
        return render(request, workspace, "human_result.html.j2", findings=findings_html(told["report"]), **told)
