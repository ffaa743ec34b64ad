"""What the disciplined approach tells of its steps: what kept a batch small, ties, and a weight decay of none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assay.figure import Lines
from assay.finding import Finding
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.tuning.discipline import Discipline
from assay.tuning.discipline_findings import tell_discipline
from assay.tuning.judging import Gain
from assay.tuning.largest_batch import LargestBatch
from assay.tuning.range_test import RangeTest
from assay.tuning.searched import Searched

RECIPE = Recipe(model=MLP(hidden=(8,)), batch_size=16)
RATES = (1e-3, 1e-2, 1e-1, 1.0)
EARLY = RangeTest(RATES, (2.0, 1.0, 0.5, 0.4), 1e-3, 1e-1, looks=((1e-3, 2.0), (1e-2, 1.0), (1e-1, 1.2)))


def decay(value: float, score: float, loss: float) -> Searched:
    return Searched({"weight_decay": value}, score, loss, False)


TIED = (decay(1e-1, 0.9474, 0.4), decay(1e-2, 0.9474, 0.3), decay(1e-3, 0.9474, 0.35), decay(0.0, 0.9474, 0.2))
DONE = Discipline(RECIPE, RECIPE, LargestBatch(8, {8: 2**20}), EARLY, (), TIED,
                  Gain(0.5, 0.5, 0.0, -0.1, 0.1, 0.1, 5, 9))  # fmt: skip


def told(name: str, done: Discipline = DONE) -> Finding:
    return next(finding for finding in tell_discipline(done, "accuracy") if finding.id == name)


@pytest.mark.parametrize(
    ("batch", "summary"),
    [
        (LargestBatch(8, {8: 2**20}),
         "Batch 8: batches of 16 would leave an epoch fewer than 15 steps (the recipe came with 16)."),
        (LargestBatch(16, {8: 2**20, 16: 2**21}),
         "Batch 16, of 8, 16: batches of 32 would leave an epoch fewer than 15 steps (the recipe came with 16)."),
        (LargestBatch(8, {8: 2**20, 16: 2**31}),
         "Batch 8, of 8, 16: batches of 16 take more memory than there is (the recipe came with 16)."),
        (LargestBatch(8, {8: 2**20, 16: None}),
         "Batch 8, of 8, 16: batches of 16 take more memory than there is (the recipe came with 16)."),
    ],
)  # fmt: skip
def test_what_kept_the_batch_from_being_larger(batch: LargestBatch, summary: str) -> None:
    assert told("batch_size", replace(DONE, batch=batch)).summary == summary


def test_one_dot_is_no_figure() -> None:
    assert told("batch_size").figures == ()
    assert len(told("batch_size", replace(DONE, batch=LargestBatch(16, {8: 2**20, 16: 2**21}))).figures) == 1


def test_a_tie_is_told_with_what_decided_it_and_with_the_sign_against_it() -> None:
    assert told("weight_decay").summary == (
        "Weight decay 0: validation accuracy 0.9474 with 0, 0.9474 with 0.001, 0.9474 with 0.01, 0.9474 with 0.1. "
        "4 tie, of which 0 has the lowest validation loss: which is better is not told. The sign of overfitting in the "
        "range test asked for more."
    )


def test_without_a_tie_nothing_of_one() -> None:
    found = (decay(1e-2, 0.9, 0.3), decay(0.0, 0.8, 0.2))
    assert told("weight_decay", replace(DONE, decay=found)).summary == (
        "Weight decay 0.01, by bisecting the exponent: validation accuracy 0.8000 with 0, 0.9000 with 0.01."
    )


def test_no_weight_decay_is_in_the_figure() -> None:
    (figure,) = told("weight_decay").figures
    assert isinstance(figure, Lines)
    assert figure.series[0].x == (0.0, 0.001, 0.01, 0.1)
