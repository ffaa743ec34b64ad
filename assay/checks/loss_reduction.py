"""Loss reduction: one number, a mean or a sum over the examples, and none of it from padding.

A batch with every example twice gives 2^e times the loss, for the same outputs:

    e = 0: a mean, e = 1: a sum, e = -1: a mean divided by the batch size once more

A sum is a matter of taste until the learning rate is too large for it: then training with the user's own optimiser
fails, and succeeds when the loss is divided by the batch size, or goes decisively less far than by the mean. Padding is
what stands only at the ends of rows.

A known loss times a small constant is as harmless, unless the whole planned training then gets decisively less far than
a few updates by the loss without that constant.

Source: Goyal et al. 2017, section 2 and remark 3 (arXiv:1706.02677); PyTorch documentation of CrossEntropyLoss.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.own_step import first_update
from assay.checks.experiments.own_training import train_own
from assay.checks.experiments.padded_loss import Padding, padded_loss
from assay.checks.experiments.repaired_training import contrast
from assay.checks.experiments.shrunk_loss import shrunk_loss
from assay.checks.given.batches import count_examples, map_tensors, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, asks_for_closure
from assay.checks.given.work import few_examples, step_batches
from assay.finding import Finding

SOURCE = "Goyal et al. 2017, section 2 and remark 3; PyTorch documentation of CrossEntropyLoss"
EXAMPLES, STEPS, SEEDS = 64, 20, 2
WHOLE = 1e-3  # how near an exponent must lie to a whole number


def check(pipeline: Pipeline) -> CheckResult:
    """Look at the shape of the loss, at what a doubled batch makes of it, and at padded places."""
    batch = few_examples(pipeline, pipeline.examples(EXAMPLES))
    with torch.no_grad():
        outputs, targets = pipeline.forward(pipeline.evaluation_copy(), batch), pipeline.targets(batch)
        loss = pipeline.loss_fn(outputs, targets)
    if isinstance(loss, Tensor) and loss.numel() != 1:
        return [_many_numbers(pipeline, loss)]
    if (padding := padded_loss(pipeline)) is not None and _step_uses_loss(pipeline):
        return [_padding_carries_loss(padding)]
    exponent = _exponent(pipeline, outputs, targets, float(loss), count_examples(batch))
    if abs(exponent + 1) < WHOLE:
        return [_divided_twice(float(loss), count_examples(batch))]
    if abs(exponent - 1) < WHOLE:
        return [_sum(pipeline)]
    if abs(exponent) < WHOLE and (shrunk := _shrunk(pipeline)) is not None:
        return [shrunk]
    if abs(exponent) < WHOLE:
        text = "The loss is a mean: a batch with every example twice gives the same."
    else:
        text = f"The loss depends on the batch as a whole: with every example twice it is {2**exponent:.3g} times."
    return [Finding("loss_reduction", "note", text, {"exponent": exponent}, source=SOURCE)]


def _shrunk(pipeline: Pipeline) -> Finding | None:
    """A mean that is divided once more, by which the planned training gets nowhere near what the mean reaches."""
    found = shrunk_loss(pipeline) if _step_uses_loss(pipeline) else None
    if found is None:
        return None
    scale, trained = pipeline.loss_kind.scale, found.contrast
    return Finding(
        "loss_reduction",
        "suspect",
        f"The loss is {scale:.3g} times the mean {pipeline.loss_kind.name.replace('_', ' ')} loss, so that all of the "
        f"training {found.planned_words} makes {trained.percent(max(trained.own))} or less of the way to the loss's "
        f"floor, and {trained.updates} updates by the mean itself make {trained.percent(min(trained.repaired))} or "
        f"more ({len(trained.own)} seeds each).",
        {"scale": scale, "updates": trained.updates, "own": trained.own, "mean": trained.repaired},
        cause="A mean that is divided once more, as by the size of the data set, under a rate made for a mean.",
        fix=f"Divide once, or multiply the learning rate by {1 / scale:.3g}.",
        source=SOURCE,
    )


def _step_uses_loss(pipeline: Pipeline) -> bool:
    """Whether a step of the user's own returns what loss_fn gives; it may mask or scale before it."""
    if pipeline.training_step is None:
        return True
    update = pipeline.once(first_update)
    return all(math.isclose(a, b, rel_tol=WHOLE) for a, b in zip(update.returned, update.losses, strict=True))


def _exponent(pipeline: Pipeline, outputs: Any, targets: Any, loss: float, size: int) -> float:
    def twice(tensor: Tensor) -> Tensor:
        return torch.cat([tensor, tensor]) if tensor.dim() > 0 and len(tensor) == size else tensor

    if not any(tensor.dim() > 0 and len(tensor) == size for tensor in tensors_in(outputs)):
        raise CannotCheckError("the outputs are not tensors with examples first")
    with torch.no_grad():
        doubled = float(pipeline.loss_fn(map_tensors(twice, outputs), map_tensors(twice, targets)))
    if loss == 0 or not math.isfinite(doubled / loss) or doubled / loss <= 0:
        raise CannotCheckError(f"the loss is {loss:.3g}, and {doubled:.3g} with every example twice")
    return math.log2(doubled / loss)


