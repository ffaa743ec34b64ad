"""What the baselines say: the score to beat, and whether the metric can tell anything at all."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assay.baselines.baseline import Baseline
from assay.data.data import Data
from assay.figure import Table
from assay.finding import Finding

POOR_METRIC = 0.95
SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks, step 2: dumb baselines"
CONSTANTS = ("majority class", "mean", "zero input")


def say(data: Data, split: str, measured: tuple[Baseline, ...]) -> tuple[Finding, ...]:
    """A note with a table; `suspect` when a constant answer scores 0.95 accuracy or more."""
    best = max(measured, key=lambda baseline: baseline.value)
    constant = next(baseline for baseline in measured if baseline.name in CONSTANTS)
    note = Finding(
        "baselines",
        "note",
        f"To beat on {split}: {_score(best)} by {best.name}; a constant answer ({constant.name}) reaches "
        f"{constant.value:.4f}.{_hopeless(best, constant, measured)}",
        evidence={"split": split, "best": best.name},
        fix="A network that does not beat all of these is not worth its cost, or has a bug.",
        source=SOURCE,
        figures=(_table(split, measured),),
    )
    return (note, *_poor_metric(data, constant))


def hold_against_baselines(metric: str, value: float, low: float, high: float, measured: Sequence[Baseline]) -> Finding:
    """The model that ships against the best baseline on the same split; `suspect` when it is measurably worse.

    value, low, high: the model's score with its 95 % interval.
    """
    best = max(measured, key=lambda baseline: baseline.value)
    scored = f"{metric} {value:.4f} [{low:.4f}, {high:.4f}]"
    told = f"The model scores {scored}; the best baseline is {_score(best)}, {best.name}."
    evidence = {"model": value, "baseline": best.value, "best": best.name}
    # The half-widths of two intervals add as squares (Zou & Donner 2008).
    if best.value - value <= math.hypot(high - value, best.value - best.low):
        closer = "" if low > best.value else " On this split the two cannot be told apart."
        return Finding("beats_baselines", "note", told + closer, evidence, source=SOURCE)
    return Finding(
        "beats_baselines", "suspect", f"{told} The model is worse: do not ship it.", evidence,
        cause="Too little time to train, a learning rate far off, or inputs that tell the network less than they tell "
              "a simpler model.",
        fix="Give a larger --budget first; if that does not help, look at the training curves and the verified inputs.",
        source=SOURCE,
    )  # fmt: skip


def _hopeless(best: Baseline, constant: Baseline, measured: tuple[Baseline, ...]) -> str:
    tried = [baseline for baseline in measured if baseline.name not in CONSTANTS]
    if not tried or best.low > constant.value:
        return ""
    return " None that looks at the inputs is measurably better: the inputs may tell little about the targets."


def _poor_metric(data: Data, constant: Baseline) -> tuple[Finding, ...]:
    if data.specification.task != "classification" or constant.value < POOR_METRIC:
        return ()
    return (
        Finding(
            "constant_baseline",
            "suspect",
            f"Always answering the majority class reaches accuracy {_score(constant)}: accuracy can hardly tell a good "
            "model from none.",
            evidence={"value": constant.value, "limit": POOR_METRIC, "n": constant.n},
            cause="One class makes up nearly all of the data.",
            fix="Judge by the accuracy of each class, or by precision and recall, or balance the data.",
            source=f"{SOURCE}; the limit of {POOR_METRIC:g} is this stage's own",
        ),
    )


def _score(baseline: Baseline) -> str:
    return f"{baseline.metric} {baseline.value:.4f} [{baseline.low:.4f}, {baseline.high:.4f}] (n={baseline.n:,})"


def _table(split: str, measured: tuple[Baseline, ...]) -> Table:
    columns = ("baseline", measured[0].metric, "95 % interval", "n", "trained on", "seconds", "remark")
    rows = tuple(
        (b.name, f"{b.value:.3f}", f"[{b.low:.3f}, {b.high:.3f}]", f"{b.n:,}", f"{b.trained_on:,}", f"{b.seconds:.2f}",
         b.remark)
        for b in measured
    )  # fmt: skip
    return Table(f"Baselines, fitted on train, measured on {split}", columns, rows)
