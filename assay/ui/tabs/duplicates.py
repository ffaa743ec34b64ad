"""Duplicates: groups of examples that are the same, side by side, to choose which stays."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from assay.errors import InputError
from assay.ui.deciding import Answer, read_answer, take_back, take_decision
from assay.ui.pages import render
from assay.ui.subject import Subject
from assay.ui.tabs.browse import describe_cells, describe_example
from assay.ui.thumbnails import is_pixels
from assay.ui.twins import AllTwins, Twins
from assay.ui.workspace import Workspace

WHICH = {"all": "all groups", "across": "across splits", "torn": "labelled differently", "equal": "equal ones"}
NEAR = "near_duplicates"
"""What the audit calls the search for them."""
LISTED, SIDE_BY_SIDE, PICTURED = 60, 12, 4


class Place(NamedTuple):
    """Where one is: which groups, the number of the group among them, the number of the member in it."""

    which: str = "all"
    group: int = 0
    member: int = 0


def read_place(which: str = "all", group: int = 0, member: int = 0) -> Place:
    """From the address."""
    if which not in WHICH:
        raise InputError(f"which must be one of {', '.join(WHICH)}, got {which!r}")
    return Place(which, group, member)


Asked = Annotated[Place, Depends(read_place)]


def make_router(workspace: Workspace) -> APIRouter:
    """The tab's pages."""
    router = APIRouter(prefix="/duplicates")

    @router.get("")
    def page(request: Request, place: Asked) -> HTMLResponse:
        return render(request, workspace, "duplicates.html.j2", **describe(request, workspace, place))

    @router.get("/list")
    def more(request: Request, place: Asked, start: int = 0) -> HTMLResponse:
        values = list_groups(workspace, place, start)
        return render(request, workspace, "duplicates_list.html.j2", **values, place=place)

    @router.get("/card")
    def card(request: Request, place: Asked, step: int = 0) -> HTMLResponse:
        return answer_with(request, workspace, step_from(workspace, place, step))

    @router.post("/decide")
    def decide(request: Request, place: Asked, answer: Annotated[Answer, Depends(read_answer)]) -> HTMLResponse:
        said = take_decision(request, workspace, answer)
        return answer_with(request, workspace, step_from(workspace, place, 1), said, place.group)

    @router.post("/undo")
    def undo(request: Request, place: Asked) -> HTMLResponse:
        row, said = take_back(request, workspace)
        if row is not None:
            place = place_of(row, workspace, place)
        return answer_with(request, workspace, place, said, place.group)

    return router


def answer_with(
    request: Request, workspace: Workspace, place: Place, said: str = "", changed: int | None = None
) -> HTMLResponse:
    """The card at a place, and the line of the group that was changed."""
    values = describe(request, workspace, place, said)
    groups = workspace.once(AllTwins).chosen(place.which)
    # The groups may be others than those the page was made of.
    if changed is not None and 0 <= changed < len(groups):
        twins = groups[changed]
        values["changed"] = [(changed, twins, describe_few(workspace, twins))]
    return render(request, workspace, "duplicates_card.html.j2", **values)


def place_of(row: int, workspace: Workspace, place: Place) -> Place:
    """Where this member is among the same groups; where one was if none of them holds it."""
    for number, twins in enumerate(workspace.once(AllTwins).chosen(place.which)):
        if row in twins.rows:
            return Place(place.which, number, twins.rows.index(row))
    return place


def step_from(workspace: Workspace, place: Place, step: int) -> Place:
    """The member so many steps on, over the ends of groups, no farther than the first and the last of all."""
    groups = workspace.once(AllTwins).chosen(place.which)
    if not groups:
        return place
    group, member = min(max(0, place.group), len(groups) - 1), place.member + step
    if member >= len(groups[group].rows):
        last = group == len(groups) - 1
        return Place(place.which, group, len(groups[group].rows) - 1) if last else Place(place.which, group + 1, 0)
    if member < 0:
        return Place(place.which, group - 1, len(groups[group - 1].rows) - 1) if group else Place(place.which, 0, 0)
    return Place(place.which, group, member)


def describe(request: Request, workspace: Workspace, place: Place, said: str = "") -> dict[str, Any]:
    """The group at a place, its member at hand, and the list beside it."""
    found = workspace.once(AllTwins)
    groups = found.chosen(place.which)
    place = step_from(workspace, place, 0)
    values = {"which": {key: (words, len(found.chosen(key))) for key, words in WHICH.items()}, "place": place,
              "said": said, "changed": [], "total": len(groups), "reading": workspace.reading,
              "unsought": why_unsought(found.subject), "is_any": bool(found.groups),
              **list_groups(workspace, place, 0)}  # fmt: skip
    if not groups:
        return {**values, "twins": None}
    twins = groups[place.group]
    start = max(0, min(place.member - SIDE_BY_SIDE // 2, len(twins.rows) - SIDE_BY_SIDE))
    members = twins.rows[start : start + SIDE_BY_SIDE]
    card = describe_example(request, workspace, twins.rows[place.member])
    return {**values, "twins": twins, "start": start, "card": card, "action": twins.action(card["row"]),
            "members": describe_cells(workspace, np.array(members, dtype=np.int64))}  # fmt: skip


def why_unsought(subject: Subject) -> str:
    """Why near duplicates were not looked for; empty where they were."""
    if "near_group" in subject.table.columns:
        return ""
    for skip in subject.report.skipped if subject.report is not None else ():
        if skip.id == NEAR:
            return skip.reason
    if not is_pixels(subject.data.specification):
        return "they are looked for among images alone"
    return "the audit does not tell why"


def list_groups(workspace: Workspace, place: Place, start: int) -> dict[str, Any]:
    """A part of the list of groups, each with a few pictures and whether it is decided."""
    groups = workspace.once(AllTwins).chosen(place.which)
    part = groups[max(0, start) : max(0, start) + LISTED]
    listed = [(number, twins, describe_few(workspace, twins)) for number, twins in enumerate(part, max(0, start))]
    following = start + LISTED if start + LISTED < len(groups) else None
    return {"listed": listed, "following": following}


def describe_few(workspace: Workspace, twins: Twins) -> dict[str, Any]:
    """Its first members, and how many of all are decided."""
    subject, journal = workspace.ready()
    standing = journal.read()
    decided = sum(bool(standing.words(subject.id(row))) for row in twins.rows)
    few = describe_cells(workspace, np.array(twins.rows[:PICTURED], dtype=np.int64))
    return {"cells": few, "decided": decided, "n": len(twins.rows)}
