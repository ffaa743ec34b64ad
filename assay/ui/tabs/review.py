"""Review: labels that may be wrong, most suspicious first, one at a time and by key."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, NamedTuple

import numpy as np
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from assay.audit.decisions import read_drawn
from assay.errors import InputError
from assay.intervals import wilson_interval
from assay.ui.deciding import Answer, read_answer, take_back, take_decision
from assay.ui.features import compare_values, shown
from assay.ui.journal import Standing
from assay.ui.pages import render, reviewer_of
from assay.ui.suspects import Suspects
from assay.ui.tabs.browse import describe_cells, describe_example
from assay.ui.unknown_ids import tell_unknown_ids
from assay.ui.workspace import Workspace

AHEAD = 10
WHOSE = {"anyone": "nobody decided yet", "me": "I did not decide yet", "nobody": "all, also decided ones"}


class Round(NamedTuple):
    """What a reviewer goes through. queue: one of `Suspects.queues`. whose: decisions that make it pass over one."""

    queue: str = ""
    whose: str = "anyone"


def read_round(queue: str = "", whose: str = "anyone") -> Round:
    """From the address."""
    if whose not in WHOSE:
        raise InputError(f"whose must be one of {', '.join(WHOSE)}, got {whose!r}")
    return Round(queue, whose)


Asked = Annotated[Round, Depends(read_round)]


def make_router(workspace: Workspace) -> APIRouter:
    """The tab's pages."""
    router = APIRouter(prefix="/review")

    @router.get("")
    def page(request: Request, round: Asked, row: int | None = None) -> HTMLResponse:
        return render(request, workspace, "review.html.j2", **describe(request, workspace, round, row))

    @router.get("/card")
    def card(request: Request, round: Asked, row: int | None = None, step: int = 0) -> HTMLResponse:
        return answer_with(request, round, row, step=step)

    @router.post("/decide")
    def decide(request: Request, round: Asked, answer: Annotated[Answer, Depends(read_answer)]) -> HTMLResponse:
        said = take_decision(request, workspace, answer)
        return answer_with(request, round, answer.row, step=None, said=said)

    @router.post("/undo")
    def undo(request: Request, round: Asked, row: int | None = None) -> HTMLResponse:
        back, said = take_back(request, workspace)
        return answer_with(request, round, row if back is None else back, said=said)

    def answer_with(
        request: Request, round: Round, row: int | None, step: int | None = 0, said: str = ""
    ) -> HTMLResponse:
        values = describe(request, workspace, round, row, step, said)
        return render(request, workspace, "review_card.html.j2", **values)

    return router


def describe(
    request: Request, workspace: Workspace, round: Round, row: int | None, step: int | None = 0, said: str = ""
) -> dict[str, Any]:
    """The card of a row, or of one so many steps from it; of the next that is open where `step` is None.

    Raises:
        InputError: there is no such queue.
    """
    suspects, reviewer = workspace.once(Suspects), reviewer_of(request, workspace)
    standing = workspace.ready()[1].read()
    name = round.queue or next(iter(suspects.queues))
    if name not in suspects.queues:
        raise InputError(f"queue must be one of {', '.join(suspects.queues)}, got {name!r}")
    rows = suspects.queues[name][1]
    decided = decided_rows(suspects, standing, round.whose, reviewer)
    with workspace.desks.seat(reviewer) as seat:
        if round.whose == "anyone":
            decided |= {suspects.subject.row_of[id] for id in seat.taken if id in suspects.subject.row_of}
        at = place_in(rows, row, step, decided)
        is_over = at is None and (row is None or step is None)
        chosen = row if at is None else int(rows[at])
        seat.own = None if is_over or chosen is None else suspects.subject.id(chosen)
    values = {
        "queues": {key: (words, len(found)) for key, (words, found) in suspects.queues.items()},
        "round": Round(name, round.whose), "whose": WHOSE, "total": len(rows), "said": said, "at": at,
        "is_judged": suspects.is_judged,
        "reading": workspace.reading,
        "troubles": (*standing.troubles, *tell_unknown_ids(suspects.subject, standing.log)),
        "tally": tally(suspects, standing, rows, is_sample=name == "sample"), "alone": workspace.desks.problem,
    }  # fmt: skip
    if is_over:
        return {**values, "card": None, "ahead": []}
    ahead = [] if at is None else rows[at + 1 : at + 1 + AHEAD]
    return {**values, "card": describe_card(request, workspace, suspects, chosen),
            "ahead": describe_cells(workspace, np.asarray(ahead, dtype=np.int64))}  # fmt: skip


