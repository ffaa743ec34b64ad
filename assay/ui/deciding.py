"""What a key or button decides, for every tab: written to the file, then said."""

from __future__ import annotations

import json
from typing import Annotated, Literal, NamedTuple

from fastapi import Form, Request
from fastapi.responses import HTMLResponse

from assay.audit.decisions import Decision
from assay.audit.decisions.checking import are_same
from assay.audit.decisions.decision import Action, Label
from assay.ui.choices import label_meant
from assay.ui.journal import Journal
from assay.ui.pages import reviewer_of
from assay.ui.same_data import OTHER, OtherDataError, require_same_data
from assay.ui.workspace import Workspace

Wanted = Literal["keep", "label", "drop", "unsure"]
SAID = {"keep": "kept as {previous}", "relabel": "labelled {label}", "drop": "dropped", "unsure": "unsure",
        "undo": "undone"}  # fmt: skip


class Answer(NamedTuple):
    """What was pressed: `label` with what was typed or picked, or another action on the row, which showed this id."""

    row: int
    id: str
    action: Wanted
    label: str = ""


def read_answer(
    row: Annotated[int, Form()],
    id: Annotated[str, Form()],
    action: Annotated[Wanted, Form()],
    label: Annotated[str, Form()] = "",
    pick: Annotated[str, Form()] = "",
) -> Answer:
    """From the form that was sent; what was picked from the list counts before what was typed."""
    return Answer(row, id, action, pick or label)


def take_decision(request: Request, workspace: Workspace, answer: Answer) -> str:
    """Write a reviewer's decision on a row, and give the words that say so once it is on the disk.

    To give the label that an example has is to keep it.

    Raises:
        InputError: no such label or action, or the file cannot be written.
        NotThereError: no such row.
        OtherDataError: the page shows other data, or another example in this row.
    """
    require_same_data(request, workspace)
    subject, journal = workspace.ready()
    id, previous, label = subject.id(answer.row), subject.label(answer.row), None
    if answer.id != id:
        raise OtherDataError(OTHER)
    if answer.action == "label":
        label = label_meant(subject.data.specification, answer.label)
    action: Action = answer.action if answer.action in ("keep", "drop", "unsure") else "relabel"
    if action == "relabel" and are_same(previous, label):
        action, label = "keep", None
    journal.decide(id, action, reviewer=reviewer_of(request, workspace), label=label, previous=previous)
    return say(action, label, previous) + say_lost(journal)


def take_back(request: Request, workspace: Workspace) -> tuple[int | None, str]:
    """Undo the reviewer's last decision; the row it was on, and the words that say so.

    Raises:
        OtherDataError: the page shows other data.
    """
    require_same_data(request, workspace)
    subject, journal = workspace.ready()
    last = journal.undo(reviewer_of(request, workspace))
    if last is None:
        return None, f"nothing to undo{say_lost(journal)}"
    return subject.row_of.get(last.id), f"taken back: {say(last.action, last.label, last.previous)}{say_lost(journal)}"


def say(action: str, label: Label, previous: Label) -> str:
    """A decision in words."""
    return SAID[action].format(label=label, previous=previous)


def say_lost(journal: Journal) -> str:
    """What is added to it while the file lacks decisions that it held."""
    lost = journal.read().lost
    return f"; {lost:,} decided before {'is' if lost == 1 else 'are'} gone from the file, see Overview" if lost else ""


def say_words(decisions: dict[str, Decision] | None) -> list[str]:
    """What each reviewer says of an example now."""
    return [f"{who}: {say(one.action, one.label, one.previous)}" for who, one in sorted((decisions or {}).items())]


def announce(answer: HTMLResponse, event: str, **values: object) -> HTMLResponse:
    """Tell the page's scripts."""
    answer.headers["HX-Trigger"] = json.dumps({event: values})
    return answer
