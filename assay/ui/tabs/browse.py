"""Browse: a grid of all examples, filtered, searched and sorted, and all that is known of one beside it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

import numpy as np
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from assay.audit.texts.passages import beginning_of, passages_of
from assay.errors import InputError
from assay.ui.addresses import text
from assay.ui.choices import choices
from assay.ui.condition import complete
from assay.ui.deciding import Answer, announce, read_answer, say_words, take_back, take_decision
from assay.ui.features import shown, values_of
from assay.ui.pages import render, reviewer_of
from assay.ui.subject import Subject
from assay.ui.thumbnails import is_drawn, is_pixels
from assay.ui.views import DECIDED, Wish, decision_cells, with_decisions
from assay.ui.workspace import Workspace

MOST_CELLS = 400
SIMILAR = 12
FIRST_LETTERS = 160
"""Of a text in a cell."""
CELL_VALUES, MOST_IN_LINE = 5, 40
SHORTCUTS = (
    ("Duplicates", "duplicate_group", "duplicate_group IS NOT NULL"),
    ("Near duplicates", "near_group", "near_group IS NOT NULL"),
    ("Flagged labels", "flagged", "flagged"),
    ("Decided", "decision", "decision IS NOT NULL"),
    ("Reviewers differ", "conflict", "decision = 'conflict'"),
)
"""What many look for: its name, what must be there for it, its condition."""


def read_wish(where: str = "", words: str = "", sort: str = "", descending: Annotated[str, Query()] = "") -> Wish:
    """What the form asks for."""
    return Wish(where.strip(), words.strip(), sort, descending not in ("", "0", "false"))


Asked = Annotated[Wish, Depends(read_wish)]


def make_router(workspace: Workspace) -> APIRouter:
    """The tab's pages."""
    router = APIRouter(prefix="/browse")
    _add_grid(router, workspace)
    _add_example(router, workspace)
    _add_deciding(router, workspace)
    return router


def _add_grid(router: APIRouter, workspace: Workspace) -> None:
    @router.get("")
    def page(request: Request, wish: Asked) -> HTMLResponse:
        return render(request, workspace, "browse.html.j2", **describe_grid(workspace, wish))

    @router.get("/grid")
    def grid(request: Request, wish: Asked) -> HTMLResponse:
        return render(request, workspace, "browse_grid.html.j2", **describe_grid(workspace, wish))

    @router.get("/cells")
    def cells(
        request: Request, wish: Asked, start: int = 0, count: int = 60, moment: int | None = None
    ) -> HTMLResponse:
        rows = workspace.rows(wish, moment)
        part = rows[max(0, start) : max(0, start) + min(count, MOST_CELLS)]
        is_lined = bool(workspace.ready()[0].features) or bool(workspace.ready()[0].data.texts)
        return render(request, workspace, "browse_cells.html.j2", start=start, total=len(rows), is_lined=is_lined,
                      cells=describe_cells(workspace, part, is_lined=is_lined))  # fmt: skip

    @router.get("/complete")
    def completions(request: Request, text: str = "") -> list[dict[str, Any]]:
        subject, journal = workspace.ready()
        return [vars(one) for one in complete(with_decisions(subject, journal.read()), text)]


def _add_example(router: APIRouter, workspace: Workspace) -> None:
    """What is known of one, and which are like it."""

    @router.get("/example/{row}")
    def example(request: Request, row: int) -> HTMLResponse:
        return render(request, workspace, "browse_example.html.j2", **describe_example(request, workspace, row))

    @router.get("/similar/{row}")
    def similar(request: Request, row: int) -> HTMLResponse:
        subject, _ = workspace.ready()
        likeness = workspace.similar
        assert likeness is not None
        subject.place(row)
        found = likeness.nearest(row, SIMILAR) if likeness.ask() else None
        near = None if found is None else describe_cells(workspace, np.array([other for other, _ in found], dtype=int))
        return render(request, workspace, "browse_similar.html.j2", row=row, near=near, read=len(likeness.rows),
                      likeness=[value for _, value in found or ()], total=len(subject),
                      problem=likeness.problem)  # fmt: skip


def _add_deciding(router: APIRouter, workspace: Workspace) -> None:
    @router.post("/decide")
    def decide(request: Request, answer: Annotated[Answer, Depends(read_answer)]) -> HTMLResponse:
        said = take_decision(request, workspace, answer)
        return announce(render(request, workspace, "saved.html.j2", said=said), "assay:decided", row=answer.row)

    @router.post("/undo")
    def undo(request: Request, wish: Asked, moment: int | None = None) -> HTMLResponse:
        row, said = take_back(request, workspace)
        answer = render(request, workspace, "saved.html.j2", said=said)
        if row is None:
            return answer
        at = np.flatnonzero(workspace.rows(wish, moment) == row)
        return announce(answer, "assay:undone", row=row, index=int(at[0]) if len(at) else None)