def describe_card(request: Request, workspace: Workspace, suspects: Suspects, row: int | None) -> dict[str, Any]:
    """One example, why it is here, and what to compare it with."""
    assert row is not None
    card = describe_example(request, workspace, row)
    proposal, label = suspects.proposal(row), suspects.subject.label(row)
    votes = suspects.votes(row)
    rival = proposal if proposal is not None else (votes or {}).get("answer")
    compared = [label] if rival is None or rival == label else [label, rival]
    typical = {shown(one): describe_cells(workspace, np.array(suspects.typical(one), dtype=np.int64))
               for one in (compared if card["has_classes"] and not suspects.subject.features else [])}  # fmt: skip
    is_compared = card["has_classes"] and bool(suspects.subject.features)
    usual = compare_values(suspects.subject, row, compared) if is_compared else None
    fellows = describe_cells(workspace, np.array(suspects.fellows(row)[:8], dtype=np.int64))
    reason = suspects.reasons.get(row, "") if votes is None else ""
    # The button says what was shown: a table that arrives meanwhile proposes for itself only.
    accepted = {"action": "keep"} if proposal is None else {"action": "label", "label": str(proposal)}
    return {**card, "accepted": accepted, "proposal": None if proposal is None else shown(proposal), "votes": votes,
            "typical": typical, "usual": usual, "fellows": fellows, "reason": reason}  # fmt: skip


def decided_rows(suspects: Suspects, standing: Standing, whose: str, reviewer: str) -> set[int]:
    """Rows that the round passes over."""
    if whose == "nobody":
        return set()
    ids = standing.state.standing if whose == "anyone" else standing.state.by(reviewer)
    row_of = suspects.subject.row_of
    return {row_of[id] for id in ids if id in row_of}


def place_in(rows: np.ndarray, row: int | None, step: int | None, decided: set[int]) -> int | None:
    """Where in the queue to be next; None at its end, and for a row that is none of it and is to be shown itself."""
    found = np.flatnonzero(rows == row) if row is not None else np.empty(0, dtype=np.int64)
    at = int(found[0]) if len(found) else None
    if at is not None and step is not None:
        return min(max(0, at + step), len(rows) - 1)
    if row is not None and at is None and step == 0:
        return None
    start = 0 if at is None else at + 1
    for place in (*range(start, len(rows)), *range(start)):
        if int(rows[place]) not in decided:
            return place
    return None


def tally(suspects: Suspects, standing: Standing, rows: np.ndarray, *, is_sample: bool) -> dict[str, Any]:
    """What was decided in this queue, and how many labels were wrong; of a random sample with the interval.

    Of a sample only what is decided without a gap from its first counts: the other queues decide its worst first.
    """
    row_of = suspects.subject.row_of
    told = {row_of[id]: standing.state.verdict(id) for id in standing.state.standing if id in row_of}
    verdicts = [(row, told.get(row, "")) for row in rows.tolist()]
    counts = Counter(verdict for _, verdict in verdicts if verdict)
    judged = read_drawn(verdicts if is_sample else ((row, verdict) for row, verdict in verdicts if verdict)).wrong
    wrong = sum(judged.values())
    interval = wilson_interval(wrong, len(judged)) if judged and is_sample else None
    return {"counts": counts, "decided": counts.total(), "wrong": wrong, "judged": len(judged), "interval": interval}
