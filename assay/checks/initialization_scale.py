"""Initialisation scale: the signal must neither fade nor blow up on its way through the untrained network.

    gain of layer l = deviation of its outputs / root mean square of the network's first layer's inputs

Norms and residual connections keep the gain near 1 whatever the first weights. A layer that starts at 0 (the last one,
or the end of a residual branch) says nothing and is left out.

Out of the usual, it is told; it alerts only if the same training goes decisively farther from weights as PyTorch draws
them, in as many updates.

Source: Glorot and Bengio 2010, section 4.2; He et al. 2015 (arXiv:1502.01852), section 2.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from torch import nn

from assay.checks.experiments.first_steps import first_steps
from assay.checks.experiments.redraws import redrawn_contrast
from assay.checks.experiments.repaired_training import Contrast
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.finite_weights import BrokenWeights
from assay.checks.given.pipeline import CheckResult, Pipeline, broken_weights
from assay.figure import Bars, Figure, Images, encode_png
from assay.finding import Finding
from assay.monitors.magnitudes import draw_magnitudes
from assay.monitors.signals import Signal

SOURCE = "Glorot and Bengio 2010, section 4.2; He et al. 2015, section 2.2"
LOWEST, HIGHEST = 1e-3, 1e2
FILTERS, LEAST_WIDTH = 16, 3


def check(pipeline: Pipeline) -> CheckResult:
    """Follow the size of the signal through one forward pass of the untrained network."""
    if broken := pipeline.once(broken_weights):
        return [_not_finite(broken)]
    measured = pipeline.once(first_steps)
    signals = [signal for signal in measured.signals if signal.deviation > 0 or not math.isfinite(signal.deviation)]
    if not signals or not 0 < measured.signals[0].size_in < math.inf:
        raise CannotCheckError("no layer with weights lets a signal through, or what enters is 0 or not finite")
    finding = _finding(signals, measured.signals[0].size_in, measured.examples, _figures(pipeline, signals))
    redrawn = pipeline.once(redrawn_contrast) if finding.cause else None
    return [finding if redrawn is None else _suspect(finding, redrawn)]


def _not_finite(broken: Sequence[BrokenWeights]) -> Finding:
    first = broken[0]
    also = f"; also in {', '.join(weights.name for weights in broken[1:4])}" if broken[1:] else ""
    also += f" and {len(broken) - 4} more" if broken[4:] else ""
    return Finding(
        "initialization_scale",
        "proved",
        f"{first.name} holds NaN or infinity ({first.count} of {first.size} values, the first at index "
        f"{list(first.place)}){also}: the outputs are not finite, and they are with 0 in place of these values.",
        {"weights": {weights.name: weights.count for weights in broken}},
        cause="A training that diverged before, a damaged or wrong checkpoint, or memory that nothing initialised.",
        fix=f"Load a checkpoint from before, or initialise {first.name} anew; no training leads out of NaN.",
        source=SOURCE,
    )


def _suspect(finding: Finding, redrawn: Contrast) -> Finding:
    evidence = {"updates": redrawn.updates, "own": redrawn.own, "redrawn": redrawn.repaired}
    told = redrawn.told("from PyTorch's own first weights")
    return replace(
        finding,
        level="suspect",
        summary=f"{finding.summary} They hold the training back: {told}.",
        evidence={**finding.evidence, **evidence},
    )


def _finding(signals: Sequence[Signal], entered: float, examples: int, figures: tuple[Figure, ...]) -> Finding:
    gains = {signal.name: _limited(signal.deviation / entered) for signal in signals}
    hidden = list(gains.values())[:-1] or list(gains.values())
    # A last layer is made small on purpose; large it is as wrong as any.
    smallest, largest = min(hidden), max(gains.values())
    first, last = next(iter(gains)), list(gains)[-1]
    text = (
        f"The signal's deviation is {gains[first]:.2g} of what enters after {first} and {gains[last]:.2g} after {last} "
        f"({len(gains)} layers, {examples} examples; {smallest:.2g} at least, {largest:.2g} at most)."
    )
    cause, fix = "", ""
    if not largest <= HIGHEST:
        cause, fix = "The first weights are too large: the signal grows from layer to layer.", _FIX
    elif smallest < LOWEST:
        cause, fix = "The first weights are too small: the signal fades from layer to layer.", _FIX
    return Finding("initialization_scale", "note", text, {"gains": gains}, cause, fix, SOURCE, figures)


def _limited(gain: float) -> float:
    """JSON knows neither NaN nor infinity."""
    return gain if math.isfinite(gain) else 1e38


def _figures(pipeline: Pipeline, signals: Sequence[Signal]) -> tuple[Figure, ...]:
    logs = tuple(math.log10(max(_limited(signal.deviation), 1e-12)) for signal in signals)
    names = tuple(signal.name for signal in signals)
    histograms = draw_magnitudes("Outputs by layer", "output", [(signal.name, signal.magnitudes) for signal in signals])
    figures = (Bars("Signal along the depth", names, logs, "log10 of the deviation"), histograms)
    filters = _first_filters(pipeline.model)
    return figures if filters is None else (*figures, filters)


def _first_filters(model: nn.Module) -> Images | None:
    """The first convolution's filters, where they are pictures."""
    first = next((module for module in model.modules() if isinstance(module, nn.Conv2d)), None)
    if first is None or first.in_channels not in (1, 3) or min(first.kernel_size) < LEAST_WIDTH:
        return None
    pngs = tuple(encode_png(weight.detach().float()) for weight in first.weight[:FILTERS])
    return Images("First-layer filters", pngs, tuple(str(number) for number in range(len(pngs))))


_FIX = "Use He's first weights before ReLU (deviation sqrt(2 / fan_in)), Glorot's before tanh; or add norms."
