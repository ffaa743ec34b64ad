"""The slots that few recipes use: each by a minimal trick that fills it, worked by hand or against doing without."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from assay.artifact import load_model, save_model
from assay.data.data import Data
from assay.data.specification import Specification
from assay.evaluation import predict
from assay.learner import build_learner
from assay.loop import Batch, Learner, Moment, Schedules, compute_loss, set_scheduled_values, standard_step
from assay.losses import MeanSquaredError
from assay.models.ensemble import Ensemble
from assay.models.mlp import MLP
from assay.network import build_model
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.training.feed import Feed
from assay.training.train import Training, train

MOMENT = Moment(Clock(0, 10, 5), seed=3)


def linear(**slots: Any) -> tuple[Learner, Batch]:
    """One weight at 2, input 3, target 1: output 6, squared error 25, its gradient 2 * 5 * 3 = 30."""
    model = nn.Linear(1, 1, bias=False, dtype=torch.float64)
    nn.init.constant_(model.weight, 2.0)
    learner = Learner(model, torch.optim.SGD(model.parameters(), 0.01), MeanSquaredError(), **slots)
    return learner, Batch(torch.tensor([[3.0]], dtype=torch.float64), torch.tensor([[1.0]], dtype=torch.float64))


def plain(**slots: Any) -> Recipe:
    return replace(Recipe(model=MLP((8,)), optimizer=SGD(0.05), batch_size=8, epochs=4), **slots)


# Loss and update


def test_penalties_are_added_after_loss_edits():
    def l1(model: nn.Module, inputs: Tensor, outputs: Tensor, targets: Tensor) -> Tensor:
        assert (inputs.item(), outputs.item(), targets.item()) == (3.0, 6.0, 1.0)
        return 0.5 * sum(parameter.abs().sum() for parameter in model.parameters())

    learner, batch = linear(penalties=(l1, l1), loss_edits=(lambda loss: loss / 5,))
    assert compute_loss(learner, batch, MOMENT).item() == 25 / 5 + 2 * 0.5 * 2.0
    standard_step(learner, batch, MOMENT)
    assert learner.model.weight.item() == pytest.approx(2.0 - 0.01 * (30 / 5 + 2 * 0.5))


def test_a_forward_replaces_outputs_and_targets_and_draws_the_same_when_asked_again():
    drawn: list[float] = []

    def halve(
        model: nn.Module, inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock
    ) -> tuple[Tensor, Tensor]:
        drawn.append(torch.rand((), generator=generator).item())
        assert clock.total_steps == 10
        return model(inputs) / 2, targets * 2

    learner, batch = linear(forward=halve)
    assert compute_loss(learner, batch, MOMENT).item() == (6 / 2 - 2) ** 2
    compute_loss(learner, batch, MOMENT)
    compute_loss(learner, batch, Moment(Clock(1, 10, 5), seed=3))
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_forward_gets_distributions(tiny_images: Data):
    def forward(
        model: nn.Module, inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock
    ) -> tuple[Tensor, Tensor]:
        assert targets.shape == (8, 4)
        return model(inputs), targets

    run = train(plain(forward=forward, epochs=1), tiny_images)
    assert run.steps == 3


class CountUp:
    """A weight edit with a memory: adds the number of calls so far to every weight."""

    at_moments: ClassVar[bool] = False

    def start(self, model: nn.Module) -> dict[str, Tensor]:
        return {"calls": torch.zeros(())}

    @torch.no_grad()
    def edit(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> None:
        state["calls"] += 1
        for parameter in model.parameters():
            parameter += 1e-3 * state["calls"]


def test_weight_edits_act_after_each_update_and_before_the_average(tiny_images: Data):
    expected, found = (train(plain(epochs=1, **slots), tiny_images) for slots in ({}, {"weight_edits": (CountUp(),)}))
    first = Training(plain(), tiny_images).learner.model.state_dict()
    assert any(not torch.equal(expected.model.state_dict()[name], found.model.state_dict()[name]) for name in first)
    training = Training(plain(weight_edits=(CountUp(), CountUp())), tiny_images)
    for step in training:
        calls = [state["calls"].item() for state in training.learner.weight_edit_states]
        assert calls == [step.number + 1] * 2


def test_schedules_of_decay_set_every_group():
    learner, _ = linear(schedules=Schedules(weight_decay=lambda clock: 1 - clock.progress))
    learner.optimizer.param_groups[0]["base_weight_decay"] = 0.1
    set_scheduled_values(learner.optimizer.param_groups, learner.schedules, Clock(5, 10, 5))
    assert learner.optimizer.param_groups[0]["weight_decay"] == pytest.approx(0.05)


# What an epoch shows


def feed_of(data: Data, recipe: Recipe) -> Feed:
    return Feed(recipe, data.train, data.specification, 0)


def test_a_growing_batch_changes_sizes_from_epoch_to_epoch(tiny_images: Data):
    # 24 examples, batches of 4 doubled each epoch and never above the split.
    recipe = plain(batch_size=4, epochs=4.5, batch_size_schedule=lambda clock: 2.0 ** int(clock.epoch))
    feed = feed_of(tiny_images, recipe)
    assert [feed.timetable.batch_size_in(epoch) for epoch in range(5)] == [4, 8, 16, 24, 24]
    assert [feed.timetable.steps_in(epoch) for epoch in range(5)] == [6, 3, 1, 1, 1]
    assert feed.timetable.total_steps == 6 + 3 + 1 + 1 + round(0.5 * 1)
    sizes = [len(indices) for indices in feed.indices(range(11))]
    assert sizes == [4] * 6 + [8] * 3 + [16] + [24]
    passes = [clock.epoch for clock in feed.timetable.clocks(range(11), 11)]
    assert passes == pytest.approx([*(n / 6 for n in range(6)), *(1 + n / 3 for n in range(3)), 2, 3])
    for start in range(11):
        resumed = list(feed.indices(range(start, 11)))
        whole = list(feed.indices(range(11)))[start:]
        assert all(torch.equal(a, b) for a, b in zip(resumed, whole, strict=True))
        assert list(feed.timetable.clocks(range(start, 11), 11)) == list(feed.timetable.clocks(range(11), 11))[start:]
    assert train(recipe, tiny_images).steps == feed.timetable.total_steps


def test_looks_once_an_epoch_follow_epochs_that_grow_shorter(tiny_images: Data):
    schedule = {"batch_size_schedule": lambda clock: 2.0 ** int(clock.epoch)}
    training = Training(plain(batch_size=4, epochs=4, feedback=Halving(), **schedule), tiny_images)
    rates = [step.learning_rate for step in training]
    assert rates == pytest.approx([0.05] * 6 + [0.025] * 3 + [0.0125] + [0.00625])


def test_an_average_measures_on_inputs_as_they_are_at_the_end(tiny_images: Data):
    """Images that grow over training: statistics of the first, small ones would be of another network."""

    def shrink(inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock) -> tuple[Tensor, Tensor]:
        return (inputs * 0 if clock.progress < 0.5 else inputs), targets

    class Seen(Both):
        def build(
            self, state: dict[str, Tensor], fresh: Callable[[], nn.Module], batches: Callable[[], Iterable[Tensor]]
        ) -> nn.Module:
            assert all(batch.any() for batch in batches())
            return fresh()

    train(plain(average=Seen(), batch_edits=(shrink,)), tiny_images)


def test_a_sampler_decides_the_order(tiny_images: Data):
    def twice(targets: Tensor, seed: int, epoch: int) -> Tensor:
        return torch.arange(len(targets)).div(2, rounding_mode="floor") + epoch

    feed = feed_of(tiny_images, plain(batch_size=6, sampler=twice))
    assert [indices.tolist() for indices in feed.indices(range(2))] == [[0, 0, 1, 1, 2, 2], [3, 3, 4, 4, 5, 5]]
    assert next(iter(feed.indices(range(4, 5)))).tolist() == [1, 1, 2, 2, 3, 3]


# First weights


def test_calibrations_see_the_first_batch_once_and_not_what_is_resumed(tiny_images: Data, tmp_path: Path):
    seen: list[Tensor] = []

    def calibrate(model: nn.Module, inputs: Tensor) -> None:
        seen.append(inputs)
        with torch.no_grad():
            next(model.parameters()).zero_()

    recipe = plain(calibrations=(calibrate,))
    training = Training(recipe, tiny_images, checkpoint=tmp_path / "c")
    assert not next(training.learner.model.parameters()).any()
    first = next(iter(feed_of(tiny_images, recipe).batches(range(1), 12)))
    assert torch.equal(seen[0], first.inputs)
    for _ in zip(range(2), training, strict=False):
        pass
    training.save()
    resumed = Training(recipe, tiny_images, checkpoint=tmp_path / "c")
    assert next(resumed.learner.model.parameters()).any(), "a resumed network keeps what it learned"
    started = Training(recipe, tiny_images, initial=training.learner.model)
    assert next(started.learner.model.parameters()).any(), "a network that is given is not calibrated again"
    bare = build_learner(recipe, tiny_images.specification, seed=0, device=torch.device("cpu"))
    assert next(bare.model.parameters()).any()


class Negative(nn.Module):
    """A wrapper with a parameter of its own."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.scale = nn.Parameter(torch.tensor(-1.0))

    def forward(self, inputs: Tensor) -> Tensor:
        return self.scale * self.model(inputs)


