"""A recipe at another batch size or length: what changes, what stays, and that every change is told."""

import math
from typing import Any

import pytest

from assay.models.airbench import Airbench
from assay.optimizers import SGD, Adam, AdamW, OptimizerBuilder
from assay.presets.catalog import PRESETS
from assay.presets.rescale import rescale
from assay.recipe import Recipe
from assay.tricks.average.checkpoint_average import CheckpointAverage
from assay.tricks.catalog import TRICKS
from assay.tricks.loss.sum_loss import SumLoss
from assay.tricks.norm.patch_whitening import PatchWhitening
from assay.tricks.optimizer.decoupled_sgd import DecoupledSGD
from assay.tricks.optimizer.lamb import LAMB
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.lion import Lion
from assay.tricks.optimizer.normalised_weight_decay import NormalisedWeightDecay
from assay.tricks.optimizer.square_root_scaling import SquareRootScaling
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.product import Product
from assay.tricks.schedule.restart import Restart
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.stopping.early_stopping import EarlyStopping


@pytest.mark.parametrize(
    ("optimizer", "factor"), [(SGD(0.1), 4.0), (Adam(1e-3), 2.0), (AdamW(1e-3), 2.0)], ids=["SGD", "Adam", "AdamW"]
)
def test_the_rate_goes_with_the_batch(optimizer, factor):
    recipe, notes = rescale(Recipe(optimizer=optimizer, batch_size=64), batch_size=256)
    assert recipe.batch_size == 256
    assert recipe.optimizer.learning_rate == pytest.approx(factor * optimizer.learning_rate)
    assert notes[0] == "batch size 64 -> 256"
    assert notes[1].startswith(f"learning rate {optimizer.learning_rate:g} -> {factor * optimizer.learning_rate:g}, ")


OPTIMIZER_TRICKS = [kind for kind in TRICKS if isinstance(kind(), OptimizerBuilder)]
PROPORTIONAL = {"HeavyBall", "Nesterov", "DecoupledSGD"}
BY_ROOT = {"UseAdam", "UseAdamW", "Adamax", "NAdam", "RAdam", "RMSProp", "LAMB"}
UNRULED = {"Adagrad", "Adadelta", "Adafactor", "Lion", "Muon", "LARS", "LBFGS"}


@pytest.mark.parametrize("kind", OPTIMIZER_TRICKS, ids=lambda kind: kind.__name__)
def test_every_optimizer_is_scaled_by_its_published_rule_or_left_alone_and_that_is_said(kind: Any):
    recipe, notes = rescale(Recipe(batch_size=64) | kind(learning_rate=0.01), batch_size=256)
    rule = {**dict.fromkeys(PROPORTIONAL, 4.0), **dict.fromkeys(BY_ROOT, 2.0), **dict.fromkeys(UNRULED, 1.0)}
    assert recipe.optimizer.learning_rate == pytest.approx(0.01 * rule[kind.__name__])
    assert recipe.batch_size == 256
    told = "learning rate 0.01 stays: no rule" if kind.__name__ in UNRULED else "learning rate 0.01 -> "
    assert notes[1].startswith(told)


def test_an_optimizer_without_a_rule_follows_the_one_that_is_asked_for():
    before = Recipe(batch_size=64) | Lion(0.01) | SquareRootScaling(64)
    recipe, notes = rescale(before, batch_size=256)
    assert recipe.optimizer.learning_rate == pytest.approx(0.02)
    assert notes[1].startswith("learning rate 0.01 -> 0.02: SquareRootScaling follows")


def test_an_optimizer_that_is_a_trick_is_scaled_where_it_stands():
    recipe, _ = rescale(Recipe(batch_size=64) | Warmup(1.0) | LAMB(4e-3) | EarlyStopping(), batch_size=16)
    assert recipe.tricks == (Warmup(1.0), LAMB(2e-3), EarlyStopping())
    assert recipe.batch_size == 16


def test_what_lasts_throughout_still_does_and_is_not_told():
    before = Recipe(model=Airbench(), epochs=10) | PatchWhitening(bias_epochs=3.0)
    recipe, notes = rescale(before, epochs=20)
    assert recipe.tricks == (PatchWhitening(bias_epochs=6.0),)
    assert notes == ["epochs 10 -> 20", "PatchWhitening.bias_epochs 3 -> 6"]
    assert rescale(Recipe(model=Airbench(), epochs=10) | PatchWhitening(), epochs=20)[1] == ["epochs 10 -> 20"]


def test_linear_scaling_is_not_applied_twice():
    before = Recipe(optimizer=SGD(0.1), batch_size=256) | LinearScaling()
    recipe, notes = rescale(before, batch_size=512)
    assert recipe.optimizer.learning_rate == pytest.approx(0.2)
    assert notes[-1].startswith("learning rate 0.1 -> 0.2: ")
    assert "LinearScaling follows the batch by itself" in notes[-1]


