"""What the curves of a training say, and the next step to take.

findings, skipped = advise(curves_of(run, len(data.train)))
"""

from __future__ import annotations

from assay.advice.catalog import RULES
from assay.advice.contradiction import without_contradictions
from assay.advice.curves import Curves
from assay.finding import Finding, Skipped
from assay.training.train import Run


def advise(curves: Curves) -> tuple[tuple[Finding, ...], tuple[Skipped, ...]]:
    """Every rule's statement, those with something to do first; and the rules that had too little to go by."""
    told = [rule(curves) for rule in RULES]
    findings = without_contradictions([one for one in told if isinstance(one, Finding)])
    findings.sort(key=lambda finding: not finding.fix)
    return tuple(findings), tuple(one for one in told if isinstance(one, Skipped))


def curves_of(run: Run, examples: int) -> Curves:
    """The curves of a training on so many examples, with what the rules need to know of its data."""
    specification = run.specification
    frequencies, steps = specification.class_frequencies, examples // run.recipe.batch_size
    chance = max(frequencies, default=None) if specification.task == "classification" else 0.0
    return Curves.of(run.history, steps_per_epoch=max(1, steps), metric=specification.metric, chance=chance)
