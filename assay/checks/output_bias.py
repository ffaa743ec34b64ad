"""Output bias: what the untrained network says on average, against how often each answer is right.

    gap = loss of the mean output - entropy of the class frequencies, in nats

A bias at the log frequencies saves the first epochs of an imbalanced problem. A bias far off them is a fault: it is
convicted when the gap is gone with the bias at 0, and when PyTorch's own draws of the weights show none as large.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("init well"); Lin et al. 2017, section 3.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.output_reach import output_bias_of
from assay.checks.experiments.redraws import redrawn_models
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import is_light
from assay.checks.losses.expected_loss import class_frequencies, entropy
from assay.checks.losses.loss_kind import LossKind
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks; Lin et al. 2017, section 3.3"
FACTOR, MARGIN_NATS = 1.5, 0.5
WORTH_SAYING_NATS = 0.1
REDRAWS = 5


def check(pipeline: Pipeline) -> CheckResult:
    """Compare the mean of the initial outputs with the targets."""
    kind, batch = pipeline.loss_kind, pipeline.examples(512 if is_light(pipeline) else 64)
    if kind.name not in ("cross_entropy", "nll", "binary_logits") and not kind.is_regression:
        raise CannotCheckError(f"where the outputs of this loss ({kind.name}) should start is not known")
    model = pipeline.trial(adam_learning_rate=1e-3, dropout=False).model
    with torch.no_grad():
        outputs, targets = pipeline.outputs(model, batch).double(), pipeline.targets(batch)
    if not bool(torch.isfinite(outputs).all()):
        raise CannotCheckError("outputs are not finite")
    if kind.is_regression:
        return [_numbers(outputs, targets)]
    return [_rates(pipeline, kind, batch, answers_of(kind, outputs, targets))]


@dataclass(frozen=True)
class Answers:
    """What the mean output costs, beside the best constant and a flat one, in nats a label.

    frequencies, centre: share of each answer, and the log-probability that the mean output gives it.
    """

    constant: float
    prior: float
    flat: float
    frequencies: Tensor
    centre: Tensor


def answers_of(kind: LossKind, outputs: Tensor, targets: Tensor) -> Answers:
    """Hold the mean output against the frequencies of classes, or of yes and no."""
    if kind.is_binary:
        rates = targets.double().reshape(len(outputs), -1).mean(0)
        scores = outputs.double().reshape(len(outputs), -1).mean(0)
        frequencies, centre = torch.stack([1 - rates, rates], -1), torch.stack([-scores, scores], -1)
        centre = nn.functional.logsigmoid(centre)
    else:
        frequencies = class_frequencies(kind, targets)[None]
        centre = kind.class_rows(outputs.double()).mean(0).log_softmax(-1)[None].to(frequencies.device)
    constant, prior = float(-(frequencies * centre).sum(-1).mean()), float(entropy(frequencies).mean())
    return Answers(constant, prior, math.log(frequencies.shape[-1]), frequencies, centre)


def _rates(pipeline: Pipeline, kind: LossKind, batch: Any, answers: Answers) -> Finding:
    text = (
        f"Answering the mean output costs {answers.constant:.2f} nats, the class frequencies {answers.prior:.2f}, "
        f"flat {answers.flat:.2f}"
    )
    evidence: dict[str, Any] = {"loss_of_mean_output": answers.constant, "loss_at_frequencies": answers.prior}
    evidence |= {"flat_loss": answers.flat}
    shares = answers.frequencies[:, 1] if kind.is_binary else answers.frequencies[0]
    evidence["frequencies"] = [round(share, 6) for share in shares.tolist()]
    limit = FACTOR * answers.flat + MARGIN_NATS
    if answers.constant > limit and _bias_is_the_cause(pipeline, kind, batch, limit, evidence):
        return _alert(kind, answers, text, evidence)
    saving = answers.constant - answers.prior
    advice = f"A bias at the log frequencies would start {saving:.2f} nats lower." if saving > WORTH_SAYING_NATS else ""
    return Finding("output_bias", "note", f"{text}.", evidence, fix=advice, source=SOURCE)


def _bias_is_the_cause(pipeline: Pipeline, kind: LossKind, batch: Any, limit: float, evidence: dict[str, Any]) -> bool:
    """The experiment that convicts the bias: at 0 the mean output is usual, and so it is for weights drawn anew."""
    model = pipeline.trial(adam_learning_rate=1e-3, dropout=False).model
    bias = output_bias_of(pipeline, model)
    if bias is None:
        return False

    def constant(network: nn.Module) -> float:
        with torch.no_grad():
            return answers_of(kind, pipeline.outputs(network, batch), pipeline.targets(batch)).constant

    with torch.no_grad():
        evidence["largest_bias"] = float(bias.abs().max())
        bias.zero_()
    evidence["loss_with_zero_bias"] = constant(model)
    if evidence["loss_with_zero_bias"] > limit:
        return False
    evidence["loss_of_redraws"] = [constant(network) for network in redrawn_models(pipeline, REDRAWS)]
    return evidence["loss_of_mean_output"] > FACTOR * max(evidence["loss_of_redraws"])


def _alert(kind: LossKind, answers: Answers, text: str, evidence: dict[str, Any]) -> Finding:
    if kind.is_binary:
        told = "outputs start far from the rates of the targets"
    else:
        favourite = int(answers.centre[0].argmax())
        told = (
            f"outputs favour class {favourite}, which is {float(answers.frequencies[0, favourite]):.1%} of the labels"
        )
    return Finding(
        "output_bias",
        "suspect",
        f"{text}: {told}. With the bias of the last layer at 0 it costs {evidence['loss_with_zero_bias']:.2f}.",
        evidence,
        cause="The output bias starts far from the class frequencies.",
        fix="Set the output bias to the log of the class frequencies, or to 0.",
        source=SOURCE,
    )


def _numbers(outputs: Tensor, targets: Tensor) -> Finding:
    start, mean = float(outputs.mean()), float(targets.double().mean())
    deviation = float(targets.double().std(correction=0))
    evidence = {"mean_output": start, "mean_target": mean, "target_deviation": deviation}
    away = abs(mean - start) / max(deviation, 1e-12)
    advice = "Standardise the targets, or set the output bias to their mean." if away > 1 else ""
    text = f"Outputs start at a mean of {start:.3g}; targets have mean {mean:.3g}, deviation {deviation:.3g}"
    return Finding("output_bias", "note", f"{text} ({away:.1f} deviations away).", evidence, fix=advice, source=SOURCE)
