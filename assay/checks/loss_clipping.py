"""Loss clipping: a wrong answer must get a gradient; a loss that is clamped gives it none.

    d loss / d outputs = 0 exactly, for every example, where all answers are wrong,
    and not 0 where they are less wrong

Gradients may be clipped, losses may not: `loss.clamp(max=c)` ignores just the examples that there is most to learn
from. The outputs of a copy are replaced by answers that are wrong with growing confidence, and the training step says
what gradient they get. Losses with bounded gradients (Huber), without any for good answers (hinge), or with a floor
(flooding) are healthy, as is a bound that keeps a logarithm finite.

Source: Karpathy 2015, CS231n and lectures ("clip gradients, not losses"); Mnih et al. 2015 clip the error's gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.checks.experiments.own_step import number_of
from assay.checks.given.batches import count_examples, take_examples
from assay.checks.given.pipeline import CannotCheckError, CheckResult, Pipeline, asks_for_closure, with_output_tensor
from assay.checks.losses.loss_kind import LossKind
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "Karpathy 2015, CS231n; Mnih et al. 2015, methods"
EXAMPLES = 8
MILD, WRONG, FAR = (-0.95, -0.5, 0.0, 0.25, 0.5), (0.95, 0.98), (0.999, 0.9999)
DEVIATIONS = {-0.95: 0.005, -0.5: 0.02, 0.0: 0.1, 0.25: 0.3, 0.5: 1.0, 0.95: 2.0, 0.98: 3.0, 0.999: 10.0, 0.9999: 30.0}
Answers = Callable[[float], Tensor]


@dataclass(frozen=True)
class Reply:
    """What the training step says of made-up outputs: its loss, and whether any of them got a gradient."""

    confidence: float
    loss: float
    gradient: float


def check(pipeline: Pipeline) -> CheckResult:
    """Answer wrongly with growing confidence and ask for gradients."""
    if asks_for_closure(pipeline.optimizer):
        raise CannotCheckError("this optimiser evaluates the loss inside its step, where outputs cannot be replaced")
    batch = take_examples(pipeline.batches[0], range(min(EXAMPLES, count_examples(pipeline.batches[0]))))
    answers, unit = wrong_answers(pipeline, batch)
    replies = [ask(pipeline, batch, answers(value), value) for value in (*MILD, *WRONG, *FAR)]
    replies = [reply for reply in replies if reply.confidence not in FAR or math.isfinite(reply.gradient)]
    if not all(math.isfinite(reply.gradient) for reply in replies):
        raise CannotCheckError("made-up outputs give gradients that are not finite")
    if not any(reply.gradient > 0 for reply in replies):
        raise CannotCheckError(
            "no made-up output gets a gradient: the loss is made inside of the model, or see parameters_trained"
        )
    evidence = {"confidences": [reply.confidence for reply in replies], "losses": [reply.loss for reply in replies]}
    evidence |= {"gradients": [reply.gradient for reply in replies], "unit": unit}
    wrong = [reply for reply in replies if reply.confidence in WRONG]
    mild = [reply for reply in replies if reply.confidence in MILD]
    if any(reply.gradient > 0 for reply in mild) and all(reply.gradient == 0 for reply in wrong):
        return [_alert(replies, evidence, unit)]
    return [_note(replies, evidence, unit)]


def ask(pipeline: Pipeline, batch: Any, outputs: Tensor, confidence: float, *, attached: bool = False) -> Reply:
    """Make the training step of a copy with these outputs in place of the network's.

    Args:
        attached: the network gets gradients too, all of them 0, as a gradient scaler wants to see some.
    """
    trial, made = pipeline.trial(), []

    def replace(_module: Any, _inputs: Any, found: Any) -> Any:
        if _only_tensor(found).shape != outputs.shape:
            raise CannotCheckError("the training step calls the model on something else than the batch")
        made.append(outputs.to(_only_tensor(found)).detach().clone().requires_grad_())
        return with_output_tensor(found, made[-1] + (0.0 * _only_tensor(found).nan_to_num() if attached else 0.0))

    trial.model.register_forward_hook(replace)
    pipeline.seed_for("loss_clipping")
    try:
        loss = number_of(trial.step(batch))
    except (RuntimeError, AssertionError) as error:
        if isinstance(error, AssertionError) and not attached:
            return ask(pipeline, batch, outputs, confidence, attached=True)
        if "does not require grad" in str(error):  # a loss made without the outputs
            return Reply(confidence, math.nan, 0.0)
        raise CannotCheckError(f"the training step does not work on made-up outputs: {error}") from error
    if not made:
        raise CannotCheckError("the training step does not call the model itself")
    gradients = [leaf.grad for leaf in made if leaf.grad is not None]
    return Reply(confidence, loss, max((float(gradient.abs().max()) for gradient in gradients), default=0.0))


def _only_tensor(found: Any) -> Tensor:
    if isinstance(found, Tensor):
        return found
    logits = getattr(found, "logits", None)
    if isinstance(logits, Tensor):
        return logits
    raise CannotCheckError("the model returns more than one tensor")


def wrong_answers(pipeline: Pipeline, batch: Any) -> tuple[Answers, str]:
    """Outputs that are wrong for every target of the batch, given how much, and what that is counted in."""
    with torch.no_grad():
        outputs = _only_tensor(pipeline.forward(pipeline.evaluation_copy(), batch)).detach()
    targets = pipeline.targets(batch)
    if not isinstance(targets, Tensor):
        raise CannotCheckError("the targets are more than one tensor")
    kind = pipeline.loss_kind
    axis = kind.class_axis if kind.is_classification else _class_axis(kind, outputs, targets)
    if axis is not None:
        return _for_classes(outputs, targets, axis), "probability"
    if targets.numel() != outputs.numel():
        raise CannotCheckError("what a wrong answer is cannot be told from these targets")
    shaped = targets.reshape(outputs.shape).to(outputs)
    if bool(((targets == 0) | (targets == 1)).all()) and kind.name in ("binary_logits", "binary", "unknown"):
        return _for_signs(outputs, shaped), "probability"
    if not targets.is_floating_point():
        raise CannotCheckError("what a wrong answer is cannot be told from these targets")
    spread = float(shaped.double().std(correction=0)) or 1.0
    return (lambda value: shaped + DEVIATIONS[value] * spread), "standard deviation"


def _class_axis(kind: LossKind, outputs: Tensor, targets: Tensor) -> int | None:
    """The axis of scores for these targets, if they can be labels of a loss that is not known."""
    if kind.name != "unknown" or outputs.dim() < 2 or targets.is_floating_point():
        return None
    labels = targets[targets != kind.ignored_label]
    for axis in (1, -1):
        classes = outputs.shape[axis]
        if targets.shape == outputs.select(axis, 0).shape and classes > 1 and labels.numel():
            return axis if int(labels.min()) >= 0 and int(labels.max()) < classes else None
    return None


def _for_classes(outputs: Tensor, targets: Tensor, axis: int) -> Answers:
    classes = outputs.shape[axis]
    labels = targets.argmax(axis) if targets.is_floating_point() else targets.clamp(0, classes - 1)
    labels = labels.reshape(outputs.movedim(axis, -1).shape[:-1])
    right, wrong = (F.one_hot((labels + shift) % classes, classes).movedim(-1, axis) for shift in (0, 1))
    probabilities, sums = outputs.double(), outputs.double().exp().sum(axis)
    are_probabilities = bool((probabilities >= 0).all()) and bool(((probabilities.sum(axis) - 1).abs() < 1e-3).all())

    def answers(value: float) -> Tensor:
        chosen, share = (wrong, value) if value > 0 else (right, -value)
        flat = (1.0 - share) / (classes - 1)
        mixed = chosen * share + (1 - chosen) * flat if share else torch.full_like(probabilities, 1.0 / classes)
        if are_probabilities:
            return mixed.to(outputs)
        logs = mixed.log()
        return (logs if bool(((sums - 1).abs() < 1e-3).all()) else logs - logs.mean(axis, keepdim=True)).to(outputs)

    return answers


def _for_signs(outputs: Tensor, targets: Tensor) -> Answers:
    between = bool(((outputs >= 0) & (outputs <= 1)).all())

    def answers(value: float) -> Tensor:
        confidence = 0.5 + 0.5 * value  # of the wrong answer
        probability = torch.where(targets > 0.5, 1 - confidence, confidence)
        return probability if between else torch.logit(probability)

    return answers


def _figure(replies: list[Reply], unit: str) -> Lines:
    order = tuple(float(place) for place in range(len(replies)))
    series = (
        Series("loss", order, tuple(reply.loss for reply in replies)),
        Series("largest gradient", order, tuple(reply.gradient for reply in replies)),
    )
    return Lines(f"Loss of ever more wrong answers ({unit})", "ever more wrong", "loss, gradient", series)


def _told(reply: Reply, unit: str) -> str:
    if unit == "probability":
        return f"{abs(reply.confidence):g} on {'a wrong' if reply.confidence > 0 else 'the right'} class"
    return f"{DEVIATIONS[reply.confidence]:g} standard deviations off"


def _alert(replies: list[Reply], evidence: dict[str, Any], unit: str) -> Finding:
    seen = next(reply for reply in replies if reply.confidence == WRONG[0])
    last = max((reply for reply in replies if reply.gradient > 0), key=lambda reply: reply.confidence)
    text = (
        f"Wrong answers get no gradient: with {_told(seen, unit)} for every example the loss stays at {seen.loss:.3g}"
    )
    return Finding(
        "loss_clipping",
        "proved",
        f"{text} and its gradient is exactly 0; {_told(last, unit)} still has one, of {last.gradient:.2g}.",
        evidence,
        cause="The loss is clamped from above: the examples with most to learn from are ignored.",
        fix="Clip the gradients (torch.nn.utils.clip_grad_norm_) instead of the loss, or take a Huber loss.",
        source=SOURCE,
        figures=(_figure(replies, unit),),
    )


def _note(replies: list[Reply], evidence: dict[str, Any], unit: str) -> Finding:
    gone = [reply for reply in replies if reply.confidence in FAR and reply.gradient == 0]
    seen = next(reply for reply in replies if reply.confidence == WRONG[-1])
    text = f"Wrong answers get gradients: {seen.gradient:.2g} for {_told(seen, unit)}."
    if gone:
        text = f"Only very wrong answers get no gradient ({_told(gone[0], unit)}, loss {gone[0].loss:.3g})."
    return Finding("loss_clipping", "note", text, evidence, source=SOURCE, figures=(_figure(replies, unit),))
