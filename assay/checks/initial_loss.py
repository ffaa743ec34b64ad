"""Initial loss: before any training it is known what the loss must be.

    cross entropy, flat outputs: log(classes), whatever the targets or their smoothing
    cross entropy, bias at the log prior: entropy of the class frequencies
    binary cross entropy: log(2) for each target, or the entropy of their rates
    squared error: mean (targets - mean output)^2

A loss that is minus one of these is proved to reward mistakes. A default initialisation starts a little higher. It
alerts only when the loss lies far above and an experiment names the cause: flattening the outputs brings the expected
loss back.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("verify loss @ init").
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from assay.checks.batches import count_examples
from assay.checks.expected_loss import Expected, example_losses, expected_loss
from assay.checks.loss_floor import scale_of
from assay.checks.loss_kind import LossKind, recognise
from assay.checks.pipeline import CannotCheckError, CheckResult, Pipeline
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
FACTOR, MARGIN_NATS, SQUARED_FACTOR = 1.5, 0.5, 10.0


def check(pipeline: Pipeline) -> CheckResult:
    """Compare the loss of the untrained network with what it must be."""
    kind = pipeline.loss_kind
    if kind.name == "unknown" and (negated := negated_kind(pipeline)):
        return [_negated(pipeline, negated)]
    if kind.name not in ("cross_entropy", "nll", "binary_logits", "squared"):
        raise CannotCheckError(f"the expected initial loss of this loss ({kind.name}) is not known")
    batch = pipeline.examples(256)
    model = pipeline.trial(adam_learning_rate=1e-3, dropout=False).model
    with torch.no_grad():
        outputs, targets = pipeline.outputs(model, batch), pipeline.targets(batch)
        value = float(pipeline.loss_fn(outputs, targets)) / scale_of(pipeline, outputs, targets)
    if not math.isfinite(value):
        return [_not_finite(value)]
    expected = expected_loss(kind, outputs, targets)
    losses = example_losses(kind, outputs, targets)
    margin = 1.96 * float(losses.std(correction=0)) / math.sqrt(max(len(losses), 1))
    evidence = {"loss": value, "expected": expected.value, "low": value - margin, "high": value + margin}
    evidence |= {"examples": count_examples(batch), "output_deviation": float(outputs.std(correction=0))}
    return [_judge(pipeline, outputs, targets, expected, evidence)]


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


def _judge(
    pipeline: Pipeline, outputs: Tensor, targets: Tensor, expected: Expected, evidence: dict[str, Any]
) -> Finding:
    kind = pipeline.loss_kind
    unit = "" if kind.name == "squared" else " nats"
    told = f"{evidence['loss']:.2f}{unit}, expected {expected.value:.2f} for {expected.reason}"
    if kind.name == "cross_entropy" and _are_probabilities(kind, outputs):
        return _alert(
            f"Outputs are probabilities already, and cross entropy applies softmax again (initial loss {told}).",
            evidence,
            cause="A softmax at the end of the model before a loss that contains one.",
            fix="Remove the softmax from the model, or use NLLLoss on log-probabilities.",
        )
    if kind.name == "nll" and not _are_log_probabilities(kind, outputs):
        return _alert(
            f"NLLLoss needs log-probabilities, but rows of exp(outputs) do not sum to 1 (initial loss {told}).",
            evidence,
            cause="Raw scores or probabilities are given to a loss that expects log_softmax.",
            fix="Use CrossEntropyLoss on raw scores, or end the model with log_softmax.",
        )
    if evidence["low"] > _limit(kind, expected) and _flat_outputs_cure(kind, outputs, targets, expected):
        return _alert(
            f"Initial loss is {told}; the outputs start with a deviation of {evidence['output_deviation']:.3g}, "
            "and flat outputs give the expected loss.",
            evidence,
            cause="Outputs start too large: the last layer's scale, unscaled inputs, or a wrong bias.",
            fix="Initialise the last layer smaller (zero weights are safe there) and normalise the inputs.",
        )
    return Finding("initial_loss", "note", f"Initial loss is {told}.", evidence, source=SOURCE)


def _limit(kind: LossKind, expected: Expected) -> float:
    """Above this the initial loss is surprising: default initialisations stay below."""
    if kind.name == "squared":
        return SQUARED_FACTOR * max(expected.flat, 1.0)
    return FACTOR * expected.flat + MARGIN_NATS


def _flat_outputs_cure(kind: LossKind, outputs: Tensor, targets: Tensor, expected: Expected) -> bool:
    """The experiment that convicts the outputs: with flat ones in their place the loss is as expected."""
    if kind.name == "squared":
        return True  # the flat loss is computed from these very targets
    flat = torch.zeros_like(outputs) - (math.log(kind.num_classes) if kind.name == "nll" else 0.0)
    return float(example_losses(kind, flat, targets).mean()) <= 1.1 * expected.flat


def _are_probabilities(kind: LossKind, outputs: Tensor) -> bool:
    rows = kind.class_rows(outputs)
    return bool((rows >= 0).all()) and bool(((rows.sum(-1) - 1).abs() < 1e-3).all())


def _are_log_probabilities(kind: LossKind, outputs: Tensor) -> bool:
    return bool((kind.class_rows(outputs).logsumexp(-1).abs() < 1e-2).all())


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
