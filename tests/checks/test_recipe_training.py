"""What `verify` is given of a recipe is what the recipe's training really does."""

from __future__ import annotations

import copy
import gc
import re
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from assay.budget import Budget
from assay.checks import verify as verify_module
from assay.checks.catalog import CHECKS
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.recipe_training import RecipeSchedule, RecipeStep, WholeSplit, epoch_order, verify_recipe
from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.loader import order_for_epoch
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.finding import Finding, Report
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe, Trick
from assay.stages import verify
from assay.stages.session import Session
from assay.store.store import Store
from assay.training.feed import EpochLoader
from assay.training.train import Training
from assay.tricks.batch.crop import Crop
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.loss.flooding import Flooding
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.schedule.grow_batch import GrowBatch
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.step.lbfgs import LBFGS
from assay.tricks.weights.lookahead import Lookahead

SPECIFICATION = Specification(
    task="classification",
    input_shape=(1,),
    normalization=Normalization((2.0,), (4.0,)),
    encoder=ArrayEncoder(shape=(1,)),
    classes=("a", "b"),
)
RECIPE = Recipe(MLP((16,)), optimizer=SGD(0.05), batch_size=7, epochs=4)


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch):
    """A function that leaves only these checks."""

    def choose(*names: str) -> None:
        monkeypatch.setattr(verify_module, "CHECKS", tuple((name, check) for name, check in CHECKS if name in names))

    return choose


def test_every_example_of_a_split_is_seen_also_those_of_the_last_smaller_batch():
    targets = torch.arange(19) % 2
    split = Split(torch.arange(19.0).unsqueeze(1), targets, tuple(map(str, range(19))))
    loader = WholeSplit(split, SPECIFICATION, batch_size=8)
    for _ in range(2):
        batches = list(loader)
        assert [len(batch.inputs) for batch in batches] == [8, 8, 3]
        assert len(loader) == 3
        seen = torch.cat([batch.inputs for batch in batches]).flatten()
        torch.testing.assert_close(seen, (torch.arange(19.0) - 2) / 4)
        assert torch.equal(torch.cat([batch.targets for batch in batches]), targets)


class SortedSampler:
    """The examples of one class after those of another, in each epoch; the first example twice, the last never."""

    def __call__(self, targets: Tensor, seed: int, epoch: int) -> Tensor:
        order = torch.argsort(targets, stable=True)
        return torch.cat([order[:1], order[:-1]])


@pytest.fixture
def stored_by_class(tiny_images: Data) -> Data:
    """Images of which the training split is stored class by class, as a folder of class folders is."""
    order = torch.argsort(tiny_images.train.targets, stable=True)
    return replace(tiny_images, train=tiny_images.train.select(order.repeat_interleave(3)))


def test_examples_stored_class_by_class_are_shuffled_in_training_and_so_told(stored_by_class: Data, only):
    only("shuffling")
    (found,) = verify_recipe(RECIPE, stored_by_class).findings
    assert (found.level, found.evidence["fixed"]) == ("note", False), found.summary
    assert abs(found.evidence["changes"] - found.evidence["expected_changes"]) < 20, found.summary


def test_a_sampler_that_sorts_is_found(stored_by_class: Data, only):
    only("shuffling")
    (found,) = verify_recipe(replace(RECIPE, sampler=SortedSampler()), stored_by_class).findings
    changes = stored_by_class.specification.num_outputs - 1
    assert (found.level, found.evidence["changes"]) == ("proved", changes), found.summary


def test_an_epochs_order_has_each_example_once(tiny_images: Data):
    feed = Training(RECIPE, tiny_images).feed
    assert all(torch.equal(epoch_order(feed, epoch), feed.order(epoch)) for epoch in range(3))
    order = epoch_order(Training(replace(RECIPE, sampler=SortedSampler()), tiny_images).feed, 0)
    assert torch.equal(order, torch.argsort(tiny_images.train.targets, stable=True))


def left_undone(report: Report) -> list[str]:
    """Reasons of checks that could not be made, beside those that say nothing about this network or its data."""
    return [skip.reason for skip in report.skipped if re.search("failed with|closure or a global|budget", skip.reason)]


def test_nothing_is_left_undone_for_a_recipe_with_a_schedule(tiny_images: Data):
    report = verify_recipe(RECIPE | OneCycle(), tiny_images)
    assert "learning_rate_schedule" not in {skip.id for skip in report.skipped}
    assert not left_undone(report)
    assert report.ok, report.alerts


def test_steps_are_taken_in_the_recipes_precision_on_the_trainings_batches(
    tiny_images: Data, monkeypatch: pytest.MonkeyPatch
):
    def look(pipeline: Pipeline) -> CheckResult:
        trial, seen = pipeline.trial(), []
        trial.model.register_forward_hook(lambda _, inputs, outputs: seen.append((outputs.dtype, len(inputs[0]))))
        for batch in pipeline.batches:
            trial.step(batch)
        return [Finding("look", "note", "", {"seen": seen})]

    monkeypatch.setattr(verify_module, "CHECKS", (("look", look),))
    (found,) = verify_recipe(RECIPE | MixedPrecision("bf16"), tiny_images).findings
    assert found.evidence["seen"] == [(torch.bfloat16, 7)] * 3, "the rest of 24 examples waits for another epoch"


