"""Initial loss: before any training it is known what the loss must be.

    cross entropy, flat outputs: log(classes), whatever the targets or their smoothing
    cross entropy, bias at the log prior: entropy of the class frequencies
    binary cross entropy: log(2) for each target, or the entropy of their rates
    squared error: mean (targets - mean output)^2

    absolute and Huber error: the same with their distance
    focal loss, flat outputs: (1 - 1/classes)^gamma * log(classes)

A loss that is minus one of these is proved to reward mistakes. A default initialisation starts a little higher. It
alerts only when the loss lies far above and an experiment names the cause: with standardised inputs, or with weights
as PyTorch draws them, the same network starts as expected. The expected value of other losses is estimated by
permuting the targets, which an untrained network must not notice.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("verify loss @ init").
"""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.initial_loss_causes import CAUSES, HOW, TOLD, WHY, Trials, usual_limit
from assay.checks.given.batches import count_examples, map_tensors
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import is_light
from assay.checks.losses.expected_loss import Expected, example_losses, expected_loss
from assay.checks.losses.loss_kind import LossKind
from assay.checks.losses.loss_recognition import recognise
from assay.finding import Finding
from assay.randomness import generator_for

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
EXAMPLES, FEW_EXAMPLES, MOST_OUTPUTS, PERMUTATIONS, NEAR = 256, 64, 4_000_000, 8, 0.2


def check(pipeline: Pipeline) -> CheckResult:
    """Compare the loss of the untrained network with what it must be."""
    kind = pipeline.loss_kind
    if kind.name == "unknown" and (negated := negated_kind(pipeline)):
        return [_negated(pipeline, negated)]
    if kind.name == "unknown":
        return [_permuted(pipeline)]
    batch, targets = _batch(pipeline), pipeline.targets(_batch(pipeline))
    model = pipeline.trial(adam_learning_rate=1e-3, dropout=False).model
    with torch.no_grad():
        outputs = pipeline.outputs(model, batch)
        value = float(pipeline.loss_fn(outputs, targets))
        here = recognise(pipeline.loss_fn, outputs, targets)
    if not math.isfinite(value):
        return [_not_finite(value)]
    kind = kind if here.name == "unknown" else here  # a sum's factor is that of this batch
    expected, losses = expected_loss(kind, outputs, targets), example_losses(kind, outputs, targets)
    value, margin = value / kind.scale, 1.96 * float(losses.std(correction=0)) / math.sqrt(max(len(losses), 1))
    evidence = {"loss": value, "expected": expected.value, "low": value - margin, "high": value + margin}
    evidence |= {"examples": count_examples(batch), "output_deviation": float(outputs.std(correction=0))}
    return [_judge(pipeline, kind, batch, expected, evidence)]


