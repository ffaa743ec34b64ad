"""What a network's outputs can become: their range when the weights behind them are changed without limit.

    reach = outputs under weights + s * noise and weights - s * noise, for s = 10, 100, 1000, inputs scaled or not

A plain last layer grows with s without end; an activation after it keeps its bounds. The extremes seen at 100 are
compared with those at 1000: what does not grow any more is a bound.

Source: Goodfellow et al. 2016, section 6.2.2 (an output unit must cover the range of the targets).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.batches import map_tensors, replace_inputs
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import is_light
from assay.checks.losses.loss_kind import LossKind
from assay.checks.losses.probabilities import are_distributions
from assay.randomness import generator_for

EXAMPLES, FEW, SCALES, DRAWS, MOST_LAYERS = 32, 8, (10.0, 100.0, 1000.0), 2, 8
GROWTH = 0.05  # relative; samples near a bound still creep towards it, an unbounded output grows tenfold


@dataclass(frozen=True)
class Reach:
    """Bounds of all outputs together, infinite where they have none, and what was seen on the way.

    A bound of one column alone is not told: of columns that share a softmax, one may never have been the largest.

    layer: the module whose weights were changed.
    changed: outputs under changed weights.
    """

    batch: Any
    outputs: Tensor
    changed: tuple[Tensor, ...]
    low: float
    high: float
    layer: str


def output_reach(pipeline: Pipeline) -> Reach:
    """Chart the reach of the outputs in evaluation mode.

    Raises:
        CannotCheckError: no parameters move the outputs, or they are not finite.
    """
    batch, model = pipeline.examples(EXAMPLES if is_light(pipeline) else FEW), pipeline.evaluation_copy()
    with torch.no_grad():
        outputs = pipeline.outputs(model, batch).clone()
        if not bool(torch.isfinite(outputs).all()):
            raise CannotCheckError("outputs are not finite")
        layer, parameters = last_layer(pipeline, model, batch)
        by_scale = [list(_draws(pipeline, model, batch, parameters, scale)) for scale in SCALES]
    extremes = [_extremes([outputs, *drawn]) for drawn in by_scale]
    low = -_bound([-lowest for lowest, _ in extremes])
    high = _bound([highest for _, highest in extremes])
    return Reach(batch, outputs, tuple(tensor for drawn in by_scale for tensor in drawn), low, high, layer)


@torch.no_grad()
def last_layer(pipeline: Pipeline, model: nn.Module, batch: Any) -> tuple[str, list[Tensor]]:
    """The module used last whose parameters move the outputs, with them and those of the modules around."""
    used: list[tuple[str, nn.Module]] = []
    hooks = [
        module.register_forward_hook(lambda *_, pair=(name, module): used.append(pair))
        for name, module in model.named_modules()
        if _own(module)
    ]
    before = pipeline.outputs(model, batch).clone()
    for hook in hooks:
        hook.remove()
    around = [parameter for _, module in used if any(module.children()) for parameter in _own(module)]
    # What lies around ends after all within it, though its own parameters (positions, say) may come first.
    latest = sorted(dict.fromkeys(reversed(used)), key=lambda pair: any(pair[1].children()))
    for name, module in latest[:MOST_LAYERS]:
        parameters = list(dict.fromkeys([*_own(module), *around]))
        for after in _draws(pipeline, model, batch, parameters, 1.0):
            if after.shape == before.shape and not torch.equal(after, before):
                return name or type(module).__name__, parameters
    raise CannotCheckError("no parameters were found that move the outputs")


def _own(module: nn.Module) -> list[Tensor]:
    return [parameter for parameter in module.parameters(recurse=False) if parameter.is_floating_point()]


def _draws(
    pipeline: Pipeline, model: nn.Module, batch: Any, parameters: list[Tensor], scale: float
) -> Iterator[Tensor]:
    """Outputs under weights moved by noise of this scale, both ways; in every second draw the inputs are scaled too."""
    kept = [parameter.detach().clone() for parameter in parameters]
    generator = generator_for(pipeline.seed, "output_reach")
    try:
        for draw in range(2 * DRAWS):
            noise = [torch.randn(old.shape, generator=generator).to(old) for old in kept] if draw % 2 == 0 else noise
            sign = 1 - 2 * (draw % 2)
            for parameter, old, moved in zip(parameters, kept, noise, strict=True):
                parameter.copy_(old + sign * scale * moved)
            given = _scaled(pipeline, batch, scale) if draw >= DRAWS else batch
            yield pipeline.outputs(model, given).clone()
    finally:
        for parameter, old in zip(parameters, kept, strict=True):
            parameter.copy_(old)


def _scaled(pipeline: Pipeline, batch: Any, scale: float) -> Any:
    def grow(tensor: Tensor) -> Tensor:
        return tensor * scale if tensor.is_floating_point() else tensor

    return replace_inputs(batch, map_tensors(grow, pipeline.inputs(batch)))


def _extremes(outputs: list[Tensor]) -> tuple[float, float]:
    values = torch.cat([tensor.double().flatten().cpu() for tensor in outputs])
    values = values[~values.isnan()]
    return float(values.min()), float(values.max())


def _bound(by_scale: list[float]) -> float:
    """The largest value, or infinity where the last scale still reaches farther than those before."""
    before, widest = max(by_scale[:-1]), max(by_scale)
    return math.inf if not math.isfinite(widest) or widest > before + GROWTH * abs(before) else widest


def are_probabilities(kind: LossKind, reach: Reach) -> bool:
    """Whether the outputs are probabilities of classes, or of yes and no, under all weights tried."""
    if kind.is_classification:
        return all_class_rows(kind, reach, are_distributions)
    return kind.is_binary and -1e-6 <= reach.low < reach.high <= 1 + 1e-6


def all_class_rows(kind: LossKind, reach: Reach, judge: Callable[[Tensor], bool]) -> bool:
    """Whether this holds of (rows, classes) as it is and under all weights tried, but for rows that are not finite."""
    tensors = [kind.class_rows(tensor) for tensor in (reach.outputs, *reach.changed)]
    return all(judge(rows[torch.isfinite(rows).all(-1)]) for rows in tensors)


def output_bias_of(pipeline: Pipeline, model: nn.Module) -> nn.Parameter | None:
    """The bias of the layer that makes the outputs; None where there is none."""
    _, parameters = last_layer(pipeline, model, pipeline.examples(2))
    for module in model.modules():
        bias = getattr(module, "bias", None)
        if isinstance(bias, nn.Parameter) and any(bias is parameter for parameter in parameters):
            return bias
    return None
