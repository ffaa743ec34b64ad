"""The slope of the loss along a random direction in each parameter: what backward() claims, and what it is.

    claimed = sum(gradient * direction),    measured = (L(w + h d) - L(w - h d)) / (2 h),    h = 1e-4, 1e-5, 1e-6

d has the parameter's own size. Only measurements that agree with each other for two h count, so a bend (ReLU) near the
point, or rounding, proves nothing.

Source: Goodfellow et al. 2016, section 11.5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import is_light
from assay.randomness import generator_for

MOST, MOST_OF_LARGE = 40, 5  # parameters tried in small and in large networks
AGREE, WRONG = 1e-3, 2e-2  # relative
STEPS = (1e-4, 1e-5, 1e-6)  # of the parameter's own size


@dataclass(frozen=True)
class Slope:
    """The derivative along one direction in one parameter: claimed by autograd, measured by differences."""

    name: str
    claimed: float
    measured: float

    @property
    def is_wrong(self) -> bool:
        return abs(self.claimed - self.measured) > WRONG * max(abs(self.claimed), abs(self.measured))


def chosen_parameters(pipeline: Pipeline, model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Parameters that are meant to be trained, evenly over the depth."""
    held = {id(parameter) for group in pipeline.optimizer.param_groups for parameter in group["params"]}
    names = [name for name, p in pipeline.model.named_parameters() if p.requires_grad and id(p) in held]
    found = dict(model.named_parameters())
    count = min(MOST if is_light(pipeline) else MOST_OF_LARGE, len(names))
    if count == 0:
        raise CannotCheckError("the optimiser holds no trainable parameter of the model")
    places = sorted({round(i * (len(names) - 1) / max(count - 1, 1)) for i in range(count)})
    return [(names[place], found[names[place]]) for place in places]


def slopes_of(
    pipeline: Pipeline, model: nn.Module, batch: Any, chosen: list[tuple[str, nn.Parameter]], gradients: Any
) -> Iterator[Slope]:
    """Of each parameter where it can be measured, beside the slope that these gradients claim."""
    generator = generator_for(pipeline.seed, "gradient_check")
    with torch.no_grad():
        for (name, parameter), gradient in zip(chosen, gradients, strict=True):
            direction = torch.randn(parameter.shape, generator=generator).to(parameter)
            direction *= max(float(parameter.norm()), 1e-2 * math.sqrt(parameter.numel())) / direction.norm()
            if gradient is not None and gradient.is_sparse:
                gradient = gradient.to_dense()
            claimed = 0.0 if gradient is None else float((gradient * direction).sum())
            measured = _measured(pipeline, model, batch, parameter, direction)
            if measured is not None:
                yield Slope(name, claimed, measured)


def _measured(
    pipeline: Pipeline, model: nn.Module, batch: Any, parameter: nn.Parameter, direction: Tensor
) -> float | None:
    """The slope on which two step lengths agree; None where none do."""
    kept, found = parameter.clone(), []
    for step in STEPS:
        values = []
        for sign in (1, -1):
            parameter.copy_(kept + sign * step * direction)
            values.append(float(seeded_loss(pipeline, model, batch)))
        parameter.copy_(kept)
        found.append((values[0] - values[1]) / (2 * step))
        rounding = 1e-14 * max(abs(values[0]), 1.0) / step
        if len(found) > 1 and abs(found[-1] - found[-2]) <= AGREE * abs(found[-1]) + rounding:
            return found[-1] if abs(found[-1]) > rounding else 0.0
    return None


def seeded_loss(pipeline: Pipeline, model: nn.Module, batch: Any) -> Tensor:
    """The loss with the same random numbers at every evaluation."""
    pipeline.seed_for("gradient_check evaluation")
    return pipeline.loss(model, batch)
