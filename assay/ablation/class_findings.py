"""What a study tells of each class: a map of tricks by classes, and what is clear in it."""

from __future__ import annotations

from assay.ablation.by_class import ClassEffect
from assay.ablation.judge import RARE
from assay.ablation.metrics.metric import Metric
from assay.ablation.studied import Study
from assay.ablation.wording import percent
from assay.figure import Matrix, Table
from assay.finding import Finding

COLUMNS = ("trick", "class", "verdict", "effect", "95 % interval", "seeds", "examples")
MOST_TOLD = 5
MOST_CLASSES = 30
"""Columns of a map that are still read; of more there is the table alone."""


def tell_classes(study: Study) -> Finding:
    """Clear ones in words, the largest first; all in the map and in the table."""
    metric, effects = study.judge.metric, study.of_classes
    clear = [effect for effect in effects if effect.verdict in ("helps", "hurts")]
    clear.sort(key=lambda effect: -abs(effect.estimate))
    told = "; ".join(_told(effect, metric) for effect in clear[:MOST_TOLD]) or "none is clear"
    more = f"; and {len(clear) - MOST_TOLD} more" if len(clear) > MOST_TOLD else ""
    rows = tuple(row_of_class(effect, metric, effect.name) for effect in effects)
    table = Table("Every effect on every class", COLUMNS, rows)
    labels = tuple(dict.fromkeys(effect.label for effect in effects))
    figures = (_map(study, labels), table) if len(labels) <= MOST_CLASSES else (table,)
    few = tuple(dict.fromkeys(effect.label for effect in effects if effect.verdict == "too few examples"))
    return Finding(
        "class_effects", "note",
        f"Of {len(effects):,} effects of a trick on {metric.title} of one class, {len(clear) or 'none'} "
        f"{'is' if len(clear) < 2 else 'are'} clear{f': {told}{more}' if clear else ''}."
        f"{_tell_few(few)}",
        {"metric": metric.name, "classes": len(labels), "family_error_rate": study.looks.alpha,
         "clear": [f"{effect.name} on {effect.label}" for effect in clear], "too_few_examples": list(few)},
        source=f"Bonferroni over {spent_over(study)} at {percent(study.looks.alpha)} (Dunn 1961).",
        figures=figures,
    )  # fmt: skip


def spent_over(study: Study) -> str:
    """What the error rate of effects on classes is divided by, in words."""
    return f"looks, {'rounds, ' * (study.design == 'stepwise')}tricks and classes"


def _tell_few(labels: tuple[str, ...]) -> str:
    if not labels:
        return ""
    more = f" and {len(labels) - MOST_TOLD} more" if len(labels) > MOST_TOLD else ""
    return f" No verdict of {', '.join(labels[:MOST_TOLD])}{more}: fewer than {RARE} validation examples."


def _map(study: Study, labels: tuple[str, ...]) -> Matrix:
    scale, names = study.judge.metric.scale, tuple(dict.fromkeys(effect.name for effect in study.of_classes))
    found = {(effect.name, effect.label): effect.estimate * scale for effect in study.of_classes}
    values = tuple(tuple(found[name, label] for label in labels) for name in names)
    return Matrix(f"Effect of each trick on each class ({study.judge.metric.unit})", values, names, labels,
                  "trick", "class")  # fmt: skip


def _told(effect: ClassEffect, metric: Metric) -> str:
    return f"{effect.name} {effect.verdict} {effect.label} ({metric.told(effect.estimate)} {metric.unit})"


def row_of_class(effect: ClassEffect, metric: Metric, name: str) -> tuple[str, ...]:
    """As the columns are, of a trick called so."""
    return (
        name, effect.label, effect.verdict, metric.told(effect.estimate), f"{metric.told(effect.low)} to "
        f"{metric.told(effect.high)}", str(effect.n), f"{effect.examples:,}",
    )  # fmt: skip
