"""Overfit one batch: a network that cannot learn a handful of examples by heart is broken somewhere.

The loss minus its floor must shrink towards 0. The floor is not 0 for soft or smoothed targets, nor where equal inputs
bear different labels. A network too small for 16 examples must still tell 2 apart.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("overfit one batch").
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.learning_by_heart import REACHED, STEPS, Attempt, attempt_overfit
from assay.checks.experiments.loss_floor import equal_inputs
from assay.checks.experiments.overfit_repairs import repairs_for
from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.experiments.own_training import own_run
from assay.checks.experiments.progress import DECISIVE, scale_of_progress
from assay.checks.given.batches import count_examples, split_batch, take_examples, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import affordable_rows
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
EXAMPLES, FEW = 16, 2
LEARNING_RATES, FEW_RATES = (3e-3, 3e-2, 3e-4), (3e-3, 1e-1, 3e-4)
FAILED, FAILED_SEQUENCE = 0.5, 0.9  # of what the best constant output leaves
FAILED_STEP = 0.8  # of the same; a step that mixes or disturbs its examples learns them less well by heart


def check(pipeline: Pipeline) -> CheckResult:
    """Learn up to 16 examples by heart; if that fails, 2; if that fails, say where to look."""
    rows = affordable_rows(pipeline, wanted=EXAMPLES, steps=STEPS // 5, fewest=4)
    attempt, few = attempt_overfit(pipeline, pipeline.examples(rows), LEARNING_RATES), None
    if attempt.left > REACHED and count_examples(attempt.batch) > FEW and pipeline.loss_kind.has_floor:
        few = attempt_overfit(pipeline, _distinct_pair(pipeline), FEW_RATES)
    judged = few or attempt
    if not _failed(pipeline, judged):
        return [_passed(pipeline, attempt, few)]
    if pipeline.training_step is not None:
        plain = attempt_overfit(pipeline, judged.batch, FEW_RATES, own_step=False)
        if not _failed(pipeline, plain):
            return [_of_the_step(pipeline, judged, plain)]
    return [_alert(pipeline, judged, *_explain(pipeline, judged))]


def _of_the_step(pipeline: Pipeline, own: Attempt, plain: Attempt) -> Finding:
    """The plain step learns what the own one does not: a fault, unless the own one is after something else."""
    learned = pipeline.loss_kind.has_floor and own.left <= FAILED_STEP
    if pipeline.once(judged_by_loss) and not learned and not _learns_from_many(pipeline):
        return _alert(pipeline, own, *_OWN_STEP)
    text = f"The network learns {_sentence(plain)} by the plain step; training_step mixes its examples or minimises"
    text = f"{text} something else than loss_fn, and is not asked to learn by heart ({_sentence(own)})."
    figures = (_figure(plain),)
    return Finding("overfit_one_batch", "note", text, _evidence(pipeline, plain), source=SOURCE, figures=figures)


def _learns_from_many(pipeline: Pipeline) -> bool:
    """Whether the own step goes decisively far on more examples: a teacher, say, may be at odds with single ones."""
    try:
        return pipeline.once(scale_of_progress).progress(pipeline.once(own_run)) >= DECISIVE
    except CannotCheckError:
        return False


def _failed(pipeline: Pipeline, attempt: Attempt) -> bool:
    """Whether this is more than a network too small, or a next word that is not certain."""
    if not pipeline.loss_kind.has_floor:
        return not attempt.fell
    kind, labels = pipeline.loss_kind, pipeline.targets(attempt.batch)
    is_sequence = kind.is_classification and len(kind.label_rows(labels)) > count_examples(attempt.batch)
    return attempt.left > (FAILED_SEQUENCE if is_sequence else FAILED)


def _distinct_pair(pipeline: Pipeline) -> Any:
    """The first example and the one most unlike it, of another target where there is one."""
    batch = pipeline.examples(64)
    groups, targets = equal_inputs(batch), split_batch(batch)[1]
    others = [row for row in range(1, len(groups)) if groups[row] != groups[0]]
    if not others:
        raise CannotCheckError("all sampled inputs are equal")
    if isinstance(targets, Tensor) and len(targets) == len(groups):
        others = [row for row in others if not torch.equal(targets[row], targets[0])] or others
    inputs = next(tensors_in(split_batch(batch)[0])).double().reshape(len(groups), -1)
    farthest = max(others, key=lambda row: float((inputs[row] - inputs[0]).norm()))
    return take_examples(batch, (0, farthest))


_OWN_STEP = (
    "The training step: with a plain step (zero_grad, forward, loss, backward, step) the same network learns it.",
    "Compare training_step with the plain one: zero_grad, backward before step, no detached loss, clipped gradients.",
)


def _explain(pipeline: Pipeline, attempt: Attempt) -> tuple[str, str]:
    """Cause and fix, from what the outputs of the trained copy show."""
    kind, model = pipeline.loss_kind, attempt.best.model.eval()
    with torch.no_grad():
        outputs, targets = pipeline.outputs(model, attempt.batch), pipeline.targets(attempt.batch)
    if kind.broadcasts:
        shapes = f"{tuple(outputs.shape)} and targets {tuple(targets.shape)}"
        return (
            f"Outputs {shapes} are stretched to each other by the loss.",
            "Give both one shape, e.g. targets[:, None].",
        )
    if kind.name == "cross_entropy" and bool((outputs >= 0).all()):
        return _never_negative(kind.class_rows(outputs))
    for repair in repairs_for(pipeline, attempt.batch):
        repaired = attempt_overfit(
            pipeline, repair.batch(attempt.batch), FEW_RATES, own_step=False, edit=repair.network
        )
        if not _failed(pipeline, repaired):
            return repair.cause, repair.fix
    if len(outputs) > 1 and bool((outputs - outputs[:1]).abs().max() <= 1e-6 * outputs.abs().max()):
        return (
            "Outputs are the same for every input: the inputs do not reach them.",
            "Follow the inputs through forward.",
        )
    return (
        "Gradients do not reach the weights, the loss does not fit outputs and targets, or an activation has died.",
        "Look at parameters_trained, initial_loss and batch_dependency; then train a smaller network on this batch.",
    )


def _never_negative(rows: Tensor) -> tuple[str, str]:
    """Cause and fix where scores that may have any sign have one."""
    if bool(((rows.sum(-1) - 1).abs() < 1e-3).all()):
        return "A softmax in the model before a loss that contains one.", "Remove the softmax from the model."
    return (
        "Outputs are never negative: an activation after the last layer.",
        "Remove it; the loss wants raw scores.",
    )


def _figure(attempt: Attempt) -> Lines:
    curves = [
        Series(f"learning rate {curve.learning_rate:g}", tuple(map(float, curve.steps)), curve.losses)
        for curve in attempt.curves
    ]
    last = float(max(step for curve in attempt.curves for step in curve.steps))
    curves.append(Series("best constant output", (0.0, last), (attempt.blind, attempt.blind)))
    curves.append(Series("floor", (0.0, last), (attempt.floor, attempt.floor)))
    count = count_examples(attempt.batch)
    return Lines(f"Loss on {count} examples learned by heart", "step", "loss", tuple(curves))


def _evidence(pipeline: Pipeline, attempt: Attempt) -> dict[str, Any]:
    best, kind = attempt.best, pipeline.loss_kind
    evidence = {"examples": count_examples(attempt.batch), "start": best.losses[0], "best": best.best}
    evidence |= {
        "floor": attempt.floor,
        "constant_output": attempt.blind,
        "steps": best.steps[-1],
        "learning_rate": best.learning_rate,
    }
    with torch.no_grad():
        outputs = pipeline.outputs(best.model.eval(), attempt.batch)
    if kind.is_classification:
        labels = kind.label_rows(pipeline.targets(attempt.batch))
        evidence["predicted"] = kind.class_rows(outputs).argmax(-1)[:EXAMPLES].tolist()
        evidence["labels"] = (labels.argmax(-1) if labels.dim() > 1 else labels)[:EXAMPLES].tolist()
    return evidence


def _told(loss: float) -> str:
    """A loss that is no number is kept as infinite, so that none is worse."""
    return f"{loss:.3g}" if math.isfinite(loss) else "NaN or infinity"


def _sentence(attempt: Attempt) -> str:
    best, count = attempt.best, count_examples(attempt.batch)
    return (
        f"{count} examples: loss from {_told(best.losses[0])} to {_told(best.best)} in {best.steps[-1]} steps "
        f"(floor {attempt.floor:.3g}, best constant {attempt.blind:.3g}, Adam {best.learning_rate:g}, dropout off)"
    )


def _passed(pipeline: Pipeline, attempt: Attempt, few: Attempt | None) -> Finding:
    text = f"The network learns a batch by heart: {_sentence(attempt)}."
    if few is not None:
        text = (
            f"The network does not learn a whole batch by heart ({_sentence(attempt)}) but does learn {_sentence(few)}."
        )
    evidence, figures = _evidence(pipeline, attempt), (_figure(attempt),)
    advice = "" if few is None else "If accuracy stays low, give the network more units or layers."
    return Finding("overfit_one_batch", "note", text, evidence, fix=advice, source=SOURCE, figures=figures)


def _alert(pipeline: Pipeline, attempt: Attempt, cause: str, fix: str) -> Finding:
    text = f"The network cannot learn even {_sentence(attempt)}."
    evidence, figures = _evidence(pipeline, attempt), (_figure(attempt),)
    return Finding("overfit_one_batch", "suspect", text, evidence, cause, fix, SOURCE, figures)
