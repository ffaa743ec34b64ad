"""The loop against training by hand: updates, edits, schedules, precision, and what it leaves alone."""

import math
from contextlib import nullcontext
from itertools import cycle
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from assay.errors import InputError
from assay.loop import Batch, Learner, Moment, Schedules, Step, compute_loss, standard_step, training_steps
from assay.losses import CrossEntropy, MeanSquaredError
from assay.randomness import scoped_seed
from assay.recipe import Recipe
from assay.schedule import Clock, clocks
from assay.tricks.average.ema import EMA
from assay.tricks.average.snapshots import SnapshotEnsemble
from assay.tricks.kept_weights import labels
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.weights.lookahead import Lookahead

STEPS = 12


MOMENT = Moment(Clock(0, 1, 1), 0)


def linear_batches(dtype: torch.dtype = torch.float64) -> list[Batch]:
    generator = torch.Generator().manual_seed(0)
    return [
        Batch(torch.randn(8, 3, generator=generator, dtype=dtype), torch.randn(8, 1, generator=generator, dtype=dtype))
        for _ in range(STEPS)
    ]


def linear_problem(dtype: torch.dtype = torch.float64) -> tuple[nn.Linear, list[Batch]]:
    model = nn.Linear(3, 1, dtype=dtype)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[0.5, -1.0, 2.0]]))
        model.bias.fill_(0.25)
    return model, linear_batches(dtype)


def run(learner: Learner, batches: list[Batch], *, first: int = 0, seed: int = 0, epoch: int = 4) -> list[Step]:
    moments = clocks(range(first, STEPS), total_steps=STEPS, steps_per_epoch=epoch)
    return list(training_steps(learner, batches[first:], moments, seed=seed))


def gradient_by_hand(weights: np.ndarray, batch: Batch) -> np.ndarray:
    """Of the mean squared error of inputs @ weights[:3] + weights[3]."""
    inputs = np.concatenate([batch.inputs.numpy(), np.ones((8, 1))], axis=1)
    return 2 / 8 * inputs.T @ (inputs @ weights - batch.targets.numpy()[:, 0])


def weights_of(model: nn.Linear) -> np.ndarray:
    return np.append(model.weight.detach().numpy().ravel(), model.bias.detach().numpy())


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_on_a_linear_model_is_sgd_by_hand(momentum: float):
    model, batches = linear_problem()
    expected, buffer, losses = weights_of(model), np.zeros(4), []
    for batch in batches:
        errors = batch.inputs.numpy() @ expected[:3] + expected[3] - batch.targets.numpy()[:, 0]
        losses.append(np.mean(errors**2))
        buffer = momentum * buffer + gradient_by_hand(expected, batch)
        expected = expected - 0.1 * buffer
    learner = Learner(model, torch.optim.SGD(model.parameters(), 0.1, momentum=momentum), MeanSquaredError())
    steps = run(learner, batches)
    # float64 all the way: a single rounding to float32 would show at 1e-8.
    np.testing.assert_allclose(weights_of(model), expected, rtol=1e-13)
    np.testing.assert_allclose([step.loss.item() for step in steps], losses, rtol=1e-13)
    assert [step.number for step in steps] == list(range(STEPS))
    assert {step.learning_rate for step in steps} == {0.1}


def test_it_is_the_loop_everybody_writes():
    (mine, batches), (theirs, _) = linear_problem(torch.float32), linear_problem(torch.float32)
    run(Learner(mine, torch.optim.AdamW(mine.parameters(), 0.01), MeanSquaredError()), batches)
    optimizer, loss = torch.optim.AdamW(theirs.parameters(), 0.01), nn.MSELoss()
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss(theirs(inputs), targets).backward()
        optimizer.step()
    assert torch.equal(mine.weight, theirs.weight)
    assert torch.equal(mine.bias, theirs.bias)


def test_the_loss_is_the_one_before_the_update_and_holds_no_graph():
    model, batches = linear_problem()
    learner = Learner(model, torch.optim.SGD(model.parameters(), 0.1), MeanSquaredError())
    before = compute_loss(learner, batches[0], MOMENT).item()
    step = next(iter(training_steps(learner, batches, clocks(range(1), total_steps=1, steps_per_epoch=1), seed=0)))
    assert step.loss.item() == before
    assert not step.loss.requires_grad
    assert all(parameter.grad is None for parameter in model.parameters()), "gradients would add up"


