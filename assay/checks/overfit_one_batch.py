"""Overfit one batch: a network that cannot learn a handful of examples by heart is broken somewhere.

The loss minus its floor must shrink towards 0. The floor is not 0 for soft or smoothed targets, nor where equal inputs
bear different labels. A network too small for 16 examples must still learn 2.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("overfit one batch").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.batches import count_examples, split_batch, take_examples, tensors_in
from assay.checks.expected_loss import entropy
from assay.checks.initial_loss import scale_of
from assay.checks.pipeline import CannotCheckError, CheckResult, Pipeline, Trial
from assay.checks.short_training import Curve, lowest_loss, measure, train_briefly
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
EXAMPLES, FEW, STEPS = 16, 2, 150
LEARNING_RATES = (3e-3, 3e-2, 3e-4)
REACHED, FAILED = 0.1, 0.5  # share of the initial excess over the floor that is left


@dataclass(frozen=True)
class Attempt:
    """The best of several short trainings on one batch."""

    curves: tuple[Curve, ...]
    floor: float
    batch: Any

    @property
    def best(self) -> Curve:
        return min(self.curves, key=lambda curve: curve.best)

    @property
    def left(self) -> float:
        """Share of the initial excess over the floor that is left; 0 is at the floor."""
        excess = self.curves[0].losses[0] - self.floor
        return max(self.best.best - self.floor, 0.0) / excess if excess > 1e-6 else 0.0


def check(pipeline: Pipeline) -> CheckResult:
    """Learn up to 16 examples by heart; if that fails, 2; if that fails, say where to look."""
    attempt = attempt_overfit(pipeline, pipeline.examples(EXAMPLES), own_step=True)
    few = None
    if attempt.left > REACHED and count_examples(attempt.batch) > FEW:
        few = attempt_overfit(pipeline, _distinct_pair(pipeline), own_step=True)
    failed = attempt.left > FAILED if few is None else few.left > REACHED
    if not failed:
        return [_passed(pipeline, attempt, few)]
    if pipeline.training_step is not None:
        plain = attempt_overfit(pipeline, (few or attempt).batch, own_step=False)
        if plain.left <= REACHED:
            return [_alert(pipeline, few or attempt, *_OWN_STEP)]
    return [_alert(pipeline, few or attempt, *_explain(pipeline, few or attempt))]


def attempt_overfit(pipeline: Pipeline, batch: Any, *, own_step: bool) -> Attempt:
    """Train copies with a few learning rates until one has learned the batch."""
    floor = floor_of(pipeline, batch)
    curves: list[Curve] = []
    for rate in LEARNING_RATES:
        pipeline.seed_for(f"overfit {rate}")
        trial = pipeline.trial(adam_learning_rate=rate, dropout=False)
        trial.own_step = own_step
        start = measure(pipeline, trial.model, batch)
        target = floor + REACHED / 2 * (start - floor)
        curves.append(_follow(pipeline, trial, batch, rate, target))
        if Attempt(tuple(curves), floor, batch).left <= REACHED:
            break
    return Attempt(tuple(curves), floor, batch)


def _follow(pipeline: Pipeline, trial: Trial, batch: Any, rate: float, target: float) -> Curve:
    def enough(loss: float) -> bool:
        return loss <= target

    return train_briefly(pipeline, trial, batch, steps=STEPS, learning_rate=rate, enough=enough)


def floor_of(pipeline: Pipeline, batch: Any) -> float:
    """Lowest loss that any outputs reach on this batch."""
    kind, targets = pipeline.loss_kind, pipeline.targets(batch)
    with torch.no_grad():
        outputs = pipeline.forward(pipeline.evaluation_copy(), batch)
    groups = _equal_inputs(batch)
    distinct = int(groups.max()) + 1 == len(groups)
    if distinct and kind.name == "squared":
        return 0.0
    if distinct and kind.name == "cross_entropy" and kind.weights is None and isinstance(outputs, Tensor):
        rows = kind.label_rows(targets)
        if rows.dim() == 1:
            rows = torch.nn.functional.one_hot(rows[rows != kind.ignored_label], kind.num_classes)
        smoothed = (1 - kind.smoothing) * rows.double() + kind.smoothing / kind.num_classes
        return float(entropy(smoothed).mean()) * scale_of(pipeline, outputs, targets)
    if not isinstance(outputs, Tensor) or len(outputs) != len(groups):
        raise CannotCheckError("the floor of the loss is not known for outputs of this kind")
    return lowest_loss(pipeline.loss_fn, outputs, targets, groups.to(outputs.device))


def _equal_inputs(batch: Any) -> Tensor:
    """A group number for each example; equal inputs share one."""
    size = count_examples(batch)
    parts = [t.reshape(size, -1).double() for t in tensors_in(split_batch(batch)[0]) if t.dim() and len(t) == size]
    return torch.unique(torch.cat([part.cpu() for part in parts], 1), dim=0, return_inverse=True)[1]


def _distinct_pair(pipeline: Pipeline) -> Any:
    """Two examples of different inputs and, where there are such, different targets."""
    batch = pipeline.examples(64)
    groups, targets = _equal_inputs(batch), split_batch(batch)[1]
    others = [row for row in range(1, len(groups)) if groups[row] != groups[0]]
    if not others:
        raise CannotCheckError("all sampled inputs are equal")
    if isinstance(targets, Tensor) and len(targets) == len(groups):
        apart = [row for row in others if not torch.equal(targets[row], targets[0])]
        others = apart or others
    return take_examples(batch, (0, others[0]))


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
        sums = kind.class_rows(outputs).sum(-1)
        if bool(((sums - 1).abs() < 1e-3).all()):
            return "A softmax in the model before a loss that contains one.", "Remove the softmax from the model."
        return (
            "Outputs are never negative: an activation after the last layer.",
            "Remove it; the loss wants raw scores.",
        )
    if len(outputs) > 1 and bool((outputs - outputs[:1]).abs().max() <= 1e-6 * outputs.abs().max()):
        return (
            "Outputs are the same for every input: the inputs do not reach them.",
            "Follow the inputs through forward.",
        )
    return (
        "Gradients do not reach the weights, the loss does not fit outputs and targets, or an activation has died.",
        "Look at parameters_trained, initial_loss and batch_dependency; then train a smaller network on this batch.",
    )


def _figure(attempt: Attempt) -> Lines:
    curves = [
        Series(f"learning rate {curve.learning_rate:g}", tuple(map(float, curve.steps)), curve.losses)
        for curve in attempt.curves
    ]
    last = float(max(step for curve in attempt.curves for step in curve.steps))
    curves.append(Series("floor", (0.0, last), (attempt.floor, attempt.floor)))
    count = count_examples(attempt.batch)
    return Lines(f"Loss on {count} examples learned by heart", "step", "loss", tuple(curves))


def _evidence(pipeline: Pipeline, attempt: Attempt) -> dict[str, Any]:
    best, kind = attempt.best, pipeline.loss_kind
    evidence = {"examples": count_examples(attempt.batch), "start": best.losses[0], "best": best.best}
    evidence |= {"floor": attempt.floor, "steps": best.steps[-1], "learning_rate": best.learning_rate}
    with torch.no_grad():
        outputs = pipeline.outputs(best.model.eval(), attempt.batch)
    if kind.is_classification:
        labels = kind.label_rows(pipeline.targets(attempt.batch))
        evidence["predicted"] = kind.class_rows(outputs).argmax(-1)[:EXAMPLES].tolist()
        evidence["labels"] = (labels.argmax(-1) if labels.dim() > 1 else labels)[:EXAMPLES].tolist()
    return evidence


def _sentence(attempt: Attempt) -> str:
    best, count = attempt.best, count_examples(attempt.batch)
    return (
        f"{count} examples: loss {best.losses[0]:.3g} -> {best.best:.3g} in {best.steps[-1]} steps "
        f"(floor {attempt.floor:.3g}, Adam {best.learning_rate:g}, dropout off)"
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