def describe_grid(workspace: Workspace, wish: Wish) -> dict[str, Any]:
    """What the grid is told at first: how many there are; what is wrong with the condition, if anything."""
    subject, journal = workspace.ready()
    problem, total = "", 0
    try:
        total = len(workspace.rows(wish))
    except InputError as error:
        problem = str(error)
    columns = with_decisions(subject, journal.read()).columns
    standing = journal.read()
    has = {**dict.fromkeys(columns, True), "decision": bool(standing.state.standing),
           "conflict": bool(standing.state.conflicts)}  # fmt: skip
    shortcuts = [(name, where) for name, column, where in SHORTCUTS if has.get(column, False)]
    return {"wish": wish, "total": total, "of": len(subject), "problem": problem, "columns": columns,
            "shortcuts": shortcuts, "moment": standing.version, "is_drawn": is_drawn(subject.data.specification),
            "query": query_of(wish),
            "heads": [title for _, title in columns_of(subject)], "texts": subject.data.texts,
            "is_worded": len(subject.searched) > len(("id", "label")),
            "such_as": an_example_of_a_condition(subject)}  # fmt: skip


def an_example_of_a_condition(subject: Subject) -> str:
    """One that this data knows, of a class or number that it has."""
    if not len(subject):
        return ""
    label = subject.label(0)
    such_as = f"label > {label:.4g}" if isinstance(label, float) else f"label = {text(str(label))}"
    return such_as + (" AND brightness < 20" if "brightness" in subject.table.columns else "")


def columns_of(subject: Subject) -> list[tuple[str, str]]:
    """Columns that a line tells, and what they are called there: how long texts are, then the user's own."""
    texts = () if subject.data.texts is None else tuple(subject.data.texts.columns)
    lengths = [(f"{name}_words", "words" if len(texts) == 1 else f"{name}, words") for name in texts]
    found = [(column, title) for column, title in lengths if column in subject.table.columns]
    return [*found, *((name, name) for name in subject.features)][:MOST_IN_LINE]


def query_of(wish: Wish) -> str:
    """A wish as an address carries it; what is not wished for is left out."""
    asked = {"where": wish.where, "words": wish.words, "sort": wish.sort, "descending": "1" if wish.descending else ""}
    return urlencode({name: value for name, value in asked.items() if value})


def describe_cells(workspace: Workspace, rows: np.ndarray, *, is_lined: bool = False) -> list[dict[str, Any]]:
    """What a cell of the grid shows of each row; `is_lined`: the line of a table instead."""
    subject, journal = workspace.ready()
    standing, drawn, found = journal.read(), is_drawn(subject.data.specification), list[dict[str, Any]]()
    told = [name for name, _ in columns_of(subject)] if is_lined else []
    columns = subject.table.select(told) if told else None
    for row in rows.tolist():
        id = subject.id(row)
        words = standing.words(id)
        found.append({
            "row": row, "id": id, "label": shown(subject.label(row)), "split": subject.place(row)[0],
            "mark": standing.state.verdict(id), "said": "; ".join(say_words(dict(words))),
            "text": beginning_of(subject.data, id, FIRST_LETTERS),
            "values": [] if drawn or is_lined else values_of(subject, row, CELL_VALUES),
            "line": [] if columns is None else [shown(value) for value in columns.row(row)],
        })  # fmt: skip
    return found


def describe_example(request: Request, workspace: Workspace, row: int) -> dict[str, Any]:
    """All that is known of one example."""
    subject, journal = workspace.ready()
    id = subject.id(row)
    standing = journal.read()
    words, now = standing.words(id), decision_cells(standing, id)
    cells = {name: cell for name, cell in subject.table.row(row, named=True).items() if name not in DECIDED}
    cells = {**cells, **{name: cell for name, cell in now.items() if cell is not None}}
    left_out = ("row", "id", "label", "split", "digest", *subject.features, *subject.texts)
    drawn = is_drawn(subject.data.specification)
    return {
        "row": row, "id": id, "split": cells["split"], "label": shown(subject.label(row)), "is_drawn": drawn,
        "is_small": is_pixels(subject.data.specification)
        and max(subject.data.specification.input_shape[-2:]) <= 96,
        "known": [(name, shown(value)) for name, value in cells.items() if name not in left_out],
        "passages": passages_of(subject.data, id),
        "values": [] if subject.data.specification.is_image else values_of(subject, row),
        "choices": choices(subject.data.specification), "words": say_words(dict(words)),
        "is_conflict": now.get("decision") == "conflict", "mine": words.get(reviewer_of(request, workspace)),
        "has_classes": subject.data.specification.task == "classification",
    }  # fmt: skip
