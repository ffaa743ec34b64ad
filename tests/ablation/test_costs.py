"""Costs of an update: operations of an MLP and a convolutional network by hand, and what tricks make of them."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from assay.ablation import costs
from assay.ablation.costs import (
    InTurn,
    Timed,
    measure_cost,
    measure_in_turn,
    ratios_of,
    sample_windows,
    typical_seconds,
)
from assay.data.data import Data
from assay.errors import RecipeError
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe
from assay.training.train import Training
from assay.tricks.batch.mixup import Mixup
from assay.tricks.schedule.grow_batch import GrowBatch
from assay.tricks.schedule.progressive_resizing import ProgressiveResizing
from assay.tricks.step.gradient_accumulation import GradientAccumulation
from assay.tricks.step.sam import SAM
from assay.tuning.largest_batch import measure_peak

BATCH = 4
RECIPE = Recipe(model=MLP((32, 16)), optimizer=SGD(), batch_size=BATCH, epochs=4)
CPU = torch.device("cpu")


def test_a_ratio_of_the_whole_lies_among_those_of_its_places() -> None:
    """One of medians over all updates was told as 2.19, with places from 1.17 to 2.17."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    drawn = np.random.default_rng(seed).lognormal(sigma=1.0, size=(200, 2, 3))
    for mine, others in drawn.tolist():
        at_places, whole = ratios_of(mine, others)
        assert min(at_places) <= whole * (1 + 1e-12)
        assert whole <= max(at_places) * (1 + 1e-12)


def test_operations_of_an_mlp_by_hand(tiny_images: Data) -> None:
    layers = [64 * 32, 32 * 16, 16 * 4]
    forward = 2 * BATCH * sum(layers)
    # Backward: a product for each layer's weights, and one for each layer's inputs but the pixels'.
    backward = 2 * BATCH * (sum(layers) + sum(layers[1:]))
    cost = measure_cost(RECIPE, tiny_images, device=CPU)
    assert cost.flops_per_step == forward + backward
    assert cost.parameters == sum(layers) + 32 + 16 + 4
    assert (cost.steps, cost.sampled) == (24, 24)
    assert cost.flops == 24 * (forward + backward)
    assert cost.seconds == 24 * cost.seconds_per_step > 0


def test_operations_of_convolutions_by_hand(tiny_images: Data) -> None:
    recipe = Recipe(model=ConvNet(widths=(8, 16)), optimizer=SGD(), batch_size=BATCH, epochs=1)
    # 3x3 filters on 8x8 pixels, on 4x4 after the pool, and the last layer: weights times the places they make.
    products = [9 * 1 * 8 * 64, 9 * 8 * 16 * 16, 16 * 4]
    # Forward, each layer's weights, and each layer's inputs but the pixels'.
    by_hand = 2 * BATCH * (3 * sum(products) - products[0])
    assert measure_cost(recipe, tiny_images, device=CPU).flops_per_step == by_hand


def test_tricks_that_step_twice_or_in_parts_are_counted_over_a_whole_update(tiny_images: Data) -> None:
    plain = measure_cost(RECIPE, tiny_images).flops_per_step
    assert measure_cost(RECIPE | SAM(0.05), tiny_images).flops_per_step == 2 * plain
    assert measure_cost(RECIPE | GradientAccumulation(2), tiny_images).flops_per_step == plain
    assert measure_cost(RECIPE | Mixup(0.2), tiny_images).flops_per_step == plain
    every = measure_cost(RECIPE.change(epochs=200) | SAM(0.05, every=5), tiny_images)
    assert every.flops_per_step == pytest.approx(1.2 * plain)
    assert (every.steps, every.sampled) == (1200, 50)


def test_a_batch_that_grows_has_fewer_updates_of_more_and_the_same_in_all(tiny_images: Data) -> None:
    plain = measure_cost(RECIPE, tiny_images)
    grown = measure_cost(RECIPE | GrowBatch(milestones=(0.5,), factor=2.0), tiny_images)
    assert (plain.steps, grown.steps) == (24, 12 + 6)
    assert grown.flops == pytest.approx(plain.flops)
    assert grown.flops_per_step > plain.flops_per_step


def test_small_images_are_averaged_over_the_schedule(tiny_images: Data) -> None:
    recipe = Recipe(model=ResNet(width=4), optimizer=SGD(), batch_size=BATCH, epochs=4)
    whole, small = (measure_cost(made, tiny_images).flops_per_step for made in (
        recipe, recipe | ProgressiveResizing(first=0.5, start=0.5, end=0.5)))  # fmt: skip
    half = measure_cost(recipe | ProgressiveResizing(first=0.5, start=1.0, end=1.0), tiny_images).flops_per_step
    assert half < 0.5 * whole
    assert small == pytest.approx((half + whole) / 2, rel=0.05)


def test_the_peak_agrees_with_that_of_whole_trainings_and_the_optimizers_state_is_in_it(tiny_images: Data) -> None:
    sgd, adamw = (
        measure_cost(replace(RECIPE, optimizer=optimizer), tiny_images, device=CPU).peak_bytes
        for optimizer in (SGD(momentum=0.0), AdamW())
    )
    weights = 4 * (64 * 32 + 32 + 32 * 16 + 16 + 16 * 4 + 4)
    assert adamw - sgd == pytest.approx(2 * weights, rel=0.1)
    whole = measure_peak(replace(RECIPE, optimizer=AdamW()), tiny_images, batch_size=BATCH, device=CPU)
    assert adamw == pytest.approx(whole, rel=0.1)


