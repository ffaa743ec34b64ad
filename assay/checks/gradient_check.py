"""Gradient check: what backward() says of the loss against what the loss does.

    wrong: the slope that backward() claims along a random direction in a parameter is not the one that is measured

in double precision, evaluation mode and with the same random numbers at every evaluation.

Gradients that are edited on purpose are notes: a surrogate where the true slope is 0 (straight-through estimators), a
custom function that only scales the gradient (reversal), and parts of it that are stopped (detach) while the rest
arrives. A gradient that is lost altogether, or a custom function with a wrong backward, is proved. Parameters that get
nothing but the reversed gradient of the only loss climb it; where the same training goes decisively farther with their
gradients turned around, that is suspect. Where the network draws from torch.normal as it trains, the same is asked in
training mode: slopes that the draw cuts off are suspect where the training goes decisively farther with them.

Source: Goodfellow et al. 2016, section 11.5 ("compare back-propagated derivatives to numerical derivatives").
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import torch

from assay.checks.experiments.custom_functions import custom_functions, watched_scales
from assay.checks.experiments.repaired_training import Contrast
from assay.checks.experiments.reparameterised_draws import Gain, Reparameterised, gain_of_reparameterising
from assay.checks.experiments.slopes import WRONG, Slope, chosen_parameters, seeded_loss, slopes_of
from assay.checks.experiments.turned_gradients import turned_gradients
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.double_precision import in_double, loss_in_double
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import is_light
from assay.finding import Finding

SOURCE = "Goodfellow et al. 2016, section 11.5"
EXAMPLES, FEW = 4, 2
NOTHING = 1e-9  # relative to the largest slope


def check(pipeline: Pipeline) -> CheckResult:
    """Compare both derivatives for up to 40 parameters that the optimiser holds."""
    model, batch = (
        pipeline.evaluation_copy().double(),
        in_double(pipeline.examples(EXAMPLES if is_light(pipeline) else FEW)),
    )
    own, pipeline = pipeline, replace(pipeline, loss_fn=loss_in_double(pipeline.loss_fn))
    chosen = chosen_parameters(pipeline, model)
    try:
        loss = seeded_loss(pipeline, model, batch)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CannotCheckError(f"model or loss cannot work in double precision: {error}") from error
    if not loss.requires_grad or not bool(torch.isfinite(loss)):
        raise CannotCheckError("the loss is not finite, or has no gradient")
    if loss.dtype != torch.float64 or not torch.equal(loss, seeded_loss(pipeline, model, batch)):
        raise CannotCheckError("the loss cannot be made exact: it is not in double precision, or differs when repeated")
    custom = list(custom_functions(loss))
    scales, parameters = watched_scales(custom), [parameter for _, parameter in chosen]
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    slopes = list(slopes_of(pipeline, model, batch, chosen, gradients))
    if not slopes:
        raise CannotCheckError("no direction has a derivative that can be measured: the loss bends everywhere")
    names = [type(node).__name__.removesuffix("Backward") for node in custom]
    finding = _judge(slopes, names, scales)
    climbing = {slope.name for slope in slopes if slope.is_wrong} if any(scales) and not finding.is_alert else set()
    turned = _turned(own, [slope for slope in slopes if slope.is_wrong]) if climbing else None
    if not finding.is_alert and turned is None and (drawn := _lost_in_drawing(own, pipeline, batch)) is not None:
        return [drawn]
    return [finding if turned is None else _climbs(finding, names, sorted(climbing), turned)]


def _lost_in_drawing(own: Pipeline, pipeline: Pipeline, batch: Any) -> Finding | None:
    """In training mode, with the same random numbers: slopes that a draw cuts off, though training would gain by them.

    Args:
        pipeline: with the loss in double precision, as the batch is.
    """
    model = copy.deepcopy(pipeline.model).train().double()
    chosen, mode = chosen_parameters(pipeline, model), Reparameterised()
    parameters = [parameter for _, parameter in chosen]
    with mode:
        loss = seeded_loss(pipeline, model, batch)
    if not mode.draws:
        return None
    whole = torch.autograd.grad(loss, parameters, allow_unused=True)
    loss = seeded_loss(pipeline, model, batch)
    if not loss.requires_grad or not torch.equal(loss, seeded_loss(pipeline, model, batch)):
        return None
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    wrong = {slope.name: slope for slope in slopes_of(pipeline, model, batch, chosen, gradients)}
    right = {slope.name: slope for slope in slopes_of(pipeline, model, batch, chosen, whole)}
    cut = [slope for name, slope in wrong.items() if slope.is_wrong and name in right and not right[name].is_wrong]
    gain = gain_of_reparameterising(own) if cut else None
    return _drawn(cut, len(wrong), gain) if gain is not None and gain.is_decisive else None


def _drawn(cut: list[Slope], count: int, gain: Gain) -> Finding:
    worst = max(cut, key=lambda slope: abs(slope.claimed - slope.measured))
    return Finding(
        "gradient_check",
        "suspect",
        f"In training mode backward() gives {worst.name} a slope of {worst.claimed:.4g} along a random direction, the "
        f"loss itself has {worst.measured:.4g} with the same random numbers; so for {len(cut)} of {count} parameters. "
        f"They agree where torch.normal passes gradients on, and {gain.updates} updates end at a loss of "
        f"{max(gain.repaired):.4g} or less then, at {min(gain.own):.4g} or more as it is ({len(gain.own)} seeds each).",
        {"slopes": {s.name: [s.claimed, s.measured] for s in cut[:10]}, **vars(gain)},
        cause="torch.normal, or sample() of a distribution, is drawn from what parameters before it say, and passes no "
        "gradient back to them.",
        fix="Draw mean + deviation * torch.randn_like(mean), or use rsample().",
        source="Kingma and Welling 2014, section 2.4",
    )


def _turned(pipeline: Pipeline, wrong: list[Slope]) -> Contrast | None:
    """Where all these slopes are the loss's own times one negative factor, train with them turned around."""
    factors = [slope.claimed / slope.measured for slope in wrong if slope.measured]
    if len(factors) < len(wrong) or max(factors) >= 0 or min(factors) < (1 + WRONG) * max(factors):
        return None
    return turned_gradients(pipeline, [slope.name for slope in wrong])