def test_a_step_is_that_of_the_training(tiny_images: Data):
    recipe = RECIPE | OneCycle() | Lookahead(2) | GradientClip(0.01) | Flooding(0.5)
    training, other = Training(recipe, tiny_images), Training(recipe, tiny_images)
    clock_at = other.feed.timetable.clock
    model, optimizer = other.learner.model, other.learner.optimizer
    schedule, step = RecipeSchedule(other.learner, clock_at), RecipeStep(recipe, other.learner, clock_at, 0)
    for taken, batch in zip(training, other.feed.batches(range(other.total_steps), other.total_steps), strict=True):
        assert optimizer.param_groups[0]["lr"] == taken.learning_rate
        assert torch.equal(step(model, batch, optimizer), taken.loss)
        schedule.step()
    for trained, copied in zip(training.learner.model.parameters(), model.parameters(), strict=True):
        assert torch.equal(trained, copied)


def test_a_copy_of_the_schedule_is_of_the_copied_optimiser_and_copies_no_data(
    tiny_images: Data, monkeypatch: pytest.MonkeyPatch
):
    for kind in (Split, Training, torch.nn.Module):
        monkeypatch.setattr(kind, "__deepcopy__", lambda *_: pytest.fail("a schedule reaches it"), raising=False)
    training = Training(RECIPE | OneCycle() | LinearDecay(0.5, of="batch_size"), tiny_images)
    schedule, memo = RecipeSchedule(training.learner, training.feed.timetable.clock), dict[int, Any]()
    optimizer = copy.deepcopy(training.learner.optimizer, memo)
    copied = copy.deepcopy(schedule, memo)
    rates = [group["lr"] for group in (training.learner.optimizer.param_groups + optimizer.param_groups)]
    copied.step()
    assert training.learner.optimizer.param_groups[0]["lr"] == rates[0]
    assert optimizer.param_groups[0]["lr"] > rates[1]


def test_an_experiment_with_another_optimiser_keeps_its_rate(tiny_images: Data):
    training = Training(RECIPE | OneCycle(), tiny_images)
    step = RecipeStep(training.recipe, training.learner, training.feed.timetable.clock, 0)
    optimizer = torch.optim.Adam(training.learner.model.parameters(), lr=0.5)
    step(training.learner.model, next(iter(EpochLoader(training.feed))), optimizer)
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_an_experiment_that_is_over_is_let_go(tiny_images: Data):
    """Verification makes one copy of the network after another; on a small GPU they must not add up."""
    training = Training(RECIPE, tiny_images)
    step = RecipeStep(RECIPE, training.learner, training.feed.timetable.clock, 0)
    batch, networks = next(iter(EpochLoader(training.feed))), []
    for _ in range(2):
        model = copy.deepcopy(training.learner.model)
        step(model, batch, torch.optim.Adam(model.parameters()))
        networks.append(weakref.ref(model))
    del model
    gc.collect()
    assert [network() is None for network in networks] == [True, False]


def test_an_example_that_the_first_epoch_drops_is_looked_for_in_validation(tiny_images: Data, only: Any):
    only("train_validation_overlap")
    dropped = int(order_for_epoch(24, 0, 0)[21])
    inputs = tiny_images.validation.gather(torch.arange(8))
    inputs[3] = tiny_images.train.gather(torch.tensor([dropped]))
    leaked = replace(tiny_images, validation=replace(tiny_images.validation, inputs=inputs))
    report = verify_recipe(RECIPE | Crop(1), leaked)
    (found,) = report.findings
    assert found.evidence["pairs"] == [{"validation": 3, "train": dropped}]
    assert found.evidence["train_examples"] == 24


@pytest.mark.parametrize("trick", [LBFGS(), GrowBatch(milestones=(0.5,)), MixedPrecision("fp16")], ids=repr)
def test_steps_of_every_kind_are_verified(tiny_images: Data, trick: Trick):
    report = verify_recipe(RECIPE | trick, tiny_images)
    assert not left_undone(report)
    assert report.ok, report.alerts


def test_the_stage_verifies_the_runs_recipe_on_the_runs_device(
    tiny_images: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told: dict[str, Any] = {}
    monkeypatch.setattr(verify, "verify_recipe", lambda *given, **options: told.update(options) or Report("verify"))
    store = Store(f"sqlite:///{tmp_path / 'assay.db'}")
    session = Session(store, store.open_run("run", {}), tmp_path, Budget(100.0), lambda _: None, device="cpu")
    verify.verify_stage(session, tiny_images, 3, RECIPE)
    store.close()
    assert (told["device"], told["seed"]) == (session.device, 3)
