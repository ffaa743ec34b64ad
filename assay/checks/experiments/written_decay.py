"""A decay of the weights that the training step adds to the loss by hand, found in the gradients of its first update.

    gradients used = a * gradient of loss_fn + b * weights,    decay = b / a

exactly, for all parameters or for the matrices alone; so a penalty of p * sum of squares has a decay of 2 p.

Source: Loshchilov and Hutter 2019 (arXiv:1711.05101), section 2 (L2 regularisation); Krogh and Hertz 1991.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from assay.checks.experiments.own_step import first_update, flat, starting_trial
from assay.checks.experiments.updates import held_parameters
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline, asks_for_closure
from assay.checks.given.work import is_light

EXACT, VISIBLE = 1e-3, 1e-2  # relative to the gradients used


@dataclass(frozen=True)
class WrittenDecay:
    """decay: of the weights, in units of loss_fn's own gradient; pull: its size beside that gradient."""

    decay: float
    pull: float


def written_decay(pipeline: Pipeline) -> WrittenDecay | None:
    """The decay in the user's own step; None where there is none, or something else too."""
    if pipeline.training_step is None or asks_for_closure(pipeline.optimizer):
        return None
    try:
        update = pipeline.once(first_update)
    except CannotCheckError:
        return None
    if not is_light(pipeline):
        return None  # all weights in double precision, several times over, are too much memory
    held = held_parameters(starting_trial(pipeline))
    weights = flat(held)
    matrices = torch.cat([torch.full((p.numel(),), float(p.dim() > 1), dtype=torch.float64) for p in held])
    if update.used is None or not bool(update.gradient.any()):
        return None
    candidates = (_fitted(update.used, update.gradient, part) for part in (weights, weights * matrices))
    return next((found for found in candidates if found is not None), None)


def _fitted(used: Tensor, gradient: Tensor, weights: Tensor) -> WrittenDecay | None:
    used, gradient, weights = (values.double() for values in (used, gradient, weights))
    system = torch.stack([gradient, weights], 1)
    # normal equations of two columns; each is scaled to length 1, so that they are well conditioned
    lengths = system.norm(dim=0)
    if not bool((lengths > 0).all()) or not bool(used.any()):
        return None
    columns = system / lengths
    share = torch.linalg.lstsq(columns, used[:, None]).solution[:, 0]
    if float((columns @ share - used).norm()) > EXACT * float(used.norm()) or float(share[0]) <= 0:
        return None
    if float(share[1]) < VISIBLE * float(used.norm()):
        return None
    factors = share / lengths
    return WrittenDecay(float(factors[1] / factors[0]), float(share[1] / share[0]))
