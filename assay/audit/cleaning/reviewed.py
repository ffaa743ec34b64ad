"""What people have said about the labels so far, row by row, and what that teaches about the ranking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assay.audit.decisions import DecisionLog, Drawn, State, fold, read_drawn
from assay.audit.decisions.state import JUDGED
from assay.audit.labels.cut_off import CutOff, learn_cut_off
from assay.audit.labels.fusion import Fusion
from assay.audit.labels.precision import Precision, draw_for_review, measure_precision
from assay.errors import InputError

SAMPLE = 100
CUT_SHARES = (0.1, 0.25, 0.5, 1.0)
"""Of the flagged, most suspicious first: where precision is measured."""


@dataclass(frozen=True, eq=False)
class Reviewed:
    """decision: of each row, "" where there is none. wrong: by row, whether reviewers found its label wrong.

    sample: (n,) place of each row in the random draw among the flagged, from 1; 0 where it was not drawn.
    """

    decision: tuple[str, ...]
    wrong: Mapping[int, bool]
    sample: np.ndarray

    @property
    def drawn(self) -> Drawn[int]:
        """Of the random sample, the decided in unbroken order from its first."""
        order = np.argsort(self.sample, kind="stable")
        return read_drawn((int(row), self.decision[row]) for row in order if self.sample[row])


def read_review(ids: tuple[str, ...], fusion: Fusion, log: DecisionLog | None, *, seed: int) -> Reviewed:
    """Decisions by row, and the sample that is to be reviewed: the same for the same flags and seed.

    Raises:
        InputError: a decision is for an id that is not there.
    """
    sample = np.zeros(len(fusion), dtype=np.int64)
    if fusion.flagged.any():
        rows = draw_for_review(fusion.flagged, SAMPLE, seed=seed)
        sample[rows] = np.arange(1, len(rows) + 1)
    decision, wrong = [""] * len(ids), dict[int, bool]()
    state = State({}) if log is None else fold(log.decisions)
    rows_of = {id: row for row, id in enumerate(ids)}
    for id in state.standing:
        if id not in rows_of:
            raise InputError(f"no example has the id {id!r}, such as {ids[0]!r}; are these decisions of this source?")
        row, verdict = rows_of[id], state.verdict(id)
        decision[row] = verdict
        if verdict in JUDGED:
            wrong[row] = verdict != "keep"
    return Reviewed(tuple(decision), wrong, sample)


def precision_at_cuts(fusion: Fusion, reviewed: Reviewed) -> tuple[Precision, ...]:
    """How often a flag is right among the most suspicious tenth, quarter, half and all of the flagged."""
    scores = -np.sort(-fusion.score[fusion.flagged])
    if not len(scores) or not reviewed.drawn.wrong:
        return ()
    cuts = [scores[max(0, int(np.ceil(share * len(scores))) - 1)] for share in CUT_SHARES]
    return measure_precision(fusion.score, reviewed.drawn.wrong, cuts)


def learnt_cut(fusion: Fusion, reviewed: Reviewed) -> CutOff | str:
    """The cut-off that the reviewed examples teach, or why there is none yet."""
    try:
        return learn_cut_off(fusion, reviewed.wrong)
    except InputError as error:
        return str(error)