def _batch(pipeline: Pipeline) -> Any:
    """Up to 256 examples, fewer where the network is large or has very many outputs."""
    few, most = pipeline.examples(2), EXAMPLES if is_light(pipeline) else FEW_EXAMPLES
    with torch.no_grad():
        size = pipeline.outputs(pipeline.evaluation_copy(), few).numel() / count_examples(few)
    return pipeline.examples(int(min(most, max(4, MOST_OUTPUTS // size))))


def _permuted(pipeline: Pipeline) -> Finding:
    """A loss that is not known: an untrained network must find other examples' targets as good as its own.

    Raises:
        CannotCheckError: the targets cannot be permuted, or the loss does not read them.
    """
    batch = _batch(pipeline)
    model, count = pipeline.trial(adam_learning_rate=1e-3, dropout=False).model, count_examples(batch)
    generator = generator_for(pipeline.seed, "initial_loss")

    def permuted(order: Tensor) -> float:
        def take(tensor: Tensor) -> Tensor:
            return tensor[order.to(tensor.device)] if tensor.dim() > 0 and len(tensor) == count else tensor

        return float(pipeline.loss_fn(outputs, map_tensors(take, targets)))

    with torch.no_grad():
        outputs, targets = pipeline.forward(model, batch), pipeline.targets(batch)
        value = permuted(torch.arange(count))
        if not math.isfinite(value):
            return _not_finite(value)
        others = [permuted(torch.randperm(count, generator=generator)) for _ in range(PERMUTATIONS)]
    if all(other == value for other in others):
        raise CannotCheckError("the expected initial loss of this loss is not known, and it does not read the targets")
    return _beside_permuted(value, others, count)


def _beside_permuted(value: float, others: list[float], count: int) -> Finding:
    """Tell the loss beside what other examples' targets give."""
    mean, deviation = statistics.mean(others), statistics.stdev(others)
    evidence = {"loss": value, "permuted_mean": mean, "permuted_deviation": deviation, "examples": count}
    agrees = abs(value - mean) <= max(3 * deviation, NEAR * abs(mean))  # untrained outputs lean on classes a little
    told = "as an untrained network should" if agrees else "so the network knows something of its targets already"
    return Finding(
        "initial_loss",
        "note",
        f"This loss is not known. It starts at {value:.3g}, and with permuted targets at {mean:.3g} ± {deviation:.2g} "
        f"(n = {PERMUTATIONS}), {told}.",
        evidence,
        source=SOURCE,
    )


def negated_kind(pipeline: Pipeline) -> str:
    """The name of the loss that this one is minus of; empty when it is none.

    The plain mean of the targets' outputs, minus NLLLoss, is left out: it is a fair loss for outputs that are costs.
    """
    batch = pipeline.examples(64)
    with torch.no_grad():
        outputs = pipeline.outputs(pipeline.evaluation_copy(), batch)
    name = recognise(lambda *given: -pipeline.loss_fn(*given), outputs, pipeline.targets(batch)).name
    return "" if name in ("unknown", "nll") else name


def _negated(pipeline: Pipeline, name: str) -> Finding:
    batch = pipeline.examples(256)
    with torch.no_grad():
        value = float(pipeline.loss(pipeline.evaluation_copy(), batch))
    words = name.replace("_", " ")
    return Finding(
        "initial_loss",
        "proved",
        f"The loss is minus the {words} loss (initial loss {value:.2f}): training makes the outputs worse.",
        {"loss": value, "minus": name, "examples": count_examples(batch)},
        cause="A sign: a minus before a loss that has one already, or a log-likelihood without its minus.",
        fix="Remove the minus; an optimiser makes the loss smaller.",
        source=SOURCE,
    )


def _judge(pipeline: Pipeline, kind: LossKind, batch: Any, expected: Expected, evidence: dict[str, Any]) -> Finding:
    unit = "" if kind.is_regression else " nats"
    told = f"{evidence['loss']:.2f}{unit}, expected {expected.value:.2f} for {expected.reason}"
    quiet = Finding("initial_loss", "note", f"Initial loss is {told}.", evidence, source=SOURCE)
    limit = usual_limit(kind, expected)
    if kind.name in ("nll", "kl", "binary") or not evidence["low"] > limit:
        return quiet  # outputs that are not what the loss wants are told by loss_pairing
    trials = Trials(pipeline, kind, batch, limit)
    cause = next((cause for cause in CAUSES if trials.cures(cause)), None)
    evidence["tried"] = {name: value if math.isfinite(value) else str(value) for name, value in trials.seen.items()}
    if cause is None:
        more = " Networks of this design start as high under PyTorch's own initialisation."
        return replace(quiet, summary=quiet.summary + more)
    return _alert(
        f"Initial loss is {told}; the outputs start with a deviation of {evidence['output_deviation']:.3g}. "
        f"{TOLD[cause]} it starts at {trials.seen[cause]:.2f}{unit}.",
        evidence,
        cause=WHY[cause],
        fix=HOW[cause],
    )


def _alert(summary: str, evidence: dict[str, Any], *, cause: str, fix: str) -> Finding:
    return Finding("initial_loss", "suspect", summary, evidence, cause, fix, SOURCE)


def _not_finite(value: float) -> Finding:
    return Finding(
        "initial_loss",
        "proved",
        f"The loss is {value} before any training.",
        {"loss": str(value)},
        cause="A logarithm of 0, an overflow of unscaled inputs, or NaN in inputs or labels.",
        fix="Look at inputs_finite and labels_valid first, then at the first module whose output is not finite.",
        source=SOURCE,
    )
