"""Output range: no weights can make the outputs reach what the targets ask for.

    unreachable = loss of targets clipped to the reach of the outputs - loss of the targets themselves

A ReLU, sigmoid, tanh or clamp after the last layer bounds the outputs. That is right where the targets lie within (a
picture in [0, 1]), and wrong where they do not. The reach is charted by changing the last weights without limit.

Source: Goodfellow et al. 2016, section 6.2.2.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.output_reach import Reach, are_probabilities, output_reach
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.model_call import with_output_tensor
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.losses.expected_loss import entropy, score_losses
from assay.checks.losses.loss_kind import LossKind
from assay.finding import Finding

SOURCE = "Goodfellow et al. 2016, section 6.2.2"
WORTH, OUTSIDE, CUT = 0.05, 0.01, 0.1  # shares: of the best constant's loss, of the targets, of the scores
SHAPING = ("View", "Reshape", "Squeeze", "Unsqueeze", "Alias", "Transpose", "Permute", "TBackward", "Clone", "Copy",
           "ToCopy", "Slice", "Select", "Expand", "Unsafe", "Flatten", "Split", "Unbind")  # fmt: skip
CUTTING = ("Relu", "Threshold", "Clamp", "Hardtanh", "LeakyRelu", "Elu", "Softplus", "Maximum")


def check(pipeline: Pipeline) -> CheckResult:
    """Compare the reach of the outputs with the range of the targets."""
    kind, reach = pipeline.loss_kind, pipeline.once(output_reach)
    if kind.name in ("nll", "kl", "binary"):
        raise CannotCheckError(f"this loss ({kind.name}) wants bounded outputs; loss_pairing looks at them")
    evidence: dict[str, Any] = {"low": reach.low, "high": reach.high, "layer": reach.layer}
    evidence["last_operation"] = last_operation(pipeline)
    if are_probabilities(kind, reach):
        return [_note(reach, evidence, " (softmax_twice tells more)")]
    if kind.is_classification:
        return [_classes(pipeline, kind, reach, evidence)]
    if kind.is_binary:
        return [_binaries(pipeline, kind, reach, evidence)]
    return [_numbers(pipeline, reach, evidence)]


def last_operation(pipeline: Pipeline) -> str:
    """The name of the operation that made the outputs, leaving out changes of shape."""
    outputs = pipeline.outputs(pipeline.evaluation_copy(), pipeline.examples(2))
    node = outputs.grad_fn
    while node is not None and node.name().startswith(SHAPING) and node.next_functions:
        node = node.next_functions[0][0]
    return "" if node is None else node.name().split("Backward")[0]


def _numbers(pipeline: Pipeline, reach: Reach, evidence: dict[str, Any]) -> Finding:
    """Regression: what the loss cannot go below, as a share of what the best constant output costs."""
    with torch.no_grad():
        whole = pipeline.forward(pipeline.evaluation_copy(), reach.batch)
    targets = pipeline.targets(pipeline.examples(1024) if isinstance(whole, Tensor) else reach.batch)
    if not isinstance(targets, Tensor) or not targets.is_floating_point():
        raise CannotCheckError("targets are not one tensor of real numbers")
    if pipeline.loss_kind.broadcasts or targets.shape[1:] != reach.outputs.shape[1:]:
        raise CannotCheckError(
            f"outputs {tuple(reach.outputs.shape[1:])} and targets {tuple(targets.shape[1:])} differ in shape"
        )
    clipped = targets.clamp(reach.low, reach.high)
    outside = float((clipped != targets).double().mean())
    mean = targets.mean(0, keepdim=True).expand(targets.shape)
    losses = [_loss(pipeline, whole, values, targets) for values in (targets, clipped, mean)]
    share = (losses[1] - losses[0]) / (losses[2] - losses[0]) if losses[2] > losses[0] else 0.0
    evidence |= {"target_low": float(targets.min()), "target_high": float(targets.max()), "outside": outside}
    evidence |= {"lowest_loss": losses[1], "loss_of_mean": losses[2]}
    if outside <= OUTSIDE or not share > WORTH:
        return _note(reach, evidence, f"; {outside:.1%} of {targets.numel()} targets lie outside")
    told = f"{outside:.0%} of {targets.numel()} targets lie outside, and the loss cannot fall below {losses[1]:.3g}"
    return _alert(reach, evidence, f"{told} (the mean alone gives {losses[2]:.3g})")


def _loss(pipeline: Pipeline, whole: Any, outputs: Tensor, targets: Tensor) -> float:
    """The loss of these outputs, among whatever else the model returns."""
    with torch.no_grad():
        return float(pipeline.loss_fn(with_output_tensor(whole, outputs.to(targets)), targets))


def _classes(pipeline: Pipeline, kind: LossKind, reach: Reach, evidence: dict[str, Any]) -> Finding:
    """Scores of classes: how far apart can they be, and are they cut at 0?"""
    labels = kind.label_rows(pipeline.targets(reach.batch))
    if labels.is_floating_point():
        return _note(reach, evidence, "; what soft targets ask for is not judged")
    flat, lowest = math.log(kind.num_classes), _lowest_cross_entropy(kind, reach.high - reach.low)
    if lowest > 2 * WORTH * flat:
        evidence["lowest_loss"] = lowest
        told = f"scores differ by {reach.high - reach.low:.3g} at most, so a sure answer still costs {lowest:.2f} nats"
        return _alert(reach, evidence, f"{told} of {flat:.2f}")
    rows = kind.class_rows(reach.outputs)
    used = labels != kind.ignored_label
    right = rows[used].gather(1, labels[used].long()[:, None])
    cut = float((right == 0).double().mean()) if reach.low == 0.0 else 0.0
    if cut > CUT and evidence["last_operation"].startswith(CUTTING):
        evidence["cut"] = cut
        told = f"{cut:.0%} of the right classes' scores are cut to exactly 0, where no gradient can raise them"
        return _alert(reach, evidence, f"{told} (n = {len(right)})")
    return _note(reach, evidence, "")


def _lowest_cross_entropy(kind: LossKind, gap: float) -> float:
    """Excess over the floor of the loss when the right score lies at most `gap` above the others."""
    classes, smoothing = kind.num_classes, kind.smoothing
    others = smoothing / classes
    target = torch.full((classes,), others, dtype=torch.float64)
    target[0] += 1 - smoothing
    best = math.log(float(target[0]) / others) if others > 0 else math.inf
    if gap >= best:
        return 0.0
    scores = torch.zeros(classes, dtype=torch.float64)
    scores[0] = gap
    return float(-(target * scores.log_softmax(0)).nan_to_num(nan=0.0).sum() - entropy(target))


def _binaries(pipeline: Pipeline, kind: LossKind, reach: Reach, evidence: dict[str, Any]) -> Finding:
    """Scores of yes and no: what must the targets cost that lie beyond the bounds?"""
    labels = pipeline.targets(reach.batch).double().reshape(reach.outputs.shape)
    ideal = torch.logit(labels, 1e-6)
    clipped = ideal.clamp(reach.low, reach.high)
    lowest, free, flat = (float(score_losses(kind, s, labels).mean()) for s in (clipped, ideal, ideal * 0))
    if lowest - free <= 2 * WORTH * flat:
        return _note(reach, evidence, "")
    evidence["lowest_loss"] = lowest
    return _alert(reach, evidence, f"the loss cannot fall below {lowest:.2f} nats (even odds give {flat:.2f})")


def _range(reach: Reach) -> str:
    if math.isinf(reach.low) and math.isinf(reach.high):
        return "Outputs have no bounds"
    if math.isinf(reach.high):
        return f"Outputs are never below {reach.low:.3g}"
    if math.isinf(reach.low):
        return f"Outputs are never above {reach.high:.3g}"
    return f"Outputs stay within {reach.low:.3g} and {reach.high:.3g}"


def _plain(evidence: dict[str, Any]) -> dict[str, Any]:
    return {n: str(v) if isinstance(v, float) and not math.isfinite(v) else v for n, v in evidence.items()}


def _note(reach: Reach, evidence: dict[str, Any], more: str) -> Finding:
    return Finding("output_range", "note", f"{_range(reach)}{more}.", _plain(evidence), source=SOURCE)


def _alert(reach: Reach, evidence: dict[str, Any], told: str) -> Finding:
    operation = evidence["last_operation"].rstrip("0123456789").lower() or "activation"
    return Finding(
        "output_range",
        "proved",
        f"{_range(reach)}, whatever the weights of {reach.layer}: {told}.",
        _plain(evidence),
        cause=f"An activation after the last layer (the last operation is {operation}) before a loss that wants "
        "unbounded outputs.",
        fix="Remove the activation after the last layer, or scale targets or outputs to one range.",
        source=SOURCE,
    )
