"""Gradients cleared: an update must be made from its own batches, not from those of earlier updates too.

    gradient used = gradient of this batch            with zero_grad
    gradient used = gradient of this batch + leftover without

After an update of a copy, the next one is made twice from the same weights, batches and random state: once with the
gradients as they were left and once with zeros in their place. An exact property says that both are the same.
Gradients accumulated on purpose over several calls belong to one update and are healthy.

Source: PyTorch documentation, Zeroing out gradients; Karpathy 2018, most common neural net mistakes (3).
"""

from __future__ import annotations

import torch
from torch import Tensor

from assay.checks.experiments.updates import Update, gradients_of, held_parameters, next_update
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, Trial
from assay.checks.given.state_trace import state_trace
from assay.checks.given.work import step_batches
from assay.finding import Finding

SOURCE = "PyTorch documentation, Zeroing out gradients"
TIMES_NOISE = 100.0
SUM_TOLERANCE = 1e-4  # relative; sums in single precision are rounded


def check(pipeline: Pipeline) -> CheckResult:
    """Make the second update with and without what the first one left."""
    if pipeline.training_step is None:
        raise CannotCheckError("no training_step was given, and the usual step clears the gradients")
    pipeline.seed_for("gradients_cleared")
    trial = pipeline.trial()
    first = next_update(trial, pipeline.once(step_batches))
    left = gradients_of(held_parameters(trial))
    if not bool(left.any()):
        return [_passed(first.calls, "none is left after it")]
    if not bool(torch.isfinite(left).all()):
        raise CannotCheckError("gradients are not finite")
    kept, again = (_second(pipeline, trial, clear=False).made_from for _ in range(2))
    fresh = _second(pipeline, trial, clear=True).made_from
    if not kept.shape == again.shape == fresh.shape:
        raise CannotCheckError("one training step makes now more updates, now fewer")
    noise, leak = float((kept - again).norm()), float((kept - fresh).norm())
    if leak > TIMES_NOISE * noise:
        return [_alert(kept, fresh, left, first.calls)]
    if noise > SUM_TOLERANCE * float(kept.norm()):
        raise CannotCheckError("the same training step gives other gradients when repeated; see seed_reproducible")
    return [_passed(first.calls, "what is left after it is cleared before the next")]


def _second(pipeline: Pipeline, trial: Trial, *, clear: bool) -> Update:
    """The next update from where the trial stands; the trial stands there again afterwards."""
    batches = pipeline.once(step_batches)
    with pipeline.traceless(), state_trace((trial.model, trial.optimizer, trial.scheduler), (), ()):
        pipeline.seed_for("gradients_cleared second")
        for parameter in held_parameters(trial):
            if clear and parameter.grad is not None:
                parameter.grad.zero_()  # not None: optimisers treat a missing gradient otherwise
        return next_update(trial, batches[1:] + batches[:1])


def _passed(calls: int, how: str) -> Finding:
    told = f" of {calls} accumulated calls" if calls > 1 else ""
    text = f"Each update{told} is made from its own gradients: {how}."
    return Finding("gradients_cleared", "note", text, {"calls_per_update": calls}, source=SOURCE)


def _alert(kept: Tensor, fresh: Tensor, left: Tensor, calls: int) -> Finding:
    same = kept.shape == left.shape
    is_sum = same and float((kept - fresh - left).norm()) <= SUM_TOLERANCE * float(kept.norm() + left.norm())
    relation = "the sum of its own and" if is_sum else "changed by"
    text = f"The second update is made from {relation} the gradient that the first one left"
    evidence = {"used": float(kept.norm()), "own": float(fresh.norm()), "left": float(left.norm())}
    return Finding(
        "gradients_cleared",
        "proved",
        f"{text}: norm {evidence['used']:.3g} used, {evidence['own']:.3g} from its own batch, "
        f"{evidence['left']:.3g} left over.",
        {**evidence, "is_sum": is_sum, "calls_per_update": calls},
        cause="A forgotten zero_grad: every backward adds to the gradients of all steps before.",
        fix="Call optimizer.zero_grad() once for each update, before the first loss.backward() that belongs to it.",
        source=SOURCE,
    )
