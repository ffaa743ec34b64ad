"""Labels valid: what the loss is given means what the loss thinks it means.

Class indices are whole numbers in [0, classes) or the ignored label, rows of target distributions sum
to 1, binary targets lie in [0, 1], no target is NaN. Single targets are looked at in an epoch of both loaders too. Real
targets that are whole numbers throughout training, and have fractions in validation beyond chance, were cut. A loss
that refuses targets is proof where the training step fails by it too: an own step may call it with other things.

Source: PyTorch documentation of the losses; Goodfellow et al. 2016, section 11.5.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import torch
from torch import Tensor

from assay.checks.experiments.cut_targets import CutTargets, cut_targets
from assay.checks.experiments.failing_step import failing_step
from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loader_reading import read_loaders
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.losses.loss_kind import LossKind
from assay.finding import Finding, Skipped

SOURCE = "PyTorch documentation of the losses"
ROW_SUM_TOLERANCE = 1e-3
WRONG_VALUES = "Labels counted from 1, a class the output lacks, a missing value, or a wrong dtype."
WRONG_FORM = "Targets have another dtype or shape than the loss asks for beside these outputs."


def check(pipeline: Pipeline) -> CheckResult:
    """Hold the sampled targets against what the recognised loss asks of them."""
    targets = [split_batch(batch)[1] for batch in pipeline.batches]
    if not all(isinstance(target, Tensor) for target in targets):
        kinds = sorted({type(target).__name__ for target in targets})
        return Skipped("labels_valid", f"targets are not tensors but {', '.join(kinds)}")
    count = sum(target.shape[0] if target.dim() else 1 for target in targets)
    for number, target in enumerate(targets):
        problem = first_problem(target, pipeline.loss_kind)
        if problem and pipeline.loss_kind.name == "unknown" and _loss_is_finite(pipeline, pipeline.batches[number]):
            problem = ""  # the loss leaves missing targets out
        if not problem and number == 0 and (refusal := _refusal(pipeline, pipeline.batches[0])):
            return _refused(pipeline, refusal, target, count)
        if problem:
            return [_alert(problem, f"batch {number}", count)]
    for name, reading in read_loaders(pipeline):
        problem = "" if reading.values is None else value_problem(reading.values, pipeline.loss_kind)
        if problem:
            return [_alert(problem, f"the {name} loader", len(reading.inputs))]
    with suppress(CannotCheckError):  # no validation loader
        if (cut := cut_targets(pipeline)) is not None:
            return [_cut(cut)]
    classes = _classes_seen(targets, pipeline.loss_kind)
    told = f", {classes} of {pipeline.loss_kind.num_classes} classes seen" if classes else ""
    evidence = {"targets": count, "classes_seen": classes, "loss": pipeline.loss_kind.name}
    return [Finding("labels_valid", "note", f"All of {count} targets are valid{told}.", evidence, source=SOURCE)]


def first_problem(targets: Tensor, kind: LossKind) -> str:
    """What is wrong with these targets, in one sentence; empty when nothing is."""
    if targets.is_floating_point() and not bool(torch.isfinite(targets).all()):
        return "some targets are NaN or infinite"
    if kind.is_classification and not targets.is_floating_point():
        labels = targets[targets != kind.ignored_label]
        outside = labels[(labels < 0) | (labels >= kind.num_classes)]
        if len(outside):
            return (
                f"{len(outside)} labels lie outside 0..{kind.num_classes - 1}, the classes of the output; "
                f"the first is {int(outside[0])}"
            )
    if kind.is_classification and targets.is_floating_point():
        rows = kind.label_rows(targets)
        wrong = ((rows.sum(-1) - 1).abs() > ROW_SUM_TOLERANCE) | (rows < 0).any(-1)
        if bool(wrong.any()):
            row = int(wrong.nonzero()[0])
            return f"{int(wrong.sum())} target rows are no distribution; row {row} sums to {float(rows[row].sum()):.4g}"
    if kind.name in ("binary_logits", "binary") and bool(((targets < 0) | (targets > 1)).any()):
        low, high = float(targets.min()), float(targets.max())
        return f"binary targets must lie in [0, 1] and range from {low:.4g} to {high:.4g}"
    return ""


@dataclass(frozen=True)
class Refusal:
    """What the loss raised, and the shapes of the outputs beside which it was given the targets."""

    error: Exception
    shapes: list[tuple[int, ...]]

    def __str__(self) -> str:
        return f"beside outputs of shape {self.shapes}: {type(self.error).__name__}: {self.error}"


def _refusal(pipeline: Pipeline, batch: object) -> Refusal | None:
    """What the loss itself says to these targets with the model's outputs."""
    outputs = pipeline.forward(pipeline.evaluation_copy(), batch)
    if not isinstance(outputs, Tensor) or not outputs.is_floating_point():
        return None  # what such a loss refuses may be the outputs; parameters_trained says whether a step works
    try:
        pipeline.loss_fn(outputs, pipeline.targets(batch))
    except Exception as error:
        return Refusal(error, [tuple(tensor.shape) for tensor in tensors_in(outputs)])
    return None


