"""Let the model refuse: accuracy against coverage when it answers only above a confidence.

Source: Goodfellow et al. 2016, section 11.1 (coverage; the Street View transcription system).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from assay.evaluation import Evaluation
from assay.figure import Lines, Series
from assay.finding import Finding

COVERAGES = (1.0, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5)


@dataclass(frozen=True)
class Refusal:
    """At each coverage: the accuracy on what is answered, and the confidence that gives it."""

    coverages: tuple[float, ...]
    accuracies: tuple[float, ...]
    thresholds: tuple[float, ...]


def accuracy_against_coverage(evaluation: Evaluation, coverages: tuple[float, ...] = COVERAGES) -> Refusal:
    """Answer the most confident share of examples; confidence is the likeliest class's probability."""
    confidence, _ = evaluation.outputs.max(1)
    order = torch.argsort(confidence, descending=True, stable=True)
    hits = evaluation.correct[order].double().cumsum(0)
    counts = [max(1, round(coverage * evaluation.n)) for coverage in coverages]
    accuracies = tuple(float(hits[count - 1]) / count for count in counts)
    thresholds = tuple(float(confidence[order[count - 1]]) for count in counts)
    return Refusal(tuple(count / evaluation.n for count in counts), accuracies, thresholds)


def describe_refusal(evaluation: Evaluation) -> Finding:
    """The curve, and what refusing the least certain twentieth (or one, of a few) buys."""
    refusal = accuracy_against_coverage(evaluation)
    some = next((place for place, c in enumerate(COVERAGES) if c <= 0.95 and refusal.coverages[place] < 1), None)
    summary = f"Answering everything: {refusal.accuracies[0]:.2%} (n = {evaluation.n})."
    if some is not None:
        summary = (
            f"Answering everything: {refusal.accuracies[0]:.2%}. Refusing the least certain "
            f"{1 - refusal.coverages[some]:.0%}: {refusal.accuracies[some]:.2%} (confidence at least "
            f"{refusal.thresholds[some]:.2f}; n = {evaluation.n})."
        )
    series = Series("validation", refusal.coverages, refusal.accuracies)
    figure = Lines("Accuracy against coverage", "share of examples answered", "accuracy on the answered", (series,))
    evidence = {f"{c:.0%}": round(a, 4) for c, a in zip(refusal.coverages, refusal.accuracies, strict=True)}
    return Finding("accuracy_against_coverage", "note", summary, evidence,
                   source="Goodfellow et al. 2016, section 11.1: coverage.", figures=(figure,))  # fmt: skip
