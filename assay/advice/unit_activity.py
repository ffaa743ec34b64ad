"""Z5: units that are always off, or at the ends of their range, and how large activations and gradients are.

Always off: 0 for every example of several sampled batches. A rate that is too high can kill up to 40 % of a network.

Source: Goodfellow et al. 2016, section 11.5 (histograms of activations and gradients; saturation; rectifiers that are
always off); Karpathy 2016, CS231n notes, neural networks 1 (40 %).
"""

from __future__ import annotations

from statistics import median

from assay.advice.curves import Curves
from assay.advice.judgement import LOWER_RATE
from assay.figure import Lines, Series
from assay.finding import Finding, Skipped
from assay.monitors.magnitudes import Magnitudes, draw_magnitudes
from assay.training.sample import TrainingSample

SOURCE = "Goodfellow et al. 2016, section 11.5; Karpathy 2016, CS231n notes, neural networks 1"
ID, FEWEST = "unit_activity", 3
MOST_DEAD, MOST_SATURATED = 0.4, 0.5
"""CS231n's own example of how much a high rate can kill; our choice: more values at the ends than between."""
MOST_DRAWN = 8


def judge(curves: Curves) -> Finding | Skipped:
    """The worst activation at the end, held against how it began."""
    samples = curves.samples
    if len(samples) < FEWEST:
        return Skipped(ID, f"too few points: {len(samples)} samples, {FEWEST} needed")
    late = late_part(samples)
    dead, saturated = (at_end(samples, field) for field in ("dead", "saturated"))
    if not dead and not saturated:
        return _without_activations(samples[-1])
    told, cause, fix, remedy = [], "", "", {}
    for shares, field, most in ((dead, "dead", MOST_DEAD), (saturated, "saturated", MOST_SATURATED)):
        if shares:
            worst = max(shares, key=lambda name: shares[name])
            began = getattr(samples[0], field).get(worst, 0.0)
            told.append(_tell(field, worst, shares[worst], began, late[-1]))
            if shares[worst] > most:
                cause, fix, remedy = _BORN if began > most else _DRIVEN
    evidence = {
        "dead": dead,
        "saturated": saturated,
        "samples": len(late),
        "examples": late[-1].dead_examples,
        **remedy,
    }
    return Finding(ID, "note", " ".join(told), evidence, cause, fix, SOURCE, draw(curves, dead, saturated))


def late_part(samples: tuple[TrainingSample, ...]) -> tuple[TrainingSample, ...]:
    """The last third of them, and enough."""
    return samples[-max(FEWEST, len(samples) // 3) :]


def at_end(samples: tuple[TrainingSample, ...], field: str) -> dict[str, float]:
    """Each activation's median share in the late part."""
    late = late_part(samples)
    names = dict.fromkeys(name for sample in late for name in getattr(sample, field))
    return {n: median(getattr(s, field)[n] for s in late if n in getattr(s, field)) for n in names}


def _tell(field: str, worst: str, share: float, began: float, last: TrainingSample) -> str:
    seen = f"all of the last {last.dead_examples} sampled examples"
    if field == "dead" and not share:
        return f"No unit is 0 for {seen}."
    what = "values are at the ends of their range" if field == "saturated" else f"units are 0 for {seen}"
    return f"At most {share:.0%} of an activation's {what} (`{worst}`; {began:.0%} at first)."


def _without_activations(last: TrainingSample) -> Finding:
    text = "The network calls no activation that dies or saturates; its activations and gradients by layer."
    return Finding(ID, "note", text, {}, source=SOURCE, figures=histograms(last))


def draw(curves: Curves, dead: dict[str, float], saturated: dict[str, float]) -> tuple[Lines, ...]:
    """Shares over time where there are any, and the last histograms by layer."""
    figures = []
    for title, field, shares in (("Dead units", "dead", dead), ("Saturated values", "saturated", saturated)):
        shown = sorted(shares, key=lambda name: -shares[name])[:MOST_DRAWN]
        series = tuple(_track(curves, field, name) for name in shown if any(_track(curves, field, name).y))
        if series:
            figures.append(Lines(f"{title}, the layers with most", "step", "share", series))
    return (*figures, *histograms(curves.samples[-1]))


def histograms(sample: TrainingSample) -> tuple[Lines, ...]:
    """How large activations and gradients are, by layer."""
    pairs = (("activation", "Activations", sample.activations), ("gradient", "Gradients of weights", sample.gradients))
    return tuple(
        draw_magnitudes(f"{title} by layer, step {sample.step}", quantity,
                        [(name, Magnitudes(tuple(shares), 0.0, 0.0)) for name, shares in layers.items()])
        for quantity, title, layers in pairs if layers
    )  # fmt: skip


def _track(curves: Curves, field: str, name: str) -> Series:
    points = [(float(s.step), getattr(s, field)[name]) for s in curves.samples if name in getattr(s, field)]
    return Series(name, tuple(x for x, _ in points), tuple(y for _, y in points))


_BORN = (
    "Units began so: first weights or biases that are too large, or inputs that are not centred.",
    "Use the usual first weights for this activation, or batch norm before it.",
    {},
)
_DRIVEN = (
    "Training drove the units there: the learning rate is too high.",
    "Lower the learning rate or warm it up.",
    LOWER_RATE,
)