def _refused(pipeline: Pipeline, refusal: Refusal, target: Tensor, count: int) -> CheckResult:
    """Proof where the training fails by it; an own step that runs, or fails otherwise, gives the loss other things."""
    failure = pipeline.once(failing_step) if pipeline.training_step is not None else refusal.error
    if str(failure) == str(refusal.error):
        return [_alert(f"the loss refuses them {refusal}", "batch 0", count, WRONG_FORM)]
    return Skipped(
        "labels_valid",
        f"loss_fn was given the second item of a batch, of shape {tuple(target.shape)}, as targets and did not accept "
        f"it {refusal}. Your training step uses it otherwise, so nothing is known of labels here; where the second "
        "item is another view and no target, give both views as inputs",
    )


def _loss_is_finite(pipeline: Pipeline, batch: object) -> bool:
    with torch.no_grad():
        return bool(torch.isfinite(torch.as_tensor(pipeline.loss(pipeline.evaluation_copy(), batch))).all())


def _classes_seen(targets: list[Tensor], kind: LossKind) -> int:
    if not kind.is_classification:
        return 0
    rows = [kind.label_rows(target) for target in targets]
    labels = torch.cat([row.argmax(-1) if row.dim() > 1 else row for row in rows])
    return len(torch.unique(labels[labels != kind.ignored_label]))


def value_problem(values: Tensor, kind: LossKind) -> str:
    """What is wrong with single targets, one an example; empty when nothing is."""
    if not bool(torch.isfinite(values).all()) and kind.name != "unknown":
        return f"{int((~torch.isfinite(values)).sum())} of {len(values)} targets are NaN or infinite"
    high = kind.num_classes - 1 if kind.is_classification else 1
    if not kind.is_classification and kind.name not in ("binary_logits", "binary"):
        return ""
    outside = values[((values < 0) | (values > high)) & (values != kind.ignored_label)]
    return (
        f"{len(outside)} of {len(values)} labels lie outside 0..{high}, as {float(outside[0]):g}"
        if len(outside)
        else ""
    )


def _alert(problem: str, place: str, count: int, cause: str = WRONG_VALUES) -> Finding:
    return Finding(
        "labels_valid",
        "proved",
        f"Invalid labels in {place}: {problem}.",
        {"targets": count, "place": place},
        cause=cause,
        fix="Map labels to 0..classes-1 as int64, or give distributions as rows that sum to 1.",
        source=SOURCE,
    )


def _cut(cut: CutTargets) -> Finding:
    return Finding(
        "labels_valid",
        "suspect",
        f"All {cut.training} training targets are whole numbers ({cut.distinct} different ones), and "
        f"{cut.with_fraction} of {cut.validation} validation targets are not.",
        vars(cut),
        cause="Training targets were read or converted as integers, which cuts their fractions.",
        fix="Keep real targets as floating-point numbers from the file to the loss; compare both loaders' targets.",
        source="Fisher 1935 (exact tests)",
    )
