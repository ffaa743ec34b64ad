"""Update ratio: how far one step of the user's own optimiser moves the weights, against how large they are.

    ratio = |update| / |weights|, median over weight matrices, at the rate that a warm-up leads to

Source: Karpathy 2016, CS231n notes, neural networks 3 (about 1e-3); Goodfellow et al. 2016, section 11.5 (about 1e-2).
"""

from __future__ import annotations

import math
from statistics import median

from assay.checks.experiments.first_steps import MeasuredStep, first_steps
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Bars
from assay.finding import Finding

SOURCE = "Karpathy 2016, CS231n notes, neural networks 3; Goodfellow et al. 2016, section 11.5"
LOWEST, HIGHEST = 1e-4, 1e-1


def check(pipeline: Pipeline) -> CheckResult:
    """The median over matrices, over a few real steps."""
    measured = pipeline.once(first_steps)
    layers = median_ratios(measured.steps)
    if not layers:
        raise CannotCheckError("no weight matrix differs from 0, or the learning rate is 0 in all of the first steps")
    return [_finding(layers, len(measured.steps))]


def median_ratios(steps: tuple[MeasuredStep, ...]) -> dict[str, float]:
    """Each matrix's median ratio over the steps in which it had one."""
    found: dict[str, list[float]] = {}
    for step in steps:
        for name, ratio in step.ratios.items():
            found.setdefault(name, []).append(ratio if math.isfinite(ratio) else math.inf)
    return {name: median(ratios) for name, ratios in found.items()}


def _finding(layers: dict[str, float], steps: int) -> Finding:
    middle = median(layers.values())
    lowest, highest = min(layers, key=lambda name: layers[name]), max(layers, key=lambda name: layers[name])
    text = (
        f"A step moves weights by {middle:.2g} of their size (median of {len(layers)} matrices, {steps} steps; "
        f"{layers[lowest]:.2g} in {lowest} to {layers[highest]:.2g} in {highest}); 1e-3 to 1e-2 is usual."
    )
    logs = tuple(math.log10(max(ratio, 1e-12)) if math.isfinite(ratio) else 12.0 for ratio in layers.values())
    figure = Bars("Update against weight", tuple(layers), logs, "log10 of the ratio")
    evidence = {"median": _plain(middle), "layers": {name: _plain(ratio) for name, ratio in layers.items()}}
    cause, fix = "", ""
    if middle > HIGHEST:
        cause, fix = "The learning rate is too high: a step replaces a good part of the weights.", "Lower it tenfold."
    elif layers[highest] < LOWEST:  # behind a gain that starts at 0, some matrices move little at first
        cause, fix = "The learning rate is too low, or gradients are tiny: weights hardly move.", "Raise it tenfold."
    return Finding("update_ratio", "note", text, evidence, cause, fix, SOURCE, (figure,))


def _plain(ratio: float) -> float | str:
    return ratio if math.isfinite(ratio) else "infinite"
