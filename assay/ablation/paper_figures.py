"""What of a study goes into a paper or onto a slide: gain against cost, the sentence, and the table, to be copied."""

from __future__ import annotations

import math

from assay.ablation.paper_tables import latex_table, markdown_table
from assay.ablation.studied import Study
from assay.ablation.study_findings import sentence
from assay.figure import CostedGain, Pareto, Passage
from assay.finding import Finding

COST_LABEL = "seconds a step, with / without"


def tell_for_a_paper(study: Study) -> Finding | None:
    """The sentence and both tables, each to be copied; None of a study without effects."""
    words = sentence(study)
    if not words:
        return None
    figures = (
        Passage("Sentence", words),
        Passage("Table in LaTeX (booktabs)", latex_table(study), is_code=True),
        Passage("Table in Markdown", markdown_table(study), is_code=True),
    )
    return Finding("trick_effects_for_a_paper", "note", "For a paper: what was done, with n and intervals.",
                   figures=figures)  # fmt: skip


def gain_against_cost(study: Study) -> Pareto:
    """Effects of single tricks against the time of their steps; of a loss its fall is the gain."""
    metric = study.judge.metric
    scale = metric.scale * metric.sign
    points = []
    for effect in study.effects:
        known = math.isfinite(effect.estimate) and math.isfinite(effect.seconds_per_step_ratio)
        if known and len(effect.tricks) == 1:
            low, high = sorted((scale * effect.low, scale * effect.high))
            gain = scale * effect.estimate
            points.append(CostedGain(effect.name, effect.seconds_per_step_ratio, gain, low, high, effect.verdict))
    unit = metric.unit if metric.higher_is_better else f"fall of {metric.unit}"
    return Pareto("Gain against cost", COST_LABEL, f"gain ({unit})", tuple(points), baseline_cost=1.0)