@pytest.mark.parametrize(("steps", "places", "row"), [(1, 5, 10), (50, 5, 10), (51, 5, 10), (1000, 6, 3), (7, 1, 5)])
def test_windows_lie_in_the_training_and_never_on_each_other(steps: int, places: int, row: int) -> None:
    windows = sample_windows(steps, places, row)
    sampled = [step for window in windows for step in window]
    assert sampled == sorted(set(sampled))
    assert len(sampled) == min(steps, places * row)
    assert 0 <= sampled[0] <= sampled[-1] < steps


def test_seconds_by_hand_every_kind_has_its_own_median() -> None:
    plain = [Timed(1.0, sets_up=False), Timed(1.2, sets_up=False), Timed(9.0, sets_up=False)]
    # Of those alike the hiccup (9.0) and the one that set up (50.0) are not believed; the kind of two passes is.
    timed = [Timed(50.0, sets_up=True), *plain, Timed(2.0, sets_up=False)]
    assert typical_seconds([1.0, 1.0, 1.0, 1.0, 2.0], timed) == pytest.approx((4 * 1.2 + 2.0) / 5)
    assert typical_seconds([1.0], [Timed(3.0, sets_up=True)]) == 3.0


def test_refusals(tiny_images: Data, tiny_table: Data) -> None:
    with pytest.raises(ValueError, match="places and in_a_row must be at least 1, got 0 and 10; 5 and 10 are usual"):
        measure_cost(RECIPE, tiny_images, places=0)
    with pytest.raises(
        RecipeError, match=r"CrossEntropy\(task=\'classification\'\) is for classification, the data is regression"
    ):
        measure_cost(RECIPE, tiny_table)


def test_a_ratio_of_seconds_holds_while_other_work_comes_and_goes(
    tiny_images: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each stretch of updates that is timed is half as slow again as the one before."""
    load = iter(1.5**number for number in range(100))

    def timed(training: Training, window: range) -> list[Timed]:
        slow, seconds = next(load), 2.0 if training.recipe.has(SAM) else 1.0
        return [Timed(slow * seconds, place == 0) for place in range(len(window))]

    monkeypatch.setattr(costs, "_time", timed)
    recipe = RECIPE.change(epochs=100)
    slow, alike = (measure_in_turn(one, recipe, tiny_images, device=CPU) for one in (recipe | SAM(0.05), recipe))
    assert (slow.seconds, alike.seconds) == (pytest.approx(2.0, rel=0.51), pytest.approx(1.0, rel=0.51))
    assert (slow.flops, alike.flops) == (2.0, 1.0)
    assert (slow.spread, alike.spread) == (pytest.approx(1.5**2), pytest.approx(1.5**2))
    # Place by place, one side is half as slow again as the other, in turn.
    assert (slow.low, slow.high) == (pytest.approx(2 / 1.5), pytest.approx(2 * 1.5))
    apart = [measure_cost(one, tiny_images, device=CPU).seconds for one in (recipe | SAM(0.05), recipe)]
    assert apart[0] / apart[1] < 0.3


def test_a_ratio_of_seconds_is_of_whole_trainings(tiny_images: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "_time", lambda training, window: [Timed(1.0, sets_up=False) for _ in window])
    longer = measure_in_turn(RECIPE.change(epochs=3 * RECIPE.epochs), RECIPE, tiny_images, device=CPU)
    assert (longer.seconds, longer.flops) == (pytest.approx(3.0), pytest.approx(3.0))
    assert (longer.seconds_per_step, longer.low, longer.high) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("epochs", [0.5, 1.0, 4.0])
def test_short_trainings_are_timed_in_turn_too(epochs: float, tiny_images: Data) -> None:
    recipe = RECIPE.change(epochs=epochs)
    timed = measure_in_turn(recipe | SAM(0.05), recipe, tiny_images, device=CPU)
    assert 0 < timed.low <= timed.high
    assert timed.flops == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("low", "high", "spread", "believed"),
    [
        (0.46, 2.96, 6.4, 1.0),  # Only the first is drowned: the others are steady, or clear all the same.
        (1.5, 2.5, 1.67, 2.0),
        (1.2, 2.96, 2.5, 2.0),
    ],
)
def test_where_seconds_are_drowned_operations_are_believed(
    low: float, high: float, spread: float, believed: float
) -> None:
    assert InTurn(2.0, low, high, 2.0, 1.0, spread).believable_seconds == believed
    assert InTurn(2.0, low, high, 4.0, 2.0, spread).believable_seconds == 2 * believed, "twice as many updates"


@pytest.mark.parametrize(("seconds", "flops", "believed"),
                         [(13.3, 2.0, 8.0), (1.3, 2.0, 1.3), (0.1, 1.0, 0.25), (13.3, math.nan, 13.3)])  # fmt: skip
def test_absurd_seconds_are_held_to_operations(seconds: float, flops: float, believed: float) -> None:
    assert InTurn(1.0, 1.0, 1.0, seconds, flops).believable_seconds == believed
