"""Saturated units: tanh and sigmoid at the ends of their range pass hardly any gradient.

    saturated: within 1 % of the range of an end; the slope there is under 4 % of its largest

Source: Glorot and Bengio 2010, section 3; LeCun et al. 1998, Efficient BackProp, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from assay.checks.experiments.first_steps import first_steps
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Bars
from assay.finding import Finding
from assay.monitors.units import Activity

SOURCE = "Glorot and Bengio 2010, section 3"
MOST = 0.5


def check(pipeline: Pipeline) -> CheckResult:
    """Measure the share of values at the ends, before and after a few of the training's own steps."""
    measured = pipeline.once(first_steps)
    before, after = ([one for one in look if one.saturated is not None] for look in (measured.before, measured.after))
    if not after:
        raise CannotCheckError("the network calls no activation with two ends (tanh, sigmoid, ...)")
    return [_finding(before, after, measured.examples, len(measured.steps))]


def _finding(before: Sequence[Activity], after: Sequence[Activity], examples: int, steps: int) -> Finding:
    worst = max(after, key=_share)
    born = next((one for one in before if one.name == worst.name), worst)
    text = (
        f"{_share(worst):.0%} of the values of {worst.name} are at the ends of its range after {steps} steps "
        f"({_share(born):.0%} before; {examples} examples, {len(after)} activations)."
    )
    layers = {one.name: _share(one) for one in after}
    evidence = {"share": _share(worst), "share_before": _share(born), "examples": examples, "layers": layers}
    figure = Bars("Saturated values", tuple(layers), tuple(layers.values()), "share of values")
    cause, fix = "", ""
    if _share(worst) > MOST:
        cause, fix = _BORN if _share(born) > MOST else _DRIVEN
    return Finding("saturated_units", "note", text, evidence, cause, fix, SOURCE, (figure,))


def _share(activity: Activity) -> float:
    return activity.saturated or 0.0


_BORN = (
    "Sums are too large from the start: inputs that are not normalised, or first weights that are too large.",
    "Normalise the inputs to deviation 1 and use Glorot's first weights (deviation sqrt(2 / (fan_in + fan_out))).",
)
_DRIVEN = (
    "A few steps drive the units to their ends: the learning rate is too high.",
    "Lower the learning rate or warm it up, and clip the gradients' norm.",
)