def test_batches_that_run_out_are_an_error_and_more_of_them_are_not():
    model, batches = linear_problem()
    learner = Learner(model, torch.optim.SGD(model.parameters(), 0.1), MeanSquaredError())
    moments = clocks(range(3, 8), total_steps=STEPS, steps_per_epoch=4)
    steps = training_steps(learner, batches[:2], moments, seed=0)
    assert [next(steps).number, next(steps).number] == [3, 4]
    with pytest.raises(InputError, match="batches ended after 2, before step 5 of 12; give one for each clock"):
        next(steps)
    more = training_steps(learner, cycle(batches), clocks(range(3), total_steps=3, steps_per_epoch=3), seed=0)
    assert len(list(more)) == 3


def test_loss_edits_act_in_order_and_are_differentiated():
    (edited, batches), (plain, _) = linear_problem(), linear_problem()
    edits = (lambda loss: loss + 1.0, lambda loss: loss * 3.0)
    steps = run(Learner(edited, torch.optim.SGD(edited.parameters(), 0.01), MeanSquaredError(), edits), batches)
    theirs = run(Learner(plain, torch.optim.SGD(plain.parameters(), 0.03), MeanSquaredError()), batches)
    np.testing.assert_allclose(weights_of(edited), weights_of(plain), rtol=1e-12)
    expected = [3.0 * (step.loss.item() + 1.0) for step in theirs]
    np.testing.assert_allclose([step.loss.item() for step in steps], expected, rtol=1e-12)


def test_gradient_edits_act_in_order_between_backward_and_update():
    model, batches = linear_problem()
    seen = []

    def record(parameters: list[nn.Parameter]) -> None:
        seen.append(np.concatenate([p.grad.numpy().ravel() for p in parameters if p.grad is not None]))

    def halve(parameters: list[nn.Parameter]) -> None:
        for parameter in parameters:
            assert parameter.grad is not None
            parameter.grad *= 0.5

    expected = weights_of(model)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run(Learner(model, optimizer, MeanSquaredError(), gradient_edits=(record, halve, record)), batches)
    for number, batch in enumerate(batches):
        gradient = gradient_by_hand(expected, batch)
        np.testing.assert_allclose(seen[2 * number], gradient, rtol=1e-11)
        np.testing.assert_allclose(seen[2 * number + 1], gradient / 2, rtol=1e-11)
        expected = expected - 0.1 * gradient / 2
    np.testing.assert_allclose(weights_of(model), expected, rtol=1e-12)


def test_gradient_edits_see_unscaled_gradients():
    """The scale starts at 65,536, a power of two: in float32 it must leave no trace at all."""
    seen: dict[bool, list[float]] = {True: [], False: []}
    for scaled, norms in seen.items():
        model, batches = linear_problem(torch.float32)
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        scaler = MixedPrecision("fp16").make_scaler("cpu") if scaled else None
        learner = Learner(
            model, optimizer, MeanSquaredError(), scaler=scaler,
            gradient_edits=(lambda parameters, norms=norms: norms.append(nn.utils.get_total_norm(
                [p.grad for p in parameters if p.grad is not None]).item()),),
        )  # fmt: skip
        run(learner, batches)
    assert len(seen[True]) == STEPS
    assert seen[True] == seen[False]


