"""Loss pairing: the loss must be given the outputs and targets that it was made for.

Proved by exact properties, as far as the loss is known:
    NLLLoss and KLDivLoss want log-probabilities: sum exp(outputs) = 1 over the classes
    BCELoss wants probabilities: outputs in [0, 1]
    cross entropy of a single class is 0 whatever the output
    rows of soft targets sum to 1 over the classes, not over another axis, and hold one label's worth
    a sequence's scores are transposed before they are flattened, not viewed
    a term that reads no targets does not fall without end as one of several outputs grows
    a network beside the model that knows the labels is asked about the same examples, and stays as it is
    of two inputs alike that outputs depend on, such as two views, the loss reads both

Source: PyTorch documentation of the losses; Goodfellow et al. 2016, section 6.2.2.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.endless_loss import SIZES, endless_loss
from assay.checks.experiments.made_up_outputs import PROBES, constant_loss, mixes_places
from assay.checks.experiments.output_reach import output_reach
from assay.checks.experiments.side_networks import teachers
from assay.checks.experiments.unread_input import unread_input
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import few_examples
from assay.checks.losses.loss_calls import LossCalls, are_plain_probabilities
from assay.checks.losses.loss_kind import LossKind
from assay.checks.losses.probabilities import are_distributions
from assay.finding import Finding

SOURCE = "PyTorch documentation of the losses; Goodfellow et al. 2016, section 6.2.2"
EXAMPLES = 64
SUM_TOLERANCE = 1e-2


def check(pipeline: Pipeline) -> CheckResult:
    """Hold outputs and targets against what the recognised loss is made for."""
    batch, kind = _batch(pipeline), pipeline.loss_kind
    with torch.no_grad():
        outputs = pipeline.outputs(pipeline.evaluation_copy(), batch)
    targets = pipeline.targets(batch)
    if not isinstance(targets, Tensor):
        raise CannotCheckError(f"targets are not one tensor but {type(targets).__name__}")
    for look in (
        _constant_loss,
        _log_probabilities,
        _probabilities,
        _target_rows,
        _viewed_scores,
        _no_logarithm,
        _unread_input,
        _endless,
        _teachers,
    ):
        finding = look(pipeline, kind, outputs, targets)
        if finding is not None:
            return [finding]
    if kind.name == "unknown":
        raise CannotCheckError("what this loss is made for is not known")
    return [_passed(kind, outputs, targets)]


def _batch(pipeline: Pipeline) -> Any:
    return few_examples(pipeline, pipeline.examples(EXAMPLES))


def _constant_loss(pipeline: Pipeline, kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding | None:
    value = constant_loss(pipeline, _batch(pipeline), outputs, targets)
    if value is None:
        return None
    one = outputs.dim() > 1 and outputs.shape[1] == 1 and value == 0.0
    return _alert(
        f"The loss is {value:.3g} whatever the outputs (n = {PROBES} random ones of shape {tuple(outputs.shape)}).",
        {"loss": value, "output_shape": list(outputs.shape)},
        *(_ONE_CLASS if one else _OUTPUTS_NOT_READ),
    )


_ONE_CLASS = (
    "Cross entropy over a single class: the softmax of one score is 1.",
    "Use BCEWithLogitsLoss for one output, or give the model one output a class.",
)
_OUTPUTS_NOT_READ = ("The loss does not read the outputs.", "Compute the loss from the model's outputs.")


def _log_probabilities(pipeline: Pipeline, kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding | None:
    if kind.name not in ("nll", "kl"):
        return None
    rows = kind.class_rows(outputs.double())
    sums = rows.exp().sum(-1)
    if bool(((sums - 1).abs() < SUM_TOLERANCE).all()):
        return None
    name = "NLLLoss" if kind.name == "nll" else "KLDivLoss"
    given = "raw scores" if bool((rows > 0).any()) else "numbers"
    given = "probabilities" if are_distributions(rows) else given
    return _alert(
        f"{name} needs log-probabilities but is given {given}: exp(outputs) sums to {float(sums.min()):.3g} .. "
        f"{float(sums.max()):.3g} over the {kind.num_classes} classes, where it must be 1.",
        {"sum_low": float(sums.min()), "sum_high": float(sums.max()), "given": given, "rows": len(sums)},
        f"{given.capitalize()} are given to a loss that expects log_softmax over the classes; it only multiplies them, "
        "so they grow without end.",
        "End the model with log_softmax over the class axis, or use CrossEntropyLoss on raw scores.",
    )


def _no_logarithm(pipeline: Pipeline, kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding | None:
    """A loss that hands probabilities to one of PyTorch's that takes their logarithms; the user's own step too."""
    calls, batch = LossCalls(), _batch(pipeline)
    with calls:
        with torch.no_grad():
            pipeline.loss(pipeline.evaluation_copy(), batch)
        if pipeline.training_step is not None:
            pipeline.trial().step(batch)
    name = next((name for name, given in calls.given if are_plain_probabilities(given)), None)
    if name is None:
        return None
    return _alert(
        f"{name} takes log-probabilities, but the loss hands it probabilities: none is negative, and they sum to 1.",
        {"called": name, "given": "probabilities"},
        "softmax where log_softmax was meant: what is computed is no divergence and no likelihood"
        + (", and it can be negative." if name == "KLDivLoss" else "."),
        "Hand it log_softmax of the scores.",
    )


def _probabilities(pipeline: Pipeline, kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding | None:
    if kind.name != "binary":
        return None
    reach = pipeline.once(output_reach)
    seen = torch.cat([tensor.flatten() for tensor in (reach.outputs, *reach.changed)]).double().nan_to_num(nan=0.5)
    low, high = float(seen.min()), float(seen.max())
    if low >= -1e-6 and high <= 1 + 1e-6:
        return None
    return _alert(
        f"BCELoss needs probabilities, but the outputs reach {low:.3g} .. {high:.3g} under other weights of "
        f"{reach.layer} (now {float(outputs.min()):.3g} .. {float(outputs.max()):.3g}).",
        {"low": low, "high": high, "layer": reach.layer},
        "Raw scores are given to a loss that expects the output of a sigmoid.",
        "Use BCEWithLogitsLoss on raw scores, or end the model with a sigmoid.",
    )


def _target_rows(pipeline: Pipeline, kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding | None:
    """Soft targets: rows that are no distribution over the classes, and what they are instead."""
    if not kind.is_classification or not targets.is_floating_point():
        return None
    sums = kind.label_rows(targets.double()).sum(-1)
    if bool(((sums - 1).abs() < SUM_TOLERANCE).all()):
        return None
    axis = kind.class_axis % targets.dim()
    for other in range(targets.dim()):
        if other != axis and bool(((targets.double().sum(other) - 1).abs() < SUM_TOLERANCE).all()):
            return _alert(
                f"Targets of shape {tuple(targets.shape)} sum to 1 over axis {other}, but the loss reads classes on "
                f"axis {axis}, where they sum to {float(sums.min()):.3g} .. {float(sums.max()):.3g}.",
                {"class_axis": axis, "target_axis": other, "shape": list(targets.shape)},
                "Soft targets whose classes lie on another axis than those of the outputs.",
                f"Move the axis: targets.movedim({other}, {axis}).",
            )
    if bool(((targets == 0) | (targets == 1)).all()) and bool((sums > 1.5).any()):
        several = int((sums > 1.5).sum())
        return _alert(
            f"{several} of {len(sums)} examples bear several labels, but softmax cross entropy lets one class win.",
            {"several": several, "examples": len(sums), "most": float(sums.max())},
            "Multi-label targets (rows of 0 and 1) under a loss for exclusive classes.",
            "Use BCEWithLogitsLoss: one yes or no a label.",
        )
    return None


def _viewed_scores(pipeline: Pipeline, kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding | None:
    if kind.name != "unknown" or not mixes_places(pipeline, outputs, targets):
        return None
    classes = outputs.shape[1]
    return _alert(
        f"The loss views outputs of shape {tuple(outputs.shape)} as rows of {classes} classes; each row mixes scores "
        "of several places.",
        {"shape": list(outputs.shape), "classes": classes},
        "view or reshape where a transpose was meant: the classes are on axis 1, not last.",
        "Give CrossEntropyLoss the outputs as they are, or use outputs.transpose(1, 2).reshape(-1, classes).",
    )


def _unread_input(pipeline: Pipeline, kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding | None:
    found = unread_input(pipeline, _batch(pipeline))
    if found is None:
        return None
    return Finding(
        "loss_pairing",
        "suspect",
        f"Input {found.number + 1} of {found.inputs} moves the outputs, but the loss by not a bit ({found.loss:.4g} "
        "whatever its values).",
        {"input": found.number, "inputs": found.inputs, "loss": found.loss},
        "The loss compares an output with itself, or with another than was meant; this input's is never read.",
        "Give the loss the outputs of both inputs; leave out what is not to be learned from.",
        SOURCE,
    )


def _endless(pipeline: Pipeline, kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding | None:
    """A term that reads no targets and falls the faster, the larger one of several outputs is."""
    try:
        found = endless_loss(pipeline, _batch(pipeline))
    except Exception:  # a stranger's loss may take no other numbers than the model's
        return None
    if found is None:
        return None
    far = ", ".join(f"{size:.0e}: {value:.3g}" for size, value in zip(SIZES, found.losses, strict=True))
    return _alert(
        f"The loss has no lowest value: it is {found.before:.4g} and falls without end as output {found.output + 1} "
        f"of {found.outputs} grows, whatever the targets and the direction (at size {far}).",
        {"output": found.output, "loss": found.before, "losses": list(found.losses), "sizes": list(SIZES)},
        "A penalty on this output, such as a divergence from the prior or a squared norm, is subtracted.",
        "Add the penalty to the loss; its weight must not be negative.",
    )


def _teachers(pipeline: Pipeline, kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding | None:
    """A network beside the model that knows the labels, asked about other examples, or moved by its student."""
    try:
        found = pipeline.once(teachers)
    except Exception:  # no such program, or a step that fails, of which parameters_trained tells
        return None
    for teacher in found:
        knows = (
            f"{teacher.name} knows the labels (kappa {teacher.knows.kappa:.2f}, n = {teacher.knows.examples}) and is"
        )
        evidence = {"teacher": teacher.name, "kappa": teacher.knows.kappa, "kappa_as_asked": teacher.seems.kappa}
        if teacher.astray:
            text = f"{knows} asked about the examples of the batch in another order, in which its answers agree with "
            text += f"the labels by {teacher.seems.kappa:.2f}."
            return Finding("loss_pairing", "suspect", text, evidence, *_ASTRAY, SOURCE)
        if teacher.learns:
            text = f"{knows} trained, by gradients that are the same whatever the labels: nothing keeps it from "
            text += f"forgetting what the model, which knows less ({teacher.student.kappa:.2f}), is to learn from it."
            return Finding("loss_pairing", "suspect", text, evidence, *_LEARNS, SOURCE)
    return None


_ASTRAY = (
    "The teacher's answers belong to other examples than the student's: its inputs were flipped, rolled or shuffled.",
    "Ask the teacher about the same tensor that the model is asked about.",
)
_LEARNS = (
    "The teacher's answers are targets that pass gradients on, and the optimiser holds its weights.",
    "Ask it under torch.no_grad(), freeze it (requires_grad_(False)), "
    "and give the optimiser the student's weights alone.",
)


def _passed(kind: LossKind, outputs: Tensor, targets: Tensor) -> Finding:
    words = kind.name.replace("_", " ")
    evidence: dict[str, Any] = {"loss": kind.name, "outputs": list(outputs.shape), "targets": list(targets.shape)}
    text, advice = f"Outputs and targets are such as the loss ({words}) is made for.", ""
    values = targets.unique()
    if kind.is_regression and 2 < len(values) <= 100 and values.tolist() == list(range(len(values))):
        text = f"The {words} loss is given whole numbers 0 .. {len(values) - 1} as targets."
        advice = "If they name classes without an order, use CrossEntropyLoss with one output a class."
    return Finding("loss_pairing", "note", text, evidence, fix=advice, source=SOURCE)


def _alert(summary: str, evidence: dict[str, Any], cause: str, fix: str) -> Finding:
    return Finding("loss_pairing", "proved", summary, evidence, cause, fix, SOURCE)
