import math

import pytest
import torch

from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import Training
from assay.tricks.schedule.divide_on_plateau import DivideOnPlateau


def factors(trick: DivideOnPlateau, values: list[float]) -> list[float]:
    state, found = trick.start(), []
    for value in values:
        state = trick.observe(state, value)
        found.append(trick.factor(state))
    return found


def test_first_boundary_and_last_by_hand():
    """Two looks without improvement divide by 5; then the count starts again, down to the lowest factor."""
    trick = DivideOnPlateau(divide_by=5.0, patience_epochs=2, lowest=0.03)
    assert trick.factor(trick.start()) == 1.0
    values = [1.0, 0.8, 0.9, 0.8, 0.85, 0.7, 0.75, 0.71, 0.7, 0.7]
    assert factors(trick, values) == pytest.approx([1, 1, 1, 0.2, 0.2, 0.2, 0.2, 0.04, 0.04, 0.03])


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_torch(seed):
    """Torch waits for one look more than its patience."""
    print("seed", seed)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=2, threshold=0.05, threshold_mode="abs", min_lr=1e-3, eps=0.0
    )
    values = torch.rand(60, generator=torch.Generator().manual_seed(seed)).tolist()
    ours = factors(DivideOnPlateau(2.0, patience_epochs=3, min_delta=0.05, lowest=1e-3), values)
    for value, factor in zip(values, ours, strict=True):
        plateau.step(value)
        assert factor == pytest.approx(optimizer.param_groups[0]["lr"])


def test_divide_by_1_is_off_and_no_number_is_no_improvement():
    assert factors(DivideOnPlateau(1.0, 1), [1.0, 2.0, 3.0]) == [1.0] * 3
    assert factors(DivideOnPlateau(2.0, 1), [math.nan, math.inf]) == [0.5, 0.25]


def test_observing_leaves_the_old_state_alone():
    state = DivideOnPlateau().start()
    DivideOnPlateau().observe(state, 0.5)
    assert state == DivideOnPlateau().start()


def test_the_rate_falls_in_a_training_and_a_resumed_one_goes_on(tiny_images, tmp_path):
    """An improvement must be a million, so every look but the first stalls: the rate halves each epoch."""
    recipe = Recipe(model=MLP((4,)), optimizer=SGD(0.1), batch_size=8, epochs=5.0) | DivideOnPlateau(2.0, 1, 1e6)
    whole = [step.learning_rate for step in Training(recipe, tiny_images)]
    assert whole == pytest.approx([0.1] * 6 + [0.05] * 3 + [0.025] * 3 + [0.0125] * 3)
    first = Training(recipe, tiny_images, checkpoint=tmp_path / "half")
    before = [step.learning_rate for _, step in zip(range(8), first, strict=False)]
    first.save()
    after = [step.learning_rate for step in Training(recipe, tiny_images, checkpoint=tmp_path / "half")]
    assert before + after == whole


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"divide_by": 0.5}, "divide_by must be finite and at least 1, got 0.5"),
        ({"patience_epochs": 0}, "patience_epochs must be finite and at least 1, got 0"),
        ({"min_delta": -1.0}, "min_delta must be finite and at least 0, got -1"),
        ({"lowest": 2.0}, r"lowest must be in \[0, 1\], got 2"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        DivideOnPlateau(**options)
