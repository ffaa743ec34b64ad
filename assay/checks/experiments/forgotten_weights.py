"""Weights that a training step forgets: from two starts, a step at rate 0 leads to the very same values.

    A = the weights as given,    B = those that a few steps led to;    forgotten, bit for bit, where
    step(A) = step(B),    step(A) != A,    step(B) != B,    A != B    by one batch, from one seed

At rate 0 an update leaves weights where they are; decay, averages and projections keep traces of where they were. B
was reached by the user's own steps, so that weights which an optimiser keeps by itself, as in mixed precision, are B's.

Source: Goodfellow et al. 2016, section 8.3.1 (an update starts from where the last one ended).
"""

from __future__ import annotations

import torch
from torch import Tensor

from assay.checks.experiments.own_training import peak_rates, set_rates
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline, Trial, asks_for_closure
from assay.checks.given.work import step_batches

STEPS = 3
VALUES = 8
"""A weight that is cut off to two values, or is one number of length 1, may come out alike; so many values do not."""


def forgotten_weights(pipeline: Pipeline) -> list[str]:
    """Names of the trained parameters that a step forgets; none, unless one of them has many different values."""
    if pipeline.training_step is None or asks_for_closure(pipeline.optimizer):
        return []
    try:
        peaks = pipeline.once(peak_rates)[0]
    except CannotCheckError:
        return []
    batches, first, second = pipeline.once(step_batches), pipeline.trial(), pipeline.trial()
    for trial in (first, second):
        trial.scheduler = None
    set_rates(second, peaks)
    for step in range(STEPS):
        second.step(batches[step % len(batches)])
    (start, end), (other_start, other_end) = _around_a_step(pipeline, first), _around_a_step(pipeline, second)
    names = [
        name
        for name, value in end.items()
        if torch.equal(value, other_end[name])
        and not torch.equal(value, start[name])
        and not torch.equal(value, other_start[name])
        and not torch.equal(start[name], other_start[name])
    ]
    return names if any(len(end[name].unique()) >= VALUES for name in names) else []


def _around_a_step(pipeline: Pipeline, trial: Trial) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The weights before and after a step at rate 0."""
    set_rates(trial, [0.0] * len(trial.optimizer.param_groups))
    before = _weights(trial)
    pipeline.seed_for("forgotten weights")
    trial.step(pipeline.once(step_batches)[0])
    return before, _weights(trial)


def _weights(trial: Trial) -> dict[str, Tensor]:
    held = {id(parameter) for group in trial.optimizer.param_groups for parameter in group["params"]}
    named = trial.model.named_parameters()
    return {name: p.detach().clone() for name, p in named if id(p) in held and p.requires_grad}
