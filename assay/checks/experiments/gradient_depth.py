"""Gradients along the depth of a network: the size of each weight matrix's gradient, in the order of the layers.

Embeddings are left out: a row that no example uses has no gradient, and a mean over rows says nothing of depth.
"""

from __future__ import annotations

import math
from statistics import median

from torch import nn

from assay.checks.experiments.first_steps import FirstSteps
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.figure import Bars, Figure
from assay.monitors.magnitudes import draw_magnitudes

LEAST_LAYERS = 3


def sizes_by_depth(pipeline: Pipeline, measured: FirstSteps) -> dict[str, float]:
    """Root mean square of each matrix's raw gradient, median over steps, first layer first.

    The first step is left out: behind a last layer or a gain that starts at 0 no gradient flows yet.

    Raises:
        CannotCheckError: fewer than 3 layers have weights, and depth means nothing.
    """
    order = _matrices(pipeline.model)
    steps = measured.steps[1:]
    found = {name: [step.raw[name].size for step in steps if name in step.raw] for name in order}
    sizes = {name: median(values) for name, values in found.items() if values}
    if len(sizes) < LEAST_LAYERS:
        raise CannotCheckError(
            f"depth means nothing to {len(sizes)} trained layers; at least {LEAST_LAYERS} are needed"
        )
    return sizes


def _matrices(model: nn.Module) -> list[str]:
    """Weights of the layers that are trained, in the order in which the model holds them."""
    return [
        f"{path}.{name}" if path else name
        for path, module in model.named_modules()
        if not isinstance(module, (nn.Embedding, nn.EmbeddingBag))
        for name, parameter in module.named_parameters(recurse=False)
        if parameter.dim() > 1 and parameter.requires_grad
    ]


def figures_of(measured: FirstSteps, sizes: dict[str, float]) -> tuple[Figure, ...]:
    """Sizes along the depth, and how the values of each gradient spread."""
    logs = tuple(math.log10(max(size, 1e-12)) if math.isfinite(size) else 12.0 for size in sizes.values())
    layers = [(name, measured.gradients[name]) for name in sizes if name in measured.gradients]
    depth = Bars("Gradient along the depth", tuple(sizes), logs, "log10 of the size")
    return (depth, draw_magnitudes("Gradients by layer", "gradient", layers)) if layers else (depth,)


def ends_of_depth(sizes: dict[str, float]) -> tuple[float, float]:
    """The median size of the first quarter of the layers, and of the last: one odd layer decides nothing."""
    values = list(sizes.values())
    count = max(1, len(values) // 4)
    return median(values[:count]), median(values[-count:])
