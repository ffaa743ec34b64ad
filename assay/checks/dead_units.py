"""Dead units: channels that are 0 for every example give no output and get no gradient.

Some are usual: a ReLU net may start with a few and lose more as it trains. Most of a layer dead explains a network that
does not learn; it alone is no alarm.

Source: Karpathy 2016, CS231n notes, neural networks 1 (up to 40 % of a network dies at too high a rate).
"""

from __future__ import annotations

from collections.abc import Sequence

from assay.checks.experiments.first_steps import first_steps
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Bars
from assay.finding import Finding
from assay.monitors.units import Activity

SOURCE = "Karpathy 2016, CS231n notes, neural networks 1"
MOST = 0.5


def check(pipeline: Pipeline) -> CheckResult:
    """Count units that are 0 for all sampled examples, before and after a few of the training's own steps."""
    measured = pipeline.once(first_steps)
    before, after = ([one for one in look if one.alive is not None] for look in (measured.before, measured.after))
    if not sum(activity.units for activity in after):
        raise CannotCheckError("the network calls no activation that can die (relu, gelu, silu, ...)")
    return [_finding(before, after, measured.examples, len(measured.steps))]


def _finding(before: Sequence[Activity], after: Sequence[Activity], examples: int, steps: int) -> Finding:
    units, dead = sum(one.units for one in after), sum(one.dead for one in after)
    began = sum(one.dead for one in before)
    text = f"{dead} of {units} units are 0 for all {examples} examples after {steps} steps ({began} before)"
    worst = max(after, key=lambda one: one.dead / max(one.units, 1))
    text += f"; most in {worst.name}: {worst.dead} of {worst.units}." if worst.dead else "."
    layers = {one.name: {"dead": one.dead, "units": one.units} for one in after}
    evidence = {"dead": dead, "dead_before": began, "units": units, "examples": examples, "layers": layers}
    figure = Bars("Dead units", tuple(layers), tuple(one.dead / max(one.units, 1) for one in after), "share of units")
    cause, fix = "", ""
    if worst.dead > MOST * worst.units:
        born = next((one for one in before if one.name == worst.name), worst)
        cause, fix = _BORN_DEAD if born.dead > MOST * born.units else _KILLED
    return Finding("dead_units", "note", text, evidence, cause, fix, SOURCE, (figure,))


_BORN_DEAD = (
    "Units begin dead: biases far below 0, weights of 0, or inputs that push all sums one way.",
    "Start biases at 0, centre the inputs, and use the usual first weights; or a leaky activation.",
)
_KILLED = (
    "A few steps kill units: the learning rate is too high, or the loss is far too large.",
    "Lower the learning rate or warm it up, and clip the gradients' norm.",
)
