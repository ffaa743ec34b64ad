"""Cheap first: what short trainings rule out is left out only where they prove true."""

from __future__ import annotations

import numpy as np
import pytest

from assay.ablation.cheap_first import CheapFirst, study_cheap_first
from assay.ablation.sequential import Looks
from assay.ablation.study_findings import report_of
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.trial import Trial, in_turn
from assay.tricks.average.ema import EMA
from assay.tricks.drop.dropout import Dropout

BASELINE = Recipe(model=MLP(), epochs=8)
TRICKS = tuple(EMA(0.9 + number / 100) for number in range(8))
WORTH = {trick: 0.08 * (number - 3) for number, trick in enumerate(TRICKS)}


def carry_out(cheap_sign: int, tricks=TRICKS) -> tuple[CheapFirst, list[tuple[Recipe, int]]]:
    log: list[tuple[Recipe, int]] = []

    def measure(recipe: Recipe, seed: int) -> Trial:
        log.append((recipe, seed))
        worth = sum(WORTH.get(trick, 0.0) for trick in recipe.tricks) * (cheap_sign if recipe.epochs < 8 else 1)
        value = worth + 0.01 * np.random.default_rng([seed, int(recipe.key(), 16)]).normal()
        return Trial(recipe, seed, value, 0.0, 1, 60, 1.0, np.array([value]))

    first = study_cheap_first(BASELINE, tricks, in_turn(measure), fidelity=0.25, first_seed=3, looks=Looks((3, 5)),
                              tell_length=lambda recipe: f"trainings of {recipe.epochs:g} epochs")  # fmt: skip
    return first, log


def test_what_a_true_cheap_study_rules_out_is_not_studied_in_full() -> None:
    first, log = carry_out(1)
    assert first.checked.fidelity.trust == "trusted"
    assert set(first.tricks) == set(TRICKS[3:]) or set(first.tricks) == set(TRICKS[4:])
    report = report_of(first.study)
    assert {skip.id for skip in report.skipped} >= {"EMA(decay=0.9)"}
    assert "the cheap study rules out that it helps" in report.skipped[0].reason
    (told,) = [finding for finding in report.findings if finding.id == "cheap_fidelity"]
    assert "the effects of trainings of 2 epochs and of trainings of 8 epochs" in told.summary
    cheap, full = ({seed for recipe, seed in log if (recipe.epochs < 8) == is_cheap} for is_cheap in (True, False))
    assert not cheap & full, "noise in common would pass for agreement"


def test_where_it_proves_false_all_are_studied_in_full() -> None:
    first, _ = carry_out(-1)
    assert first.checked.fidelity.trust == "not trusted"
    assert first.tricks == TRICKS
    assert len(first.study.effects) == 8
    assert not report_of(first.study).skipped


def test_fewer_than_three_tricks_have_no_order() -> None:
    with pytest.raises(InputError, match="few must be from 3 to the number of tricks, 2"):
        carry_out(1, (EMA(), Dropout()))
