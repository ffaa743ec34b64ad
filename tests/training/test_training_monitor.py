"""The monitors see a few steps of a training, whole, and the training does not notice."""

import math
from dataclasses import replace
from itertools import cycle, pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

from assay.data.data import Data
from assay.loop import Batch, Learner, Step, training_steps
from assay.losses import MeanSquaredError
from assay.models.builder import ModelBuilder
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.monitors.magnitudes import BINS
from assay.optimizers import SGD
from assay.recipe import Recipe, Trick
from assay.schedule import clocks
from assay.training import monitor as training_monitor
from assay.training.first_pass import VALUES, FirstPass, thin
from assay.training.monitor import LEAST_APART, MOST_SAMPLES, Toll, TrainingMonitor, dead_shares, next_sample
from assay.training.sample import TrainingSample
from assay.training.train import Training
from assay.tricks.average.ema import EMA
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.manifold_mixup import ManifoldMixup
from assay.tricks.drop.dropout import Dropout
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.step.gradient_accumulation import GradientAccumulation
from assay.tricks.step.sam import SAM

SMALL = MLP((8,))
SAMPLE = TrainingSample(0, 1.0, {}, {}, 0, {}, {}, {})


@pytest.fixture(autouse=True)
def always_affordable(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sampled shall not depend on how fast the machine is."""
    monkeypatch.setattr(Toll, "is_affordable", True)


def recipe(*tricks: Trick, epochs: float = 10.0, model: ModelBuilder = SMALL) -> Recipe:
    """30 steps on the tiny images."""
    made = Recipe(model=model, optimizer=SGD(learning_rate=0.05), batch_size=8, epochs=epochs)
    for trick in tricks:
        made = made | trick
    return made


def trained(made: Recipe, data: Data, **options) -> Training:
    training = Training(made, data, seed=3, **options)
    for _ in training:
        pass
    return training


def assert_equal(one: object, other: object) -> None:
    """Bit for bit, however deep the tensors lie."""
    if isinstance(one, torch.Tensor):
        assert isinstance(other, torch.Tensor)
        assert torch.equal(one, other)
    elif isinstance(one, (dict, list)):
        assert isinstance(other, type(one))
        assert len(one) == len(other)
        for key in one if isinstance(one, dict) else range(len(one)):
            assert_equal(one[key], other[key])
    else:
        assert one == other


STACKS = [
    (CutMix(), Dropout(0.3), EMA(0.9), GradientClip(0.1)),
    (MixedPrecision("bf16"),),
    (SAM(),),
    (GradientAccumulation(2),),
    (ManifoldMixup(),),
]


@pytest.mark.parametrize("tricks", STACKS, ids=lambda tricks: type(tricks[0]).__name__)
def test_weights_are_those_of_a_training_that_nobody_watched(tiny_images: Data, tricks: tuple[Trick, ...]):
    """Averages, buffers and the optimiser's state too, bit for bit."""
    made = recipe(*tricks, epochs=4, model=ResNet(width=4) if CutMix() in tricks else SMALL)
    watched, alone = (trained(made, tiny_images, monitored=monitored) for monitored in (True, False))
    assert len(watched.history.samples) == 1
    assert not alone.history.samples
    other = alone._state()
    for part in ("model", "optimizer", "average"):
        assert_equal(watched._state()[part], other[part])
    assert watched.history.losses == alone.history.losses
    assert watched.history.validation_losses == alone.history.validation_losses
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in watched.learner.model.modules()
                   if type(module).__module__.startswith("torch"))  # fmt: skip


def test_a_resumed_training_has_the_samples_and_weights_of_one_that_was_not_stopped(tiny_images: Data, tmp_path: Path):
    whole = trained(recipe(Dropout(0.3)), tiny_images)
    stopped = Training(recipe(Dropout(0.3)), tiny_images, seed=3, checkpoint=tmp_path / "c")
    for step in stopped:
        if step.number == 14:
            break
    stopped.save()
    resumed = trained(recipe(Dropout(0.3)), tiny_images, checkpoint=tmp_path / "c")
    assert resumed.history.samples == whole.history.samples
    assert [sample.step for sample in whole.history.samples] == [9, 19, 29]
    for name, value in whole.learner.model.state_dict().items():
        assert torch.equal(value, resumed.learner.model.state_dict()[name])


