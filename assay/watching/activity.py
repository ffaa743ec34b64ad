"""Sizes in sampled updates: dead and saturated units, gradients' norm, updates against weights.

Magnitudes alone are never alarms: each is a note, with a cause where it is out of the usual.

Source: Goodfellow et al. 2016, section 11.5; Karpathy 2016, CS231n notes, neural networks 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from torch import nn

from assay.figure import Bars, Figure, Lines, Series
from assay.finding import Finding
from assay.monitors.gradients import measure_gradients, total_norm
from assay.monitors.units import Activity, UnitObserver, merge
from assay.monitors.update_ratios import Weights, measure_update_ratios, weights_now

SOURCE = "Goodfellow et al. 2016, section 11.5; Karpathy 2016, CS231n notes, neural networks 3"
MOST, LOWEST, HIGHEST, RECENT = 0.5, 1e-4, 1e-1, 4
Look = tuple[Activity, ...]


class Sizes:
    """What sampled updates of one model and one optimiser measured. is_asked: the update at work is one of them."""

    def __init__(self, named: Sequence[tuple[str, nn.Parameter]]) -> None:
        self.named = named
        self.steps: list[int] = []
        self.norms: list[float] = []
        self.ratios: list[dict[str, float]] = []
        self.looks: list[Look] = []
        self._before: Weights = {}
        self.is_asked = False

    def activities(self, observer: UnitObserver) -> None:
        """A forward was looked at."""
        self.looks = [*self.looks[-RECENT:], tuple(observer.activities)]

    def update(self, step: int) -> None:
        """A sampled update is about to be made."""
        self.steps.append(step)
        self.norms.append(total_norm(measure_gradients(self.named)))
        self._before, self.is_asked = weights_now(self.named), True

    def updated(self) -> None:
        """The sampled update was made: how far did it go?"""
        self.ratios.append(measure_update_ratios(self._before, self.named))
        self._before, self.is_asked = {}, False

    def findings(self) -> list[Finding]:
        return [*self._units(), *self._gradients(), *self._updates()]

    def _units(self) -> list[Finding]:
        # The last looks together: a unit that no recent batch wakes is dead, whatever it was at first.
        if not self.looks:
            return []
        merged = self.looks[-1]
        for look in self.looks[-RECENT:-1]:
            merged = merge(merged, look)
        found = []
        if any(one.alive is not None for one in merged):
            found.append(_dead([one for one in merged if one.alive is not None and one.units]))
        if any(one.saturated is not None for one in merged):
            found.append(_saturated([one for one in merged if one.saturated is not None]))
        return found

    def _gradients(self) -> list[Finding]:
        norms = [norm for norm in self.norms if math.isfinite(norm)]
        if not norms:
            return []
        text = f"The gradients' norm is {median(norms):.3g} at the update (median of {_looks(len(norms))}, "
        text += f"{norms[0]:.3g} at first, {norms[-1]:.3g} at last)."
        pairs = [(float(step), norm) for step, norm in zip(self.steps, self.norms, strict=True) if math.isfinite(norm)]
        figure = _curve("Gradients' norm", "norm", pairs)
        return [Finding("exploding_gradients", "note", text, {"norms": norms}, source=SOURCE, figures=(figure,))]

    def _updates(self) -> list[Finding]:
        middles = [
            median(ratios.values()) for ratios in self.ratios if ratios and all(map(math.isfinite, ratios.values()))
        ]
        if not middles:
            return []
        usual, largest = median(middles), max(max(ratios.values()) for ratios in self.ratios if ratios)
        text = f"An update moves weights by {usual:.2g} of their size (median of {_looks(len(middles))}; "
        text += "1e-3 to 1e-2 is usual)."
        cause, fix = "", ""
        if usual > HIGHEST:
            cause, fix = (
                "The learning rate is too high: updates replace a good part of the weights.",
                "Lower it tenfold.",
            )
        elif 0 < largest < LOWEST:
            cause, fix = (
                "The learning rate is too low, or gradients are tiny: weights hardly move.",
                "Raise it tenfold.",
            )
        pairs = [(float(step), median(r.values())) for step, r in zip(self.steps, self.ratios, strict=False) if r]
        figures: tuple[Figure, ...] = (_curve("Update against weight", "ratio", pairs),)
        return [Finding("update_ratio", "note", text, {"medians": middles}, cause, fix, SOURCE, figures)]


def _curve(title: str, quantity: str, pairs: list[tuple[float, float]]) -> Lines:
    steps, values = zip(*pairs, strict=True)
    return Lines(title, "step", quantity, (Series(quantity, steps, values),), log_y=all(value > 0 for value in values))


def _dead(activities: Sequence[Activity]) -> Finding:
    units, dead = sum(one.units for one in activities), sum(one.dead for one in activities)
    worst = max(activities, key=lambda one: one.dead / one.units)
    text = f"{dead} of {units} units were 0 for all examples of the last {_looks(worst.passes)}"
    text += f"; most in {worst.name}: {worst.dead} of {worst.units}." if worst.dead else "."
    layers = {one.name: {"dead": one.dead, "units": one.units} for one in activities}
    figure = Bars("Dead units", tuple(layers), tuple(one.dead / one.units for one in activities), "share of units")
    words = _DEAD if worst.dead > MOST * worst.units else ("", "")
    return Finding("dead_units", "note", text, {"dead": dead, "layers": layers}, *words, SOURCE, (figure,))


def _saturated(activities: Sequence[Activity]) -> Finding:
    shares = {one.name: one.saturated or 0.0 for one in activities}
    worst = max(shares, key=lambda name: shares[name])
    text = f"{shares[worst]:.0%} of the values of {worst} were at the ends of its range in the last looks."
    figure = Bars("Saturated values", tuple(shares), tuple(shares.values()), "share of values")
    words = _SATURATED if shares[worst] > MOST else ("", "")
    return Finding("saturated_units", "note", text, {"layers": shares}, *words, SOURCE, (figure,))


_DEAD = (
    "The learning rate is too high, or biases and inputs push all sums below 0.",
    "Lower the learning rate or warm it up; use the usual first weights, or a leaky activation.",
)
_SATURATED = (
    "Sums are too large: inputs that are not normalised, first weights or a learning rate that are too large.",
    "Normalise the inputs, use Glorot's first weights, lower the learning rate.",
)


def _looks(count: int) -> str:
    return f"{count} look{'' if count == 1 else 's'}"
