"""A linear model on the same examples, trained by the user's loss: what the inputs say without any network.

outputs = standardised inputs @ weights + bias
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.own_training import material
from assay.checks.given.batches import count_examples, split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline

RATES, STEPS = (3e-3, 3e-2), 150
MOST_FEATURES, MOST_OUTPUTS = 20_000, 1000


@dataclass(frozen=True)
class Probe:
    """The lowest losses of the linear model on the trained and on the held examples."""

    trained: float
    held: float


def linear_probe(pipeline: Pipeline) -> Probe:
    """Fit a linear model to what short trainings train on; look at it with `pipeline.once`.

    Raises:
        CannotCheckError: inputs are not one array of numbers, or outputs are not one tensor with examples first.
    """
    given = pipeline.once(material)
    features, held = _features(given.trained), _features(given.held)
    centre, spread = features.mean(0), features.std(0, correction=0)
    spread = torch.where(spread > 1e-6, spread, torch.ones_like(spread))
    shape = _output_shape(pipeline, given.trained)
    rows = ((features - centre) / spread).to(pipeline.device), ((held - centre) / spread).to(pipeline.device)
    fits = [_fit(pipeline, rows, (given.trained, given.held), shape, rate) for rate in RATES]
    return Probe(min(fit.trained for fit in fits), min(fit.held for fit in fits))


def _features(batch: Any) -> Tensor:
    size = count_examples(batch)
    found = [t for t in tensors_in(split_batch(batch)[0]) if t.dim() > 0 and len(t) == size]
    if len(found) != 1 or not found[0].is_floating_point():
        raise CannotCheckError("a linear model is tried only on inputs that are one tensor of floating-point numbers")
    features = found[0].detach().float().flatten(1) if found[0].dim() > 1 else found[0].detach().float()[:, None]
    if features.shape[1] > MOST_FEATURES or not bool(torch.isfinite(features).all()):
        raise CannotCheckError(f"a linear model is tried only on at most {MOST_FEATURES} finite numbers an example")
    return features


def _output_shape(pipeline: Pipeline, batch: Any) -> tuple[int, ...]:
    with torch.no_grad():
        outputs = pipeline.forward(pipeline.evaluation_copy(), batch)
    if not isinstance(outputs, Tensor) or outputs.dim() == 0 or len(outputs) != count_examples(batch):
        raise CannotCheckError("a linear model is tried only for outputs that are one tensor, examples first")
    if outputs[0].numel() > MOST_OUTPUTS:
        raise CannotCheckError(f"a linear model is tried only for at most {MOST_OUTPUTS} outputs an example")
    return tuple(outputs.shape[1:])


def _fit(
    pipeline: Pipeline, features: tuple[Tensor, Tensor], batches: tuple[Any, Any], shape: tuple[int, ...], rate: float
) -> Probe:
    targets = [pipeline.targets(batch) for batch in batches]
    weights = features[0].new_zeros(features[0].shape[1], max(1, math.prod(shape))).requires_grad_()
    bias = features[0].new_zeros(weights.shape[1]).requires_grad_()
    optimizer = torch.optim.Adam([weights, bias], lr=rate)
    best = [math.inf, math.inf]
    for step in range(STEPS + 1):
        losses = [
            pipeline.loss_fn(_in_domain(pipeline, (part @ weights + bias).reshape(len(part), *shape)), target)
            for part, target in zip(features, targets, strict=True)
        ]
        values = [float(loss.detach()) for loss in losses]
        best = [min(low, value) if math.isfinite(value) else low for low, value in zip(best, values, strict=True)]
        if step < STEPS:
            optimizer.zero_grad()
            losses[0].backward()
            optimizer.step()
    return Probe(best[0], best[1])


def _in_domain(pipeline: Pipeline, outputs: Tensor) -> Tensor:
    """Scores as the loss takes them: log-probabilities, probabilities, or as they are."""
    kind = pipeline.loss_kind
    if kind.name == "nll":
        return outputs.log_softmax(kind.class_axis)
    return outputs.sigmoid() if kind.name == "binary" else outputs