def test_a_checkpoint_from_before_there_were_monitors_is_read(tiny_images: Data, tmp_path: Path):
    training = Training(recipe(), tiny_images, seed=3, checkpoint=tmp_path / "c")
    state = training._state()
    del state["monitor"], state["history"]["samples"], state["history"]["scores"]
    training._restore(state)
    assert (training.history.samples, training.history.scores, training.monitor.recent) == ([], {}, [])


def sampled_once(learner: Learner, batch: Batch, *, edits=()) -> TrainingSample:
    learner.gradient_edits = edits
    monitor, samples = TrainingMonitor(learner), []
    steps = training_steps(learner, cycle([batch]), clocks(range(10), total_steps=10, steps_per_epoch=10), seed=0)
    list(monitor.follow(steps, 0, 10, samples))
    (sample,) = samples
    return sample


def test_a_sample_is_what_the_step_did():
    """One linear layer, one step after nine: gradient and ratio by hand, the norm before it is clipped."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2))
    batch = Batch(torch.randn(4, 3), torch.tensor([0, 1, 0, 1]))
    kept: list[tuple[torch.Tensor, torch.Tensor]] = []

    def clip(parameters: list[nn.Parameter]) -> None:
        kept.append((parameters[0].detach().clone(), torch.cat([p.grad.flatten() for p in parameters])))
        for parameter in parameters:
            parameter.grad.mul_(0.01)

    sample = sampled_once(Learner(model, torch.optim.SGD(model.parameters(), lr=0.5)), batch, edits=(clip,))
    weight, gradient = kept[-1]
    assert sample.step == 9
    assert sample.gradient_norm == pytest.approx(float(gradient.norm()))
    moved = 0.5 * 0.01 * gradient[:6].norm() / weight.norm()
    assert sample.update_ratios == {"0.weight": pytest.approx(float(moved), rel=1e-3)}
    assert list(sample.activations) == ["0"]
    assert sum(sample.gradients["0.weight"]) == pytest.approx(1.0, abs=1e-3)
    assert len(sample.activations["0"]) == BINS


def test_dead_and_saturated_units_are_counted():
    """Two of four units get a bias that no input overcomes; a tanh gets sums far beyond its range."""
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Tanh())
    with torch.no_grad():
        model[0].bias.copy_(torch.tensor([-1e6, 5.0, -1e6, 5.0]))
        model[2].weight.fill_(100.0)
    batch = Batch(torch.randn(4, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 0, 1]))
    sample = sampled_once(Learner(model, torch.optim.SGD(model.parameters(), lr=0.0)), batch)
    assert (sample.dead, sample.saturated, sample.dead_examples) == ({"1 relu": 0.5}, {"3 tanh": 1.0}, 4)


def test_a_unit_is_dead_that_was_silent_in_all_of_the_last_batches():
    def batch(*alive: bool) -> dict:
        return {"alive": {"relu": torch.tensor(alive)}}

    assert dead_shares([batch(True, False, False), batch(False, False, True)]) == {"relu": pytest.approx(1 / 3)}
    other = {"alive": {"relu": torch.tensor([True]), "another": torch.tensor([True])}}
    assert dead_shares([other, batch(False, True)]) == {"relu": 0.5}, "a network that changed its shape begins anew"


@pytest.mark.parametrize("total", [9, 10, 35, 199, 200, 1000, 12345])
def test_samples_are_even_at_most_twenty_and_end_with_the_last_step(total: int):
    samples: list[TrainingSample] = []
    for number in range(total):
        if number == next_sample(total, samples):
            samples.append(replace(SAMPLE, step=number))
    steps = [-1, *(sample.step for sample in samples)]
    assert len(samples) == min(MOST_SAMPLES, total // LEAST_APART)
    if samples:
        assert steps[-1] == total - 1
        gaps = [b - a for a, b in pairwise(steps)]
        assert max(gaps) - min(gaps) <= 1
        assert min(gaps) >= LEAST_APART - 1


@pytest.mark.parametrize("end", [300, 5000])
def test_a_training_that_is_made_shorter_or_longer_has_no_more_samples_and_ends_with_one(end: int):
    samples: list[TrainingSample] = []
    for number in range(end):
        if number == next_sample(1000 if number < 250 else end, samples):
            samples.append(replace(SAMPLE, step=number))
    assert len(samples) <= MOST_SAMPLES
    assert samples[-1].step == end - 1


def test_samples_that_cost_too_much_wait(monkeypatch: pytest.MonkeyPatch):
    """Steps of 1 s; a sampled one takes 3: one sample in 200 steps is a hundredth."""
    monkeypatch.undo()
    toll, sampled = Toll(), []
    for number in range(1000):
        is_sampled = toll.is_affordable
        toll.pay(4.0 if is_sampled else 1.0, is_sampled=is_sampled)
        sampled += [number] * is_sampled
    assert 2 <= len(sampled) <= 5
    assert 3.0 * (len(sampled) - 1) / 1000 <= training_monitor.MOST_SHARE
    assert not Toll().is_affordable, "before there is any step to compare with"


def test_a_postponed_sample_is_taken_as_soon_as_it_may(monkeypatch: pytest.MonkeyPatch):
    steps = (Step(number, torch.tensor(0.0), 0.1) for number in range(60))
    monkeypatch.setattr(Toll, "is_affordable", property(lambda toll: toll.steps > 25))
    monitor, samples = TrainingMonitor(Learner(nn.Linear(2, 2), torch.optim.SGD([torch.zeros(1)], lr=0.1))), []
    assert [step.number for step in monitor.follow(steps, 0, 60, samples)] == list(range(60))
    assert samples[0].step == 26
    assert samples[-1].step == 59


def test_an_interrupted_sample_leaves_no_hook():
    model = MLP((4,)).build((3,), 2)

    def broken():
        model(torch.zeros(1, 3))
        raise KeyboardInterrupt
        yield

    monitor = TrainingMonitor(Learner(model, torch.optim.SGD(model.parameters(), lr=0.1)))
    with pytest.raises(KeyboardInterrupt):
        list(monitor.follow(broken(), 9, 10, []))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert torch.overrides._len_torch_function_stack() == 0


def test_only_the_first_pass_of_the_network_is_seen():
    model = MLP((4,)).build((3,), 2)
    with FirstPass(model) as look:
        torch.relu(torch.randn(2, 3))
        model(torch.randn(5, 3))
        model(torch.randn(9, 3))
    assert look.examples == 5
    assert len(look.activities) == 1
    assert {name: values.numel() for name, values in look.outputs.items()} == {"1": 20, "3": 10}


@pytest.mark.parametrize("shape", [(3,), (64, 15, 32, 32), (4096, 15), (1, 1)])
def test_thinned_values_come_from_all_places(shape: tuple[int, ...]):
    channel = torch.arange(shape[-1]).expand(shape)
    kept = thin(channel)
    assert len(kept) <= 2 * VALUES
    assert len(kept.unique()) == shape[-1]


def test_the_training_score_is_of_as_many_examples_as_validation_without_augmentation(tiny_images: Data):
    run = trained(recipe(CutMix(), Dropout(0.5), epochs=1), tiny_images).finish()
    training, validation = run.history.scores["training"], run.history.scores["validation"]
    assert training.n == validation.n == len(tiny_images.validation)
    assert (validation.value, validation.low, validation.loss) == (
        run.validation.value, run.validation.low, run.validation.loss
    )  # fmt: skip
    assert math.isclose(validation.loss_error, float(run.validation.example_losses.std()) / math.sqrt(8), rel_tol=1e-4)


def test_regressions_are_sampled_and_scored_too(tiny_table: Data):
    made = Recipe(MLP((8,)), loss=MeanSquaredError(), optimizer=SGD(learning_rate=0.01), batch_size=9, epochs=5)
    history = trained(made, tiny_table).finish().history
    assert [sample.step for sample in history.samples] == [9, 19]
    assert history.scores["training"].metric == "r2"
