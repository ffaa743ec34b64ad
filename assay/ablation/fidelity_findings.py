"""What is said of a cheap fidelity before it is trusted."""

from __future__ import annotations

from assay.ablation.fidelity import LEAST_CORRELATION, Fidelity
from assay.ablation.metrics.metric import Metric
from assay.ablation.rank_correlation import FEWEST_FOR_AN_INTERVAL
from assay.figure import Figure, Lines, Series, Table
from assay.finding import Finding
from assay.intervals import wilson_interval

WORDS = {
    "trusted": "The cheap study may stand in for the full one",
    "not trusted": "The cheap study must not stand in for the full one",
    "cannot be told": "Whether the cheap study may stand in for the full one cannot be told",
}
FIXES = {
    "trusted": "Go on in full with what the cheap study does not rule out.",
    "not trusted": "Study every trick in full, or make the cheap trainings longer and check again.",
    "cannot be told": "Study more tricks in full, or give both more seeds; until then trust the full study alone.",
}
SOURCE = "Rank correlations with intervals as in Bonett & Wright 2000 (Psychometrika 65:23); ceiling by simulation."


def tell_fidelity(fidelity: Fidelity, metric: Metric, *, cheap: str, full: str) -> Finding:
    """The correlation with its interval and ceiling, and whose verdicts differ.

    Args:
        metric: of both studies.
        cheap, full: the trainings of both studies in words, such as "trainings of 2 epochs".
    """
    rho, tau, n = fidelity.spearman, fidelity.kendall, len(fidelity.compared)
    contradicting = [one.name for one in fidelity.compared if one.contradicts]
    low, high = wilson_interval(fidelity.agreeing, n)
    few = f" Of fewer than {FEWEST_FOR_AN_INTERVAL} tricks no interval is known." * (n < FEWEST_FOR_AN_INTERVAL)
    against = f" They contradict each other on {', '.join(contradicting)}." if contradicting else ""
    summary = (
        f"{WORDS[fidelity.trust]}: over {n} tricks, the effects of {cheap} and of {full} have a rank correlation of "
        f"{rho.estimate:.2f} [{rho.low:.2f}, {rho.high:.2f}] (Spearman), where {fidelity.ceiling:.2f} is the most that "
        f"their noise allows; {fidelity.agreeing} of {n} verdicts are the same.{against}{few} Both are judged on the "
        "same validation examples: some of the agreement may be about just these, and the correlation rather too high."
    )
    return Finding(
        "cheap_fidelity", "note", summary,
        {"trust": fidelity.trust, "tricks": n, "spearman": [rho.estimate, rho.low, rho.high], "spearman_p": rho.p,
         "kendall": [tau.estimate, tau.low, tau.high], "kendall_p": tau.p, "ceiling": fidelity.ceiling,
         "trusted_from": LEAST_CORRELATION, "same_verdict": fidelity.agreeing, "same_verdict_share": [low, high],
         "contradicting": contradicting},
        fix=FIXES[fidelity.trust], source=SOURCE, figures=_figures(fidelity, metric),
    )  # fmt: skip


def _figures(fidelity: Fidelity, metric: Metric) -> tuple[Figure, ...]:
    x, y = (tuple(metric.scale * value for value in values) for values in zip(
        *((one.cheap, one.full) for one in fidelity.compared), strict=True))  # fmt: skip
    ends = (min(*x, *y), max(*x, *y))
    of_tricks = (Series(one.name, (cheap,), (full,), "points")
                 for one, cheap, full in zip(fidelity.compared, x, y, strict=True))  # fmt: skip
    series = (Series("equal effects", ends, ends, "faint line"), *of_tricks)
    rows = tuple(
        (one.name, metric.told(one.cheap), metric.told(one.full), one.cheap_verdict, one.full_verdict)
        for one in sorted(fidelity.compared, key=lambda one: -metric.sign * one.full)
    )
    columns = ("trick", "cheap", "full", "verdict, cheap", "verdict, full")
    return (
        Lines(
            "Effects of the cheap study and of the full one, on the same validation examples",
            f"cheap ({metric.unit})",
            f"full ({metric.unit})",
            series,
        ),
        Table("Both effects of every trick", columns, rows),
    )