class Recorder:
    """A weight edit that remembers after which steps it was asked."""

    at_moments: ClassVar[bool] = False

    def __init__(self) -> None:
        self.steps = list[int]()

    def start(self, model: nn.Module) -> dict[str, Tensor]:
        return {}

    def edit(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> None:
        self.steps.append(clock.step)


def test_a_skipped_step_is_nothing_to_average_or_edit():
    """Step 5 overflows: the average is that of the other steps, as if the loss had never been seen."""
    averages, recorder = [], Recorder()
    for overflows in (True, False):
        model, batches = linear_problem(torch.float32)
        moments = list(clocks(range(STEPS), total_steps=STEPS, steps_per_epoch=4))
        if overflows:
            batches[5] = Batch(torch.full((8, 3), math.inf), batches[5].targets)
        else:
            del batches[5], moments[5]
        average, optimizer = EMA(0.5, warmup=False), torch.optim.SGD(model.parameters(), 0.01)
        learner = Learner(
            model, optimizer, MeanSquaredError(), scaler=torch.amp.GradScaler("cpu"), average=average,
            average_state=average.start(model), weight_edits=(recorder,) if overflows else (),
        )  # fmt: skip
        for _ in training_steps(learner, batches, moments, seed=0):
            pass
        averages.append(learner.average_state)
    assert recorder.steps == [step for step in range(STEPS) if step != 5]
    torch.testing.assert_close(averages[0], averages[1], rtol=0, atol=0)


def test_what_acts_at_moments_of_the_training_acts_after_a_skipped_step_too():
    """The snapshot of a cycle's end, and Lookahead's last pull, are not lost with the last update."""
    model, batches = linear_problem(torch.float32)
    batches[-1] = Batch(torch.full((8, 3), math.inf), batches[-1].targets)
    average, pull = SnapshotEnsemble(1, (), classes=False), Lookahead(every=100, share=0.0)
    first = weights_of(model)
    learner = Learner(
        model, torch.optim.SGD(model.parameters(), 0.01), MeanSquaredError(), scaler=torch.amp.GradScaler("cpu"),
        average=average, average_state=average.start(model), weight_edits=(pull,),
    )  # fmt: skip
    run(learner, batches)
    assert labels(learner.average_state) == [str(STEPS)]
    np.testing.assert_array_equal(weights_of(model), first)


def test_a_step_that_overflows_is_skipped_and_the_scale_halved():
    model, batches = linear_problem(torch.float32)
    scaler = torch.amp.GradScaler("cpu")
    learner = Learner(model, torch.optim.SGD(model.parameters(), 0.1), MeanSquaredError(), scaler=scaler)
    before = weights_of(model)
    standard_step(learner, Batch(torch.full((8, 3), 1e30), torch.zeros(8, 1)), MOMENT)
    np.testing.assert_array_equal(weights_of(model), before)
    assert scaler.get_scale() == 32768.0
    standard_step(learner, batches[0], MOMENT)
    assert not np.array_equal(weights_of(model), before)


@pytest.mark.parametrize(("dtype", "sums_in"), [(torch.bfloat16, torch.float32), (torch.float64, torch.float64)])
def test_losses_of_16_bits_are_summed_in_32_and_wider_ones_kept(dtype: torch.dtype, sums_in: torch.dtype):
    seen: list[torch.dtype] = []

    def loss(outputs: Tensor, targets: Tensor) -> Tensor:
        seen.append(outputs.dtype)
        return outputs.square().mean()

    model = nn.Linear(3, 1, dtype=dtype)
    learner = Learner(model, torch.optim.SGD(model.parameters(), 0.1), loss)
    standard_step(learner, Batch(torch.ones(2, 3, dtype=dtype), torch.ones(2, 1)), MOMENT)
    assert seen == [sums_in]


def cycle_by_hand(step: int, first: float, peak: float, end: float) -> float:
    progress, peak_at = step / STEPS, 0.3
    start, stop, part = (first, peak, progress / peak_at) if progress < peak_at else (
        peak, end, (progress - peak_at) / (1 - peak_at))  # fmt: skip
    return start + (stop - start) * (1 - math.cos(math.pi * part)) / 2


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_every_update_uses_its_own_steps_values(kind: str):
    """Rate and momentum as the optimiser itself reads them, from the first step to the last."""
    model, batches = linear_problem()
    recipe = Recipe() | OneCycle(momentum=(0.95, 0.85))
    groups = [{"params": [model.weight], "lr": 0.2}, {"params": [model.bias], "lr": 0.1}]
    optimizer = torch.optim.SGD(groups, momentum=0.9) if kind == "SGD" else torch.optim.Adam(groups)
    schedules = Schedules(recipe.learning_rate_schedule, momentum=recipe.momentum_schedule)
    learner = Learner(model, optimizer, MeanSquaredError(), schedules=schedules)
    rates, momenta = [], []

    def record(optimizer, *_):
        rates.append([group["lr"] for group in optimizer.param_groups])
        momenta.append([g["betas"][0] if kind == "Adam" else g["momentum"] for g in optimizer.param_groups])

    optimizer.register_step_pre_hook(record)
    steps = run(learner, batches)
    factors = [cycle_by_hand(step, 0.04, 1.0, 1e-4) for step in range(STEPS)]
    np.testing.assert_allclose(rates, [[0.2 * factor, 0.1 * factor] for factor in factors], rtol=1e-12)
    assert rates[0] == [0.2 * 0.04, 0.1 * 0.04]
    assert [step.learning_rate for step in steps] == [first for first, _ in rates]
    expected = [cycle_by_hand(step, 0.95, 0.85, 0.95) for step in range(STEPS)]
    np.testing.assert_allclose(momenta, [[value] * 2 for value in expected], rtol=1e-12)
    if kind == "Adam":
        assert {group["betas"][1] for group in optimizer.param_groups} == {0.999}


def test_warm_up_multiplies_the_schedule_and_needs_none():
    def schedule(clock: Clock) -> float:
        return 1.0 - clock.progress

    def rise(clock: Clock) -> float:
        return min(1.0, clock.epoch)

    for schedules in (Schedules(learning_rate_warmup=rise), Schedules(schedule, rise)):
        model, batches = linear_problem()
        learner = Learner(model, torch.optim.SGD(model.parameters(), 0.5), MeanSquaredError(), schedules=schedules)
        expected = [
            0.5 * min(1.0, step / 4) * (1 - step / STEPS if schedules.learning_rate else 1.0) for step in range(STEPS)
        ]
        assert [step.learning_rate for step in run(learner, batches)] == pytest.approx(expected)


def test_a_second_learner_on_the_same_optimizer_starts_from_the_same_rate():
    model, batches = linear_problem()
    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    for _ in range(2):
        learner = Learner(model, optimizer, MeanSquaredError(), schedules=Schedules(lambda clock: 0.1))
        assert run(learner, batches)[-1].learning_rate == pytest.approx(0.05)


def test_a_stepper_replaces_the_step():
    model, batches = linear_problem()
    seen = []

    def stepper(learner: Learner, batch: Batch, moment: Moment) -> Tensor:
        seen.append(batch)
        return torch.tensor(7.0)

    learner = Learner(model, torch.optim.SGD(model.parameters(), 0.1), stepper=stepper)
    assert {step.loss.item() for step in run(learner, batches)} == {7.0}
    assert all(a is b for a, b in zip(seen, batches, strict=True))


def test_the_average_is_updated_after_every_step():
    class Recorder:
        at_moments: ClassVar[bool] = False

        def start(self, model: nn.Module) -> dict[str, Tensor]:
            return {}

        def update(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> dict[str, Tensor]:
            return {**state, str(clock.step): model.get_parameter("bias").detach().clone()}

        def build(self, state: dict[str, Tensor], fresh: object, batches: object) -> nn.Module:
            raise AssertionError("the loop does not evaluate")

    model, batches = linear_problem()
    learner = Learner(
        model, torch.optim.SGD(model.parameters(), 0.1), MeanSquaredError(), average=Recorder(), average_state={}
    )
    biases = {}
    for step in training_steps(learner, batches, clocks(range(STEPS), total_steps=STEPS, steps_per_epoch=4), seed=0):
        biases[str(step.number)] = model.bias.item()
    assert {name: value.item() for name, value in learner.average_state.items()} == biases


def dropout_learner() -> Learner:
    with scoped_seed(0, "test"):
        layers = nn.Linear(3, 16, dtype=torch.float64), nn.Dropout(0.5), nn.Linear(16, 1, dtype=torch.float64)
    model = nn.Sequential(*layers)
    return Learner(model, torch.optim.SGD(model.parameters(), 0.01), MeanSquaredError())


@pytest.mark.usefixtures("random_state_untouched")
def test_dropout_is_a_function_of_seed_and_step():
    batches = linear_batches()
    losses = [[step.loss.item() for step in run(dropout_learner(), batches, seed=seed)] for seed in (5, 5, 6)]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]
    # The same batch at another step falls on another mask.
    repeated = [step.loss.item() for step in run(dropout_learner(), [batches[0]] * STEPS, seed=5)]
    assert len(set(repeated)) == STEPS


def test_each_number_gets_one_batch_and_no_more_are_asked_for():
    model, batches = linear_problem()
    asked = []

    def source():
        for number, batch in enumerate(batches):
            asked.append(number)
            yield batch

    learner = Learner(model, torch.optim.SGD(model.parameters(), 0.1), MeanSquaredError())
    steps = training_steps(learner, source(), clocks(range(3, 6), total_steps=STEPS, steps_per_epoch=4), seed=0)
    assert [step.number for step in steps] == [3, 4, 5]
    assert asked == [0, 1, 2]


def test_it_trains_in_training_mode_and_classifies_by_default():
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).eval()
    learner = Learner(model, torch.optim.SGD(model.parameters(), 0.1))
    assert learner.loss == CrossEntropy()
    assert learner.autocast is nullcontext
    batch = Batch(torch.randn(8, 3, generator=torch.Generator().manual_seed(0)), torch.arange(8) % 2)
    list(training_steps(learner, [batch], clocks(range(1), total_steps=1, steps_per_epoch=1), seed=0))
    assert model.training
    assert model[1].num_batches_tracked == 1
