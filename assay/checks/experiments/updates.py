"""One update of the weights: the calls of the training step that lead to it, and the gradients it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Trial

MOST_CALLS = 64


@dataclass(frozen=True)
class Update:
    """What one update did.

    calls: of the training step, more than one where gradients are accumulated.
    made_from: the gradients present when the optimiser stepped, or the new weights where it does not tell.
    """

    calls: int
    made_from: Tensor


def held_parameters(trial: Trial) -> list[nn.Parameter]:
    """The parameters that the optimiser changes."""
    return [parameter for group in trial.optimizer.param_groups for parameter in group["params"]]


def gradients_of(parameters: Sequence[nn.Parameter]) -> Tensor:
    """All gradients in one vector on the processor, in single precision at least; a missing one as zeros."""
    grads = [torch.zeros_like(p) if p.grad is None else p.grad.detach().to_dense() for p in parameters]
    return torch.cat([wide(grad.flatten().cpu()) for grad in grads])


def wide(values: Tensor) -> Tensor:
    """Half precision as single; large networks are compared at the size that they have."""
    return values.float() if values.dtype in (torch.float16, torch.bfloat16) else values


def next_update(trial: Trial, batches: Sequence[Any]) -> Update:
    """Call the training step until it has updated the weights.

    Raises:
        CannotCheckError: no update within 64 calls.
    """
    held = held_parameters(trial)
    used: list[Tensor] = []
    # after the step: with a closure the gradients are made inside it
    hook = trial.optimizer.register_step_post_hook(lambda *_: used.append(gradients_of(held)))
    try:
        for call in range(MOST_CALLS):
            before = [parameter.detach().clone() for parameter in held]
            trial.step(batches[call % len(batches)])
            moved = any(not torch.equal(old, new) for old, new in zip(before, held, strict=True))
            if used or moved:
                weights = [wide(parameter.detach().flatten().cpu()) for parameter in held]
                return Update(call + 1, torch.cat(used or weights))
    finally:
        hook.remove()
    raise CannotCheckError(f"training_step made no update of the weights within {MOST_CALLS} calls")
