"""Step direction: an update must lower the loss on its own batch, if it is small enough.

    d loss(weights + t * change) / dt at t = 0  =  gradient . change  <  0

Gradient ascent (`maximize=True`, a negated loss, `+=` by hand) has the opposite sign. It is exact for the first update
of an optimiser without memory and weight decay, with equal dropout. Where the step minimises something else than
loss_fn, as in two-network training, nothing is proved.

Source: Goodfellow et al. 2016, section 4.3 (directional derivative); Nocedal and Wright 2006, section 3.1.
"""

from __future__ import annotations

from typing import Any

from assay.checks.experiments.own_step import SAME_DIRECTION, FirstUpdate, first_update, loss_along, update_at
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, asks_for_closure
from assay.checks.losses.loss_recognition import recognise
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "Goodfellow et al. 2016, section 4.3"
RISES = 0.01  # cosine between the change and the gradient; rounding is far below
VISIBLE = 0.01  # share of the loss by which the slope should change it along the line
OTHERS = 2


def check(pipeline: Pipeline) -> CheckResult:
    """Hold the first update of a copy against the gradient of loss_fn on the same batch."""
    if asks_for_closure(pipeline.optimizer):
        raise CannotCheckError("this optimiser makes several evaluations at each step, and its change is not one step")
    update = pipeline.once(first_update)
    if not bool(update.change.any()):
        raise CannotCheckError("the first update moves no weight; see parameters_trained")
    if not bool(update.gradient.any()):
        raise CannotCheckError("loss_fn gives no gradient here; see parameters_trained and loss_clipping")
    multiples = _multiples(update)
    losses = loss_along(pipeline, update, multiples)
    evidence = _evidence(update, multiples, losses)
    figures = (_figure(multiples, losses),)
    rises = update.slope > RISES and losses[0] < losses[2] < losses[4]
    if rises and abs(update.alignment) >= SAME_DIRECTION:
        return [_alert("proved", update, evidence, figures)]
    if rises and update.claims_the_loss and _always_rises(pipeline):
        return [_alert("suspect", update, evidence, figures)]
    if not rises and _is_negative(pipeline, update):
        return [_negated(evidence, figures)]
    return [_note(update, evidence, figures, rises=rises)]


def _multiples(update: FirstUpdate) -> tuple[float, ...]:
    """Two places on each side: where the loss should change by about a hundredth, and half the way."""
    slope = abs(float(update.gradient @ update.change)) / len(update.batches)
    mean = sum(map(abs, update.losses)) / len(update.losses)
    far = min(1.0, VISIBLE * mean / slope) if slope > 0 and mean > 0 else 1.0
    return -far, -far / 2, 0.0, far / 2, far


def _always_rises(pipeline: Pipeline) -> bool:
    numbers = range(1, min(1 + OTHERS, len(pipeline.batches)))
    return all(update_at(pipeline, number).slope > RISES for number in numbers)


def _is_negative(pipeline: Pipeline, update: FirstUpdate) -> bool:
    """Whether loss_fn is minus a loss that everybody minimises, and the training does minimise it."""
    if pipeline.loss_kind.name != "unknown" or update.slope > -RISES or update.alignment < SAME_DIRECTION:
        return False
    batch = pipeline.batches[0]
    outputs = pipeline.outputs(pipeline.evaluation_copy(), batch).detach()
    kind = recognise(lambda *given: -pipeline.loss_fn(*given), outputs, pipeline.targets(batch))
    return kind.name in ("cross_entropy", "binary_logits", "binary", "squared", "absolute")


def _evidence(update: FirstUpdate, multiples: tuple[float, ...], losses: tuple[float, ...]) -> dict[str, Any]:
    told = {"cosine_of_change_and_gradient": update.slope, "calls": len(update.batches)}
    told |= {"multiples": list(multiples), "losses": list(losses)}
    return told | ({} if update.used is None else {"cosine_of_used_and_gradient": update.alignment})


def _figure(multiples: tuple[float, ...], losses: tuple[float, ...]) -> Lines:
    series = Series("loss on the same batch", multiples, losses)
    return Lines("Loss along the first update", "multiple of the update", "loss", (series,))


def _told(evidence: dict[str, Any]) -> str:
    losses, multiples = evidence["losses"], evidence["multiples"]
    return (
        f"loss {losses[2]:.6g} becomes {losses[4]:.6g} after {multiples[4]:.2g} of the first update, on the same batch "
        f"(cosine of update and gradient {evidence['cosine_of_change_and_gradient']:+.2f})"
    )


def _alert(level: Any, update: FirstUpdate, evidence: dict[str, Any], figures: tuple[Lines, ...]) -> Finding:
    cause, fix = (
        "The gradients are those of minus the loss: its sign is turned before backward.",
        "Call backward on the loss itself, without the minus.",
    )
    if update.alignment > 0 or update.used is None:
        cause = "The gradients are right, and the weights go up along them: maximize=True, or += in an update by hand."
        fix = "Take maximize=True out of the optimiser, or subtract the gradient."
    text = f"Each step goes up the loss: {_told(evidence)}."
    return Finding("step_direction", level, text, evidence, cause, fix, SOURCE, figures)


def _negated(evidence: dict[str, Any], figures: tuple[Lines, ...]) -> Finding:
    return Finding(
        "step_direction",
        "proved",
        f"loss_fn is minus a loss that is to be minimised: the step makes the answers worse; {_told(evidence)}.",
        evidence,
        cause="The sign of the loss is turned: it is lowest where every answer is wrong.",
        fix="Return the loss without the minus.",
        source=SOURCE,
        figures=figures,
    )


def _note(update: FirstUpdate, evidence: dict[str, Any], figures: tuple[Lines, ...], *, rises: bool) -> Finding:
    text = f"The step goes down the loss: {_told(evidence)}."
    if rises or update.slope >= 0:
        text = f"Not decided: the training step minimises something else than loss_fn; {_told(evidence)}."
    return Finding("step_direction", "note", text, evidence, source=SOURCE, figures=figures)
