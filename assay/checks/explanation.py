"""Explanations: a magnitude never alerts alone, it explains an experiment that failed.

Dead units, saturation or small updates are found in many healthy networks, so the checks of magnitudes only note them,
and give a cause where they are out of the usual. When an experiment fails (the network cannot learn what it must),
the magnitudes with a cause are its suspects.

Source: Nikanjam et al. 2022 and Schoop et al. 2021 by counterexample: thresholds that alert alone flag clean programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assay.finding import Finding

OUTCOMES = frozenset(
    {"overfit_one_batch", "input_independent_baseline", "beats_prior_baseline", "capacity_lowers_loss", "learning_rate"}
)
MAGNITUDES = frozenset(
    {
        "dead_units", "saturated_units", "vanishing_gradients", "exploding_gradients", "update_ratio",
        "initialization_scale", "weight_decay_strength", "augmentation_strength", "input_scale",
    }
)  # fmt: skip


def explain(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Make suspects of the magnitudes that have a cause, if an experiment failed; otherwise change nothing.

    Magnitudes of what NaN in the inputs leaves behind explain nothing: `inputs_finite` has told the cause.
    """
    if any(finding.id == "inputs_finite" and finding.is_alert for finding in findings):
        return tuple(findings)
    failed = [finding.id for finding in findings if finding.id in OUTCOMES and finding.is_alert]
    if not failed:
        return tuple(findings)
    return tuple(_suspected(f, failed) if f.id in MAGNITUDES and f.cause else f for f in findings)


def _suspected(finding: Finding, failed: Sequence[str]) -> Finding:
    if finding.is_alert:
        return finding
    return replace(finding, level="suspect", evidence={**finding.evidence, "explains": list(failed)})
