"""Which parameters get a gradient in a few steps of the own training, and which of them move.

    moved: w after the steps differs from w before them by a bit or more
    gradients: the largest |gradient| that was ever accumulated, NaN where it ever was

A branch behind a zero-initialised gain gets its first gradient only after the gain has moved: more steps are taken
while some parameter stands still.

Source: torchtest 2018 ("assert_vars_change").
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assay.checks.given.pipeline import Pipeline, Trial
from assay.checks.given.work import step_batches

STEPS, MOST_STEPS = 5, 20


def leave_zero_rate(trial: Trial) -> None:
    """A warm-up whose schedule was not given starts at rate 0: train at the rate that it leads to."""
    if trial.scheduler is None:
        for group in trial.optimizer.param_groups:
            if float(group["lr"]) == 0.0 and float(group.get("initial_lr", 0.0)) > 0.0:
                group["lr"] = group["initial_lr"]


def moved_parameters(pipeline: Pipeline, trial: Trial) -> tuple[dict[str, float], set[str], int]:
    """Largest gradient of each parameter, the names of those that moved, and the steps taken."""
    gradients: dict[str, float] = {}

    def watch(name: str) -> Any:
        def record(parameter: Tensor) -> None:
            if parameter.grad is not None:
                grad = parameter.grad.coalesce().values() if parameter.grad.is_sparse else parameter.grad
                largest = float(grad.abs().max()) if grad.numel() else 0.0
                gradients[name] = largest if largest != largest else max(gradients.get(name, 0.0), largest)

        return record

    trainable = {name: p for name, p in trial.model.named_parameters() if p.requires_grad}
    start = {name: parameter.detach().clone() for name, parameter in trainable.items()}
    for name, parameter in trainable.items():
        parameter.register_post_accumulate_grad_hook(watch(name))
    moved: set[str] = set()
    steps, batches = 0, pipeline.once(step_batches)
    while steps < STEPS or (steps < MOST_STEPS and len(moved) < len(trainable)):
        trial.step(batches[steps % len(batches)])
        steps += 1
        moved |= {name for name, parameter in trainable.items() if not torch.equal(parameter.detach(), start[name])}
    return gradients, moved, steps
