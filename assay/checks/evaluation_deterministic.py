"""Evaluation deterministic: in evaluation mode the same batch gives the same outputs, bit for bit.

Once from the same state with other seeds, and once more after itself: a state that one batch leaves behind for the
examples of the next makes answers depend on who asked before. Draws that are the task itself are told only: those of a
distribution that the network returns, and where no targets of their own are held against its answers.

Source: Srivastava et al. 2014 (dropout is for training only); Ioffe and Szegedy 2015, algorithm 2.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.carried_state import Carried, carried_state
from assay.checks.experiments.first_random_module import first_random_module
from assay.checks.experiments.meant_draws import meaning_of_draw
from assay.checks.given.batches import tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import FEW_STEPS, affordable_rows
from assay.finding import Finding

SOURCE = "Srivastava et al. 2014; Ioffe and Szegedy 2015, algorithm 2"
CUDA_TOLERANCE = 1e-4  # sums on a GPU may be taken in another order


def check(pipeline: Pipeline) -> CheckResult:
    """Two passes over one batch, from the same state and with different seeds."""
    batch = pipeline.examples(affordable_rows(pipeline, wanted=32, steps=FEW_STEPS))
    outputs, changed = zip(*(_one_pass(pipeline, batch, number) for number in (0, 1)), strict=True)
    difference = _difference(outputs[0], outputs[1], pipeline.device)
    training = [name or "model" for name, module in _evaluated(pipeline).named_modules() if module.training]
    if difference > 0 and _is_a_draw(outputs[0], outputs[1]):
        return [_drawn(difference)]
    if difference > 0 and not training and (meaning := meaning_of_draw(pipeline, batch)):
        return [_meant(difference, meaning)]
    if difference > 0:
        culprit = first_random_module(pipeline, batch, lambda a, b: _difference(a, b, pipeline.device) > 0)
        return [_alert(difference, culprit, training)]
    carried = carried_state(pipeline)
    if carried is not None:
        return [_carried(pipeline, carried)]
    findings = [_passed(pipeline, changed[0])]
    if changed[0]:
        findings.append(_changed_state(changed[0]))
    return findings


def _evaluated(pipeline: Pipeline) -> nn.Module:
    return pipeline.evaluation_copy()


def _one_pass(pipeline: Pipeline, batch: Any, number: int) -> tuple[Any, list[str]]:
    """Outputs of the model, and the buffers that the pass changed."""
    model = pipeline.evaluation_copy()
    before = copy.deepcopy(dict(model.named_buffers()))
    pipeline.seed_for(f"evaluation pass {number}")
    with torch.no_grad():
        outputs = [tensor.clone() for tensor in tensors_in(_plain(pipeline.forward(model, batch)))]
    if not outputs:
        raise CannotCheckError("the model returns no tensors that can be compared")
    after = dict(model.named_buffers())
    return outputs, [name for name, buffer in before.items() if not _equal(buffer, after.get(name))]


def _plain(outputs: Any) -> Any:
    return getattr(outputs, "logits", outputs)


def _equal(left: Tensor, right: Tensor | None) -> bool:
    return right is not None and left.shape == right.shape and bool(((left == right) | (left != left)).all())


def _difference(left: list[Tensor], right: list[Tensor], device: torch.device) -> float:
    """Largest difference between two lists of tensors, 0 when it is within what the device may do."""
    if [tensor.shape for tensor in left] != [tensor.shape for tensor in right]:
        return float("inf")
    largest = 0.0
    for a, b in zip(left, right, strict=True):
        if a.numel() and not _equal(a, b):
            gap = float((a.double() - b.double()).abs().nan_to_num(nan=0.0).max())
            scale = float(a.double().abs().nan_to_num(nan=0.0).max())
            largest = max(largest, 0.0 if device.type != "cpu" and gap <= CUDA_TOLERANCE * scale else gap)
    return largest


def _is_a_draw(left: list[Tensor], right: list[Tensor]) -> bool:
    """Whether the model returns, beside what varies, two equal tensors of one shape that do not: mean and spread.

    A variational autoencoder draws in evaluation mode too, and tells the loss from which distribution.
    """
    steady = [a.shape for a, b in zip(left, right, strict=True) if a.is_floating_point() and _equal(a, b)]
    return any(steady.count(shape) > 1 for shape in steady)


def _drawn(difference: float) -> Finding:
    text = f"Evaluating twice differs by up to {difference:.3g}: the model draws from a distribution whose parameters "
    return Finding(
        "evaluation_deterministic",
        "note",
        f"{text}it returns too.",
        {"largest_difference": difference},
        fix="Where one answer is wanted, answer the mean while not self.training.",
        source="Kingma and Welling 2014, section 2.4",
    )


def _meant(difference: float, meaning: str) -> Finding:
    return Finding(
        "evaluation_deterministic",
        "note",
        f"Evaluating twice differs by up to {difference:.3g}: the model draws in evaluation mode too, which may be "
        f"meant, as {meaning}.",
        {"largest_difference": difference, "meaning": meaning},
        fix="Compare validation losses under one seed; where one answer is wanted, draw only while self.training.",
        source="Vincent et al. 2008; Ho et al. 2020, algorithm 1",
    )


def _passed(pipeline: Pipeline, changed: list[str]) -> Finding:
    return Finding(
        "evaluation_deterministic",
        "note",
        "Evaluating twice gives bit-identical outputs."
        if pipeline.device.type == "cpu"
        else "Evaluating twice agrees.",
        {"largest_difference": 0.0, "changed_buffers": changed},
        source=SOURCE,
    )


def _carried(pipeline: Pipeline, carried: Carried) -> Finding:
    """Rows that reach other rows of the next batch are never meant; a row that is carried on may be a long text."""
    told = f"Evaluating the same batch a second time changes its outputs by up to {carried.difference:.3g}"
    evidence = {"largest_difference": carried.difference, "crosses_rows": carried.crosses_rows}
    if not carried.crosses_rows:
        advice = "Unless batches continue each other, row by row, reset the state at the start of forward."
        text = f"{told}: each row carries a state on to the next batch."
        return Finding("evaluation_deterministic", "note", text, evidence, fix=advice, source=SOURCE)
    return Finding(
        "evaluation_deterministic",
        "proved",
        f"{told}: other examples of the batch before reach an example's outputs.",
        evidence,
        cause="A state kept in the model from one call of forward to the next, and never reset.",
        fix="Make the state anew in forward, or keep it for each example and pass it in.",
        source=SOURCE,
    )


def _changed_state(changed: list[str]) -> Finding:
    return Finding(
        "evaluation_deterministic",
        "note",
        f"Evaluating changes {len(changed)} buffers of the model: {', '.join(changed[:5])}.",
        {"changed_buffers": changed},
        cause="A counter or a running statistic is updated in evaluation mode too.",
        fix="If outputs depend on it, update it only while self.training.",
        source=SOURCE,
    )


def _told(name: str) -> str:
    return name if " " in name else f"module {name}"


def _alert(difference: float, culprit: str, training: list[str]) -> Finding:
    where = f"; it starts in {_told(culprit)}, whose inputs are equal" if culprit else ""
    left = f" After eval() still in training mode: {', '.join(training[:5])}." if training else ""
    return Finding(
        "evaluation_deterministic",
        "proved",
        f"Evaluating the same batch twice differs by up to {difference:.3g}{where}.{left}",
        {"largest_difference": difference, "first_module": culprit, "in_training_mode": training},
        cause="Randomness that ignores evaluation mode: F.dropout without training=self.training, an overridden "
        "train() or eval(), or noise drawn in forward.",
        fix="Use nn.Dropout, or pass training=self.training; add noise only while self.training.",
        source=SOURCE,
    )
