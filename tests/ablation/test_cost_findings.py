"""Costs beside gains, and learning curves: from studies made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assay.ablation.cost_findings import Costs, best_worth, tell_costs
from assay.ablation.costs import Cost, InTurn
from assay.ablation.curves import MOST_CURVES, curves_of, draw_curves, tell_curves
from assay.ablation.effect_table import columns_of, rows_of
from assay.ablation.paper_tables import latex_table, markdown_table
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.trial import CURVE_PARTS, Trial, thin_curve
from assay.tricks.average.ema import EMA
from assay.tricks.schedule.cosine import Cosine

PLAIN = Cost(0.010, 50 * 2**20, 2.5e9, 94_186, 300, 50)
SLOW = Cost(0.019, 100 * 2**20, 5e9, 94_186, 300, 50)
DEAR = StudiedEffect("SAM(radius=0.05)", (0,), 0.02, 0.01, 0.03, 5, 1e-4, "helps", 0.99, 0.01, 2.0)
FREE = StudiedEffect("EMA()", (1,), 0.01, 0.005, 0.015, 5, 1e-3, "helps", 0.99, 0.01, 1.01)


def study(*effects: StudiedEffect, costs: Costs | None = None) -> Study:
    return Study("add-one", "what it adds", effects, Looks((3, 5)), 12, 20, costs=costs)


def test_a_row_for_the_baseline_and_each_trick() -> None:
    found = tell_costs(study(DEAR, FREE, costs=Costs(PLAIN, {0: SLOW, 1: PLAIN})))
    assert found is not None
    assert found.summary == (
        "An update of the baseline takes 10 ms, 50 MiB and 2.5 GFLOP (measured once, on 50 updates); the most for its "
        "seconds: EMA()."
    )
    assert found.figures[0].rows == (  # type: ignore[union-attr]
        ("baseline", "10", "50 MiB", "2.5 GFLOP", "94,186"),
        ("SAM(radius=0.05)", "20", "100 MiB", "5 GFLOP", "94,186"),
        ("EMA()", "10.1", "50 MiB", "2.5 GFLOP", "94,186"),
    )


def test_costs_stand_beside_gains_in_every_table() -> None:
    made = study(DEAR, FREE, costs=Costs(PLAIN, {0: SLOW}))
    assert columns_of(made)[-2:] == ("peak memory", "operations")
    assert [row[-3:] for row in rows_of(made)] == [("2.00x", "2.00x", "2.00x"), ("1.01x", "", "")]
    assert "| 2.00x | 2.00x | 2.00x |" in markdown_table(made)
    assert "SAM(radius=0.05) & 2.00 & 2.00 & 2.00 " in latex_table(made)
    assert latex_table(study(DEAR)).count(r"\begin{tabularx}") == 1


def test_milliseconds_have_their_range_over_seeds() -> None:
    found = tell_costs(study(replace(DEAR, seconds_range=(1.5, 2.5)), costs=Costs(PLAIN, {0: SLOW})))
    assert found is not None
    assert found.figures[0].rows[1][1] == "20 (15 to 25)"  # type: ignore[union-attr]


def test_without_costs_nothing_is_told_of_them() -> None:
    assert tell_costs(study(DEAR)) is None
    assert tell_costs(study(DEAR, costs=Costs(PLAIN))) is None
    assert columns_of(study(DEAR))[-1] == "seconds a step"


def test_seconds_that_nothing_tells_are_not_made_up() -> None:
    """They were those of one measurement at another moment."""
    found = tell_costs(study(replace(DEAR, seconds_per_step_ratio=math.nan), FREE, costs=Costs(PLAIN, {0: SLOW})))
    assert found is not None
    assert found.figures[0].rows[1][1] == ""  # type: ignore[union-attr]
    assert found.evidence["tricks"]["SAM(radius=0.05)"]["seconds_per_step"] is None
    assert found.summary.endswith("Seconds of SAM(radius=0.05) cannot be told: nothing was timed in turn with the "
                                  "baseline's; operations tell what there is to compute.")  # fmt: skip


def test_one_trick_has_one_number_of_seconds_wherever_it_stands() -> None:
    """A table had 35.8 ms, and the details of the same card 57.6."""
    costs = Costs(PLAIN, {0: SLOW}, {0: InTurn(1.5, 1.25, 1.75, 1.5, 2.0)})
    made = study(*costs.seconds_of((DEAR, FREE)), costs=costs)
    found = tell_costs(made)
    assert found is not None
    assert found.figures[0].rows[1][1] == "15 (12.5 to 17.5)"  # type: ignore[union-attr]
    assert found.evidence["tricks"]["SAM(radius=0.05)"]["seconds_per_step"] == pytest.approx(0.015)
    assert rows_of(made)[0][-3] == "1.50x (1.25 to 1.75)"
    assert made.effects[1] is FREE
    assert costs.of((EMA(), Cosine()), (Cosine(), EMA())).in_turn == {1: costs.in_turn[0]}


def test_what_is_worth_most_helps() -> None:
    assert best_worth(study(DEAR, FREE)) == "EMA()"
    assert best_worth(study(replace(DEAR, verdict="no measurable effect"))) == ""


def trial(recipe: Recipe, seed: int, losses: list[float] | None) -> Trial:
    curve = None if losses is None else np.array(losses, np.float32)
    return Trial(recipe, seed, 0.5, 1.0, 1, 60, 1.0, np.array([0.5]), curve=curve)


def test_curves_are_means_over_seeds_the_baseline_first() -> None:
    recipe, tricks = Recipe(model=MLP()), (Cosine(), EMA())
    trials = {((1,), 0): trial(recipe, 0, [2.0, 1.0]), ((), 0): trial(recipe, 0, [4.0, 2.0]),
              ((), 1): trial(recipe, 1, [2.0, 1.0]), ((0,), 0): trial(recipe, 0, None)}  # fmt: skip
    curves = curves_of(trials, tricks)
    assert [(one.name, one.losses, one.n) for one in curves] == [
        ("baseline", (3.0, 1.5), 2), ("EMA()", (2.0, 1.0), 1),
    ]  # fmt: skip
    assert draw_curves(curves).series[0].x == (0.25, 0.75)
    assert tell_curves(study(DEAR)) is None
    told = tell_curves(replace(study(DEAR), curves=curves))
    assert told is not None
    assert "The training loss of 2 recipes" in told.summary


def test_of_many_arms_only_those_of_one_trick_are_drawn() -> None:
    recipe = Recipe(model=MLP())
    arms = [(), *((j,) for j in range(6)), *((i, j) for i in range(6) for j in range(i + 1, 6))]
    assert len(arms) > MOST_CURVES
    curves = curves_of({(arm, 0): trial(recipe, 0, [1.0]) for arm in arms}, tuple(EMA(0.9 + j / 100) for j in range(6)))
    assert len(curves) == 7


@pytest.mark.parametrize("count", [1, 49, 400])
def test_a_curve_has_at_most_so_many_parts(count: int) -> None:
    curve = thin_curve([float(step) for step in range(count)])
    assert curve is not None
    assert len(curve) == min(count, CURVE_PARTS)
    assert curve.mean() == pytest.approx((count - 1) / 2, rel=0.02, abs=0.01)
    assert thin_curve([]) is None
