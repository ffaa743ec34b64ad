"""Exploding gradients: not finite, growing with depth, or of wildly different norms from step to step.

    growth = size of the first layers' gradient / size of the last ones'
    spread = largest norm of a step / median norm
    kept   = norm after clipping / norm before

Recurrent networks multiply by one matrix at every position, and their norms spread over decades.

Source: Pascanu et al. 2013 (arXiv:1211.5063), section 3; Goodfellow et al. 2016, section 10.11.1.
"""

from __future__ import annotations

import math
from statistics import median
from typing import Any

from assay.checks.experiments.first_steps import FirstSteps, first_steps
from assay.checks.experiments.gradient_depth import ends_of_depth, figures_of, sizes_by_depth
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Figure
from assay.finding import Finding
from assay.monitors.gradients import total_norm

SOURCE = "Pascanu et al. 2013, section 3"
HIGHEST_GROWTH, HIGHEST_SPREAD = 1e3, 1e2


def check(pipeline: Pipeline) -> CheckResult:
    """The norms of a few real steps, before and after clipping, and the growth along the depth."""
    measured = pipeline.once(first_steps)
    norms = [total_norm(step.raw) for step in measured.steps]
    if not any(norms):
        raise CannotCheckError("all gradients are 0; see parameters_trained")
    broken = sorted({name for step in measured.steps for name, g in step.raw.items() if not math.isfinite(g.norm)})
    if broken:
        return [_broken(broken, norms)]
    growth, figures = _growth(pipeline, measured)
    spread = max(norms) / median(norms) if median(norms) else math.inf
    kept = median(step.kept for step in measured.steps)
    evidence: dict[str, Any] = {"norms": norms, "growth": growth, "spread": spread, "kept": kept}
    text = f"The gradients' norm is {median(norms):.3g} (median of {len(norms)} steps, at most {max(norms):.3g})"
    text += f"; the first layers' gradient is {growth:.2g} times the last ones'" if growth else ""
    text += f"; what the optimiser gets is {kept:.2g} of it, after clipping" if is_clipped(kept) else ""
    cause, fix = _GROWING if growth > HIGHEST_GROWTH else _SPREAD if spread > HIGHEST_SPREAD else ("", "")
    return [Finding("exploding_gradients", "note", f"{text}.", evidence, cause, fix, SOURCE, figures)]


def is_clipped(kept: float) -> bool:
    """Whether gradients were made smaller, and not by a power of 2, as when a scaled loss is taken back."""
    return 0 < kept < 0.999 and abs(math.log2(kept) - round(math.log2(kept))) > 1e-4


def _growth(pipeline: Pipeline, measured: FirstSteps) -> tuple[float, tuple[Figure, ...]]:
    """0 where the network has no depth to speak of."""
    try:
        sizes = sizes_by_depth(pipeline, measured)
    except CannotCheckError:
        return 0.0, ()
    first, last = ends_of_depth(sizes)
    return (first / last if last else 0.0), figures_of(measured, sizes)


def _broken(names: list[str], norms: list[float]) -> Finding:
    evidence = {"parameters": names, "norms": [norm if math.isfinite(norm) else str(norm) for norm in norms]}
    told = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    text = f"The gradient of {told} is NaN or infinite within {len(norms)} steps."
    return Finding("exploding_gradients", "note", text, evidence, *_BROKEN, SOURCE)


_GROWING = (
    "The gradient grows on its way back through the layers: first weights too large, or no norm.",
    "Lower the scale of the first weights (He's, Glorot's), or add norms and residual connections.",
)
_SPREAD = (
    "Some steps have a gradient hundreds of times the usual: a diverging rate, or a recurrence that multiplies it.",
    "Clip the gradients' norm, lower the learning rate or warm it up, start recurrent weights orthogonal.",
)
_BROKEN = (
    "The loss overflows: a rate far too high, inputs not scaled, or a logarithm, root or division at 0.",
    "Lower the learning rate, normalise the inputs, clip the gradients' norm, add an epsilon where values near 0.",
)
