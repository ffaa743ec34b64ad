"""The first steps of the user's own training on a copy, with everything measured that a person would look at.

Few examples a step keep it cheap: sizes are told to within a factor, and that is all that is asked of them. Several
checks look at this one experiment.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from assay.checks.experiments.updates import next_update
from assay.checks.given.batches import count_examples, take_examples
from assay.checks.given.pipeline import Pipeline, Trial, turn_off_dropout
from assay.checks.given.work import affordable_rows, step_batches
from assay.monitors.gradients import Gradient, dense, measure_gradients, total_norm
from assay.monitors.magnitudes import Magnitudes, measure_magnitudes
from assay.monitors.signals import Signal, SignalObserver
from assay.monitors.tracing import Tracing
from assay.monitors.units import Activity, UnitObserver
from assay.monitors.update_ratios import Weights, measure_update_ratios, weights_now

STEPS, STEP_EXAMPLES, SEEN_EXAMPLES = 5, 32, 64


@dataclass
class MeasuredStep:
    """One update. raw: gradients as the last backward left them; used: as the optimiser saw them, after clipping.

    ratios: of the update to each weight matrix, at the rate that the schedule leads up to.
    """

    raw: dict[str, Gradient] = field(default_factory=dict)
    used: dict[str, Gradient] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> float:
        """The share of the gradients' norm that clipping kept; 1 without any."""
        raw = total_norm(self.raw)
        return total_norm(self.used) / raw if raw > 0 else 1.0


@dataclass(frozen=True)
class FirstSteps:
    """What was measured; activities on the same examples before and after the steps, signals before.

    gradients: how the values of each matrix's gradient spread at the last step.
    """

    signals: tuple[Signal, ...]
    before: tuple[Activity, ...]
    after: tuple[Activity, ...]
    steps: tuple[MeasuredStep, ...]
    gradients: dict[str, Magnitudes]
    examples: int


def first_steps(pipeline: Pipeline) -> FirstSteps:
    """Measure a copy before, during and after a few of its own updates.

    Raises:
        CannotCheckError: the training makes no update.
    """
    trial = pipeline.trial()
    seen = pipeline.examples(affordable_rows(pipeline, wanted=SEEN_EXAMPLES, steps=4, fewest=8))
    signals, before = _look(pipeline, trial.model, seen)
    steps, histograms = _train(trial, [_few(batch) for batch in pipeline.once(step_batches)])
    _, after = _look(pipeline, trial.model, seen)
    return FirstSteps(signals, before, after, steps, histograms, count_examples(seen))


def _look(pipeline: Pipeline, model: nn.Module, batch: Any) -> tuple[tuple[Signal, ...], tuple[Activity, ...]]:
    copied = copy.deepcopy(model).train()
    turn_off_dropout(copied)
    signals, units = SignalObserver(), UnitObserver()
    with torch.no_grad(), Tracing(copied, [signals, units]):
        pipeline.forward(copied, batch)
    return tuple(signals.signals), tuple(units.activities)


def _few(batch: Any) -> Any:
    return take_examples(batch, range(min(STEP_EXAMPLES, count_examples(batch))))


def _train(trial: Trial, batches: list[Any]) -> tuple[tuple[MeasuredStep, ...], dict[str, Magnitudes]]:
    steps: list[MeasuredStep] = []
    current, before = MeasuredStep(), [Weights()]
    histograms: dict[str, Magnitudes] = {}
    named = [(name, parameter) for name, parameter in trial.model.named_parameters() if parameter.requires_grad]
    scale = [1.0]

    def begin(*_: Any) -> None:
        before[0] = weights_now(named)
        scale[0] = to_peak(trial.optimizer)

    def end(*_: Any) -> None:
        current.used = measure_gradients(named)
        ratios = measure_update_ratios(before[0], named)
        current.ratios = {name: ratio * scale[0] for name, ratio in ratios.items()} if scale[0] else {}
        if len(steps) == STEPS - 1:  # here, for some steps clear their gradients right after
            histograms.update(_spread(named))

    def note(name: str, parameter: nn.Parameter) -> None:
        current.raw |= measure_gradients([(name, parameter)])

    for name, parameter in named:
        parameter.register_post_accumulate_grad_hook(lambda p, name=name: note(name, p))
    trial.optimizer.register_step_pre_hook(begin)
    trial.optimizer.register_step_post_hook(end)
    for number in range(STEPS):
        current = MeasuredStep()
        next_update(trial, batches[number % len(batches) :] + batches[: number % len(batches)])
        steps.append(current)
    return tuple(steps), histograms


def _spread(named: list[tuple[str, nn.Parameter]]) -> dict[str, Magnitudes]:
    return {n: measure_magnitudes(dense(p.grad)) for n, p in named if p.grad is not None and p.dim() > 1}


def to_peak(optimizer: Any) -> float:
    """What to multiply an update by to get that at the peak of a warm-up; 0 while the rate is 0.

    Updates are proportional to the rate. Schedules leave the rate they start from, or lead to, in the groups.
    """
    now = [float(group["lr"]) for group in optimizer.param_groups]
    peaks = [
        max(rate, float(group.get("initial_lr", rate)), float(group.get("max_lr", rate)))
        for rate, group in zip(now, optimizer.param_groups, strict=True)
    ]
    return max(peaks) / max(now) if now and max(now) > 0 else 0.0
