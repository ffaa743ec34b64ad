"""Equal wall-clock: epochs by hand."""

from __future__ import annotations

import pytest

from assay.ablation.equal_seconds import at_equal_seconds, equally_long
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.tricks.average.ema import EMA

BASELINE = Recipe(model=MLP(), epochs=6, batch_size=32)


def seconds(recipe: Recipe) -> float:
    return recipe.epochs * (0.5 if recipe.has(EMA) else 1 / 3)


def test_a_slower_training_has_fewer_epochs() -> None:
    assert equally_long(BASELINE | EMA(), BASELINE, seconds).epochs == pytest.approx(4.0)
    assert equally_long(BASELINE, BASELINE, seconds) is BASELINE


def test_a_cheap_training_stays_cheap() -> None:
    """A study of a quarter of the epochs goes first where both --fidelity and --equal are given."""
    short = BASELINE.change(epochs=1.5)
    assert equally_long(short, BASELINE, seconds) == short
    assert equally_long(short | EMA(), BASELINE, seconds).epochs == pytest.approx(1.0)


def test_every_training_that_is_asked_for_is_changed() -> None:
    seen = []
    measure = at_equal_seconds(lambda pairs: seen.extend(pairs) or [], BASELINE, seconds)  # type: ignore[arg-type, return-value]
    measure([(BASELINE, 0), (BASELINE | EMA(), 1)])
    assert [(recipe.epochs, seed) for recipe, seed in seen] == [(6.0, 0), (pytest.approx(4.0), 1)]