def _climbs(finding: Finding, custom: list[str], names: list[str], turned: Contrast) -> Finding:
    count = f"{len(names)} of {finding.evidence['parameters']}"
    return replace(
        finding,
        level="suspect",
        summary=f"backward() gives {count} parameters the slope of the loss with its sign reversed, and they have no "
        f"other loss: {turned.told('with these gradients turned around')}.",
        evidence={**finding.evidence, "updates": turned.updates, "own": turned.own, "turned": turned.repaired},
        cause=f"The backward of a custom autograd function has the wrong sign: {', '.join(sorted(set(custom))[:3])}.",
        fix="Correct the sign, and compare it with torch.autograd.gradcheck; a reversal on purpose needs another loss.",
    )


def _judge(slopes: list[Slope], custom: list[str], scales: list[bool]) -> Finding:
    largest = max(max(abs(slope.claimed), abs(slope.measured)) for slope in slopes)
    slopes = [s for s in slopes if max(abs(s.claimed), abs(s.measured)) > NOTHING * largest or largest == 0]
    wrong = [slope for slope in slopes if largest > 0 and slope.is_wrong]
    evidence: dict[str, Any] = {"parameters": len(slopes), "wrong": [slope.name for slope in wrong]}
    evidence["custom_functions"] = sorted(set(custom))
    evidence["slopes"] = {s.name: [s.claimed, s.measured] for s in (wrong or slopes)[:10]}
    lost = [slope for slope in wrong if slope.claimed == 0.0]
    false = [slope for slope in wrong if slope.claimed != 0.0 and abs(slope.measured) > WRONG * abs(slope.claimed)]
    if lost:
        return _lost(lost, evidence)
    if false and custom and not any(scales):
        return _false(false, evidence, custom)
    text = f"Gradients of {len(slopes)} parameters agree with finite differences of the loss."
    if wrong:
        reason = "a custom function edits it" if custom else "a part of it is stopped (detach) or replaced"
        text = f"The gradients of {len(wrong)} of {len(slopes)} parameters are not the slope of the loss: {reason}."
    fix = "If that is not on purpose, look for detach(), .data, no_grad() or rounding in forward." if wrong else ""
    return Finding("gradient_check", "note", text, evidence, fix=fix, source=SOURCE)


def _lost(lost: list[Slope], evidence: dict[str, Any]) -> Finding:
    first = lost[0]
    return Finding(
        "gradient_check",
        "proved",
        f"The loss depends on {first.name} (slope {first.measured:.3g} along a random direction), but backward() gives "
        f"it no gradient; so for {len(lost)} of {evidence['parameters']} parameters tried.",
        evidence,
        cause="detach(), .data, no_grad(), or a conversion to NumPy or to a number on the way from these parameters "
        "to the loss, though the optimiser is to train them.",
        fix="Remove it; or freeze the parameters (requires_grad_(False)) if they are not to be trained.",
        source=SOURCE,
    )


def _false(false: list[Slope], evidence: dict[str, Any], custom: list[str]) -> Finding:
    worst = max(false, key=lambda slope: abs(slope.claimed - slope.measured))
    return Finding(
        "gradient_check",
        "proved",
        f"backward() gives {worst.name} a slope of {worst.claimed:.4g} along a random direction; the loss itself has "
        f"{worst.measured:.4g} in double precision; so for {len(false)} of {evidence['parameters']} parameters tried.",
        evidence,
        cause=f"The backward of a custom autograd function is wrong: {', '.join(sorted(set(custom))[:3])}.",
        fix="Compare it with torch.autograd.gradcheck, and correct backward.",
        source=SOURCE,
    )