def _sum(pipeline: Pipeline) -> Finding:
    """A sum is fine with a rate made for it; the experiment asks whether this rate is."""
    size = count_examples(pipeline.batches[0])
    text = f"The loss is a sum over the batch: gradients are {size} times those of the mean."
    evidence: dict[str, Any] = {"exponent": 1.0, "batch_size": size}
    advice = "A mean would let the learning rate stay when the batch size changes."
    if asks_for_closure(pipeline.optimizer) or not _step_uses_loss(pipeline):
        return Finding("loss_reduction", "note", text, evidence, fix=advice, source=SOURCE)
    runs = [(_fall(pipeline, 1, seed), _fall(pipeline, size, seed)) for seed in range(SEEDS)]
    evidence |= {"sum_goes_to": [_plain(a) for a, _ in runs], "mean_goes_to": [_plain(b) for _, b in runs]}
    if all(as_sum >= 1.0 and as_mean < 0.95 for as_sum, as_mean in runs):
        told = f"In {STEPS} steps of the given optimiser the loss goes to {max(a for a, _ in runs):.3g} times its start"
        return _rate_for_mean(
            f"{text} {told}; divided by the batch size, to {max(b for _, b in runs):.3g} (n = {SEEDS}).", evidence
        )
    found = contrast(pipeline, partial(train_own, rate_factor=1 / size, decay_factor=size))
    if found is not None:
        evidence |= {"updates": found.updates, "own": found.own, "mean": found.repaired}
        return _rate_for_mean(f"{text} It holds the training back: {found.told('by the mean')}.", evidence)
    return Finding("loss_reduction", "note", text, evidence, fix=advice, source=SOURCE)


def _rate_for_mean(text: str, evidence: dict[str, Any]) -> Finding:
    cause = 'A loss with reduction="sum" and a learning rate made for a mean.'
    fix = f'Use reduction="mean", or divide the learning rate by about {evidence["batch_size"]}.'
    return Finding("loss_reduction", "suspect", text, evidence, cause, fix, SOURCE)


def _plain(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def _fall(pipeline: Pipeline, divisor: int, seed: int) -> float:
    """Last loss over first in a short training with the user's optimiser; infinite where there is none."""
    batches = pipeline.once(step_batches)
    divided = replace(pipeline, loss_fn=lambda outputs, targets: pipeline.loss_fn(outputs, targets) / divisor)
    divided.seed_for(f"loss_reduction {seed}")
    trial = divided.trial(dropout=False, own_step=False)
    trial.scheduler = None
    losses = [float(trial.step(batches[(step + seed) % len(batches)])) for step in range(STEPS)]
    fall = losses[-1] / losses[0] if losses[0] else math.nan
    return fall if math.isfinite(fall) else math.inf


def _many_numbers(pipeline: Pipeline, loss: Tensor) -> Finding:
    own, shape = pipeline.training_step is not None, tuple(loss.shape)
    return Finding(
        "loss_reduction",
        "note" if own else "proved",
        f"The loss is a tensor of shape {shape}, not one number"
        + ("; the training step must reduce it." if own else ": backward() has nothing to start from."),
        {"shape": list(shape)},
        cause='reduction="none", or a missing mean().',
        fix="Take the mean of the loss over the batch.",
        source=SOURCE,
    )


def _divided_twice(loss: float, size: int) -> Finding:
    return Finding(
        "loss_reduction",
        "proved",
        f"With every example twice the loss halves ({loss:.3g} for {size} examples): it is neither a mean nor a sum.",
        {"exponent": -1.0, "loss": loss, "examples": size},
        cause="A mean is divided by the batch size once more: the gradient shrinks as the batch grows.",
        fix="Divide once: keep the mean, or sum and divide by the number of examples.",
        source=SOURCE,
    )


def _padding_carries_loss(padding: Padding) -> Finding:
    return Finding(
        "loss_reduction",
        "suspect",
        f"Padding counts in the loss: {padding.share:.0%} of the places hold token {padding.token} at the ends of rows "
        f"only, and {padding.gradient:.0%} of the gradient comes from them (n = {padding.rows} rows).",
        {"token": padding.token, "target": padding.target, "share": padding.share, "gradient_share": padding.gradient},
        cause="The loss averages over padded places; they are easy, hide the true loss and drown its gradient.",
        fix=f"Pass ignore_index={padding.target}, or set the padded targets to -100.",
        source=SOURCE,
    )