def test_square_root_scaling_is_not_applied_twice():
    before = Recipe(optimizer=Adam(0.1), batch_size=256) | SquareRootScaling()
    recipe, notes = rescale(before, batch_size=1024)
    assert recipe.optimizer.learning_rate == pytest.approx(0.2)
    assert "SquareRootScaling follows the batch by itself" in notes[-1]


def test_a_summed_loss_keeps_the_rate_and_scales_the_decay():
    """Its gradients grow with the batch; the share that decay takes off in an epoch must stay."""
    recipe, notes = rescale(Recipe(optimizer=SGD(0.1, weight_decay=0.5), batch_size=64) | SumLoss(), batch_size=16)
    assert (recipe.optimizer.learning_rate, recipe.optimizer.weight_decay) == (0.1, 0.125)
    assert notes[-2:] == ["learning rate: SumLoss follows the batch by itself",
                          "weight decay 0.5 -> 0.125, in proportion to the batch"]  # fmt: skip
    adaptive, _ = rescale(Recipe(optimizer=Adam(0.1), batch_size=64) | SumLoss(), batch_size=16)
    assert adaptive.optimizer.learning_rate == pytest.approx(0.05)


def test_the_decay_under_a_summed_loss_is_scaled_where_it_is_set():
    before = Recipe(optimizer=SGD(0.1), batch_size=64) | WeightDecay(0.5) | SumLoss()
    recipe, notes = rescale(before, batch_size=16)
    assert recipe.optimizer.weight_decay == 0.125
    assert notes[-1] == "weight decay 0.5 -> 0.125, in proportion to the batch"


def test_the_decay_that_follows_the_length_of_the_training_is_left_to_its_trick():
    before = Recipe(batch_size=64) | DecoupledSGD(0.1) | NormalisedWeightDecay(20.0) | SumLoss()
    recipe, notes = rescale(before, batch_size=16)
    assert recipe.optimizer.weight_decay == 20.0
    assert notes[-1] == "weight decay: NormalisedWeightDecay sets it"


def test_tricks_that_count_whole_epochs_get_whole_ones():
    before = Recipe(epochs=100) | CheckpointAverage(5)
    assert rescale(before, epochs=50)[0].tricks == (CheckpointAverage(2),)
    assert rescale(before, epochs=1)[0].tricks == (CheckpointAverage(1),)


def test_epochs_in_tricks_keep_their_share_and_patience_stays():
    before = Recipe(epochs=100) | Warmup(5.0) | StepDecay((0.3, 0.6)) | EarlyStopping(patience_epochs=7)
    recipe, notes = rescale(before, epochs=20)
    assert recipe.epochs == 20
    assert recipe.tricks == (Warmup(1.0), StepDecay((0.3, 0.6)), EarlyStopping(patience_epochs=7))
    assert notes == ["epochs 100 -> 20", "Warmup.epochs 5 -> 1"]
    assert rescale(Recipe(epochs=100) | Cosine(warmup_epochs=10), epochs=10)[0].tricks == (Cosine(warmup_epochs=1.0),)


def test_epochs_of_schedules_inside_schedules_keep_their_share_too():
    inner = Restart(Chain((Warmup(2.0), StepDecay((0.3,))), (0.5,)), period_epochs=10.0)
    before = Recipe(epochs=100) | Product((inner, Cosine(warmup_epochs=5.0))) | Restart(Cosine(1.0), 4.0, of="momentum")
    recipe, notes = rescale(before, epochs=20)
    halved = Restart(Chain((Warmup(0.4), StepDecay((0.3,))), (0.5,)), period_epochs=2.0)
    assert recipe.tricks == (Product((halved, Cosine(warmup_epochs=1.0))), Restart(Cosine(0.2), 0.8, of="momentum"))
    told = ["Restart.period_epochs 10 -> 2", "Warmup.epochs 2 -> 0.4", "Cosine.warmup_epochs 5 -> 1"]
    assert notes == ["epochs 100 -> 20", *told, "Restart.period_epochs 4 -> 0.8", "Cosine.warmup_epochs 1 -> 0.2"]
    assert rescale(before, epochs=100) == (before, [])


def test_nothing_asked_changes_nothing():
    before = Recipe(epochs=100) | Warmup(5.0)
    assert rescale(before) == (before, [])
    assert rescale(before, batch_size=before.batch_size, epochs=100) == (before, [])


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_can_be_made_small(preset):
    recipe, notes = rescale(preset.recipe, batch_size=32, epochs=preset.recipe.epochs / 10)
    assert recipe.batch_size == 32
    assert recipe.epochs == pytest.approx(preset.recipe.epochs / 10)
    assert len(recipe.tricks) == len(preset.recipe.tricks)
    assert len(notes) >= 2
    assert math.isfinite(recipe.optimizer.learning_rate)


@pytest.mark.parametrize("values", [{"batch_size": 0}, {"epochs": 0.0}, {"epochs": -1.0}])
def test_impossible_sizes_are_refused(values):
    with pytest.raises(ValueError, match=r"must be (at least 1|positive)"):
        rescale(Recipe(), **values)
