"""Output bias: what the untrained network says on average, against how often each answer is right.

    gap = loss of the mean output - entropy of the class frequencies, in nats

A bias at the log frequencies saves the first epochs of an imbalanced problem. A bias far off them is a fault.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("init well"); Lin et al. 2017, section 3.3.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from assay.checks.expected_loss import class_frequencies, entropy
from assay.checks.loss_kind import LossKind
from assay.checks.pipeline import CannotCheckError, CheckResult, Pipeline
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks; Lin et al. 2017, section 3.3"
FACTOR, MARGIN_NATS = 1.5, 0.5
WORTH_SAYING_NATS = 0.1


def check(pipeline: Pipeline) -> CheckResult:
    """Compare the mean of the initial outputs with the targets."""
    kind, batch = pipeline.loss_kind, pipeline.examples(512)
    if kind.name not in ("cross_entropy", "nll", "squared"):
        raise CannotCheckError(f"where the outputs of this loss ({kind.name}) should start is not known")
    model = pipeline.trial(adam_learning_rate=1e-3, dropout=False).model
    with torch.no_grad():
        outputs, targets = pipeline.outputs(model, batch).double(), pipeline.targets(batch)
    if not bool(torch.isfinite(outputs).all()):
        raise CannotCheckError("outputs are not finite")
    return [_squared(outputs, targets) if kind.name == "squared" else _classes(kind, outputs, targets)]


def _classes(kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding:
    frequencies = class_frequencies(kind, targets)
    centre = kind.class_rows(outputs).mean(0).log_softmax(-1)
    prior, flat = float(entropy(frequencies)), math.log(kind.num_classes)
    constant = float(-(frequencies * centre).sum())
    evidence: dict[str, Any] = {"loss_of_mean_output": constant, "loss_at_frequencies": prior, "flat_loss": flat}
    evidence["frequencies"] = [round(share, 6) for share in frequencies.tolist()]
    text = f"Answering the mean output costs {constant:.2f} nats, the class frequencies {prior:.2f}, flat {flat:.2f}"
    if constant > FACTOR * flat + MARGIN_NATS:
        favourite = int(centre.argmax())
        return Finding(
            "output_bias",
            "suspect",
            f"{text}: outputs favour class {favourite}, which is {float(frequencies[favourite]):.1%} of the labels.",
            evidence,
            cause="The output bias starts far from the class frequencies, or large features push one class.",
            fix="Set the output bias to the log of the class frequencies, or to 0.",
            source=SOURCE,
        )
    saving = constant - prior
    advice = f"A bias at the log frequencies would start {saving:.2f} nats lower." if saving > WORTH_SAYING_NATS else ""
    return Finding("output_bias", "note", f"{text}.", evidence, fix=advice, source=SOURCE)


def _squared(outputs: Tensor, targets: Tensor) -> Finding:
    start, mean = float(outputs.mean()), float(targets.double().mean())
    deviation = float(targets.double().std(correction=0))
    evidence = {"mean_output": start, "mean_target": mean, "target_deviation": deviation}
    away = abs(mean - start) / max(deviation, 1e-12)
    advice = "Standardise the targets, or set the output bias to their mean." if away > 1 else ""
    text = f"Outputs start at a mean of {start:.3g}; targets have mean {mean:.3g}, deviation {deviation:.3g}"
    return Finding("output_bias", "note", f"{text} ({away:.1f} deviations away).", evidence, fix=advice, source=SOURCE)
