"""Softmax twice: a loss that contains a softmax or a sigmoid wants raw scores, not probabilities.

Probabilities differ by 1 at most, so the loss of even a perfect answer stays far above 0:

    cross entropy of probabilities >= log(1 + (classes - 1) / e)
    binary cross entropy of probabilities >= log 2 for a target of 0, log(1 + 1/e) for 1

Outputs count as probabilities when they stay so however the last weights are changed. Log-probabilities are harmless,
for log_softmax of log_softmax is log_softmax.

Source: Goodfellow et al. 2016, section 6.2.2.3; PyTorch documentation of CrossEntropyLoss.
"""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor

from assay.checks.experiments.output_reach import all_class_rows, are_probabilities, output_reach
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.losses.loss_kind import LossKind
from assay.finding import Finding

SOURCE = "Goodfellow et al. 2016, section 6.2.2.3; PyTorch documentation of CrossEntropyLoss"
INNER = {"cross_entropy": "softmax", "focal": "softmax", "binary_logits": "sigmoid", "binary_focal": "sigmoid"}
SUM_TOLERANCE = 1e-3


def check(pipeline: Pipeline) -> CheckResult:
    """Ask whether the outputs are probabilities, whatever the weights."""
    kind = pipeline.loss_kind
    if kind.name not in INNER:
        raise CannotCheckError(f"this loss ({kind.name}) is not known to apply a softmax or sigmoid of its own")
    reach = pipeline.once(output_reach)
    inner, evidence = INNER[kind.name], {"low": reach.low, "high": reach.high, "outputs": len(reach.changed) + 1}
    evidence = {name: value if math.isfinite(value) else str(value) for name, value in evidence.items()}
    if are_probabilities(kind, reach):
        return [_alert(kind, inner, evidence)]
    if kind.is_classification and all_class_rows(kind, reach, _are_log_probabilities):
        text = "Outputs are log-probabilities already; the softmax in the loss leaves them as they are."
        fix = "Nothing needs to change; NLLLoss, or a model without log_softmax, would save one operation."
        return [Finding("softmax_twice", "note", text, evidence, fix=fix, source=SOURCE)]
    text = f"Outputs are raw scores, as a loss with a {inner} of its own wants them."
    return [Finding("softmax_twice", "note", text, evidence, source=SOURCE)]


def _are_log_probabilities(rows: Tensor) -> bool:
    return bool((rows.logsumexp(-1).abs() < SUM_TOLERANCE * 10).all())


def _alert(kind: LossKind, inner: str, evidence: dict[str, Any]) -> Finding:
    if kind.is_classification:
        lowest = math.log(1 + (kind.num_classes - 1) / math.e)
        bound = f"the loss of a perfect answer stays at {lowest:.2f} nats of {math.log(kind.num_classes):.2f}"
        if kind.name == "focal":
            bound = "the loss of a perfect answer stays far above 0"
    else:
        bound = "every answer is at least 'even', and a target of 0 costs at least 0.69 nats"
    return Finding(
        "softmax_twice",
        "proved",
        f"Outputs are probabilities under all {evidence['outputs']} sets of last weights tried, and the loss applies "
        f"{inner} again: {bound}.",
        evidence,
        cause=f"A {inner} at the end of the model before a loss that contains one.",
        fix=f"Remove the {inner} from the model and apply it only where probabilities are read.",
        source=SOURCE,
    )