def negate(model: nn.Module, specification: Specification) -> nn.Module:
    return Negative(model)


def test_a_model_edit_may_wrap_the_network(tiny_images: Data):
    specification = tiny_images.specification
    wrapped = build_model(plain(model_edits=(negate, negate)), specification, seed=1)
    inner = build_model(plain(), specification, seed=1)
    inputs = torch.randn(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(wrapped(inputs), inner(inputs))
    run = train(plain(model_edits=(negate,), epochs=1), tiny_images)
    assert isinstance(run.model, Negative)


# What comes of it


class Halving:
    """Halves the rate at every look, for a memory that a checkpoint must keep."""

    def start(self) -> dict[str, Any]:
        return {"looks": 0}

    def observe(self, state: dict[str, Any], value: float) -> dict[str, Any]:
        assert math.isfinite(value)
        return {"looks": state["looks"] + 1}

    def factor(self, state: dict[str, Any]) -> float:
        return 0.5 ** state["looks"]


def test_feedback_scales_the_rate_after_each_epoch_and_is_resumed(tiny_images: Data, tmp_path: Path):
    recipe = plain(feedback=Halving())
    whole = [step.learning_rate for step in Training(recipe, tiny_images)]
    assert whole == pytest.approx([0.05 * 0.5 ** (number // 3) for number in range(12)])
    training = Training(recipe, tiny_images, checkpoint=tmp_path / "c")
    for _ in zip(range(7), training, strict=False):
        pass
    training.save()
    rest = [step.learning_rate for step in Training(recipe, tiny_images, checkpoint=tmp_path / "c")]
    assert rest == pytest.approx(whole[7:])


class Both:
    """An average that keeps two networks: the first weights and the latest."""

    at_moments: ClassVar[bool] = False

    def start(self, model: nn.Module) -> dict[str, Tensor]:
        state = {name: value.detach().clone() for name, value in model.state_dict().items()}
        return {f"{which}.{name}": value for which in ("first", "last") for name, value in state.items()}

    def update(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> dict[str, Tensor]:
        return {**state, **{f"last.{name}": value.detach().clone() for name, value in model.state_dict().items()}}

    def build(
        self, state: dict[str, Tensor], fresh: Callable[[], nn.Module], batches: Callable[[], Iterable[Tensor]]
    ) -> nn.Module:
        members = [fresh(), fresh()]
        for member, which in zip(members, ("first", "last"), strict=True):
            member.load_state_dict({name.removeprefix(which + "."): v for name, v in state.items() if which in name})
        assert sum(len(batch) for batch in batches()) == 24
        return Ensemble(members, classes=True)


def test_an_average_may_be_several_networks_and_is_saved_as_them(tiny_images: Data, tmp_path: Path):
    run = train(plain(average=Both()), tiny_images)
    assert isinstance(run.model, Ensemble)
    assert run.validation.n == 8
    save_model(tmp_path, [run.model], tiny_images.specification, plain())
    loaded = load_model(tmp_path)
    expected = predict(run.model, tiny_images.test, tiny_images.specification)
    torch.testing.assert_close(loaded.predict(tiny_images.test.inputs), expected)
