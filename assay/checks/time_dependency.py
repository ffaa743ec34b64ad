"""Time dependency: what predicts the next element of a sequence must not see it.

    map[t, s] = how much the output at place t moves when the input at place s is exchanged

Whether a sequence is predicted is read from the data: targets are the inputs shifted by one place, or equal to them
where the loss itself shifts. Then outputs at t must not depend on inputs after t (a leak), and must be compared with
the element after t, not with the one they are given (a copy). Elsewhere, as in tagging, looking ahead is allowed, and
the dependencies are only described. Where a sequence is summed up, its padded examples must not all get the same answer
whatever their words are, while those without padding get their own: then padding is read in place of words.

Source: Vaswani et al. 2017, section 3.2.3 (arXiv:1706.03762); Karpathy 2019, A Recipe for Training Neural Networks.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from assay.checks.experiments.dependency_over_time import (
    columns_with_words,
    dependency_over_time,
    places_ahead,
    sees_its_own_place,
)
from assay.checks.experiments.padding_reading import PaddingReading, reads_padding
from assay.checks.experiments.sequences import by_place, sequences_of
from assay.checks.experiments.shift_of_loss import shift_of_loss
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Matrix
from assay.finding import Finding

SOURCE = "Vaswani et al. 2017, section 3.2.3; Karpathy 2019, A Recipe for Training Neural Networks"
EXAMPLES, MOST_PLACES = 4, 12


def check(pipeline: Pipeline) -> CheckResult:
    """Chart the dependencies over time and hold them against what the targets ask for."""
    if (reading := pipeline.once(reads_padding)) is not None:
        return [_padding(reading)]
    batch = pipeline.examples(EXAMPLES)
    found = sequences_of(pipeline)
    outputs = by_place(pipeline, pipeline.evaluation_copy(), batch, found)
    places = sorted({round(i * (found.length - 1) / (MOST_PLACES - 1)) for i in range(MOST_PLACES)})
    moved = dependency_over_time(pipeline, batch, found, places)
    ahead = places_ahead(moved, places)
    evidence: dict[str, Any] = {"places": found.length, "tried": places, "ahead": ahead, "offset": found.offset}
    figure = _figure(moved, places, outputs.shape[1])
    if found.offset is None:
        return [_described(evidence, figure)]
    shift = shift_of_loss(pipeline, batch, found)
    if shift is None and found.offset == 0:
        return [_described(evidence, figure)]
    offset = found.offset + (shift or 0)
    evidence["predicts"] = offset
    if offset > 0 and ahead > 0:
        return [_leak(evidence, figure, offset)]
    if offset == 0 and ahead == 0 and sees_its_own_place(moved, columns_with_words(pipeline, batch, found, places)):
        return [_copy(evidence, figure)]
    if found.offset == 1 and offset > 1:
        return [_shifted_twice(evidence, figure, offset)]
    return [_described(evidence, figure)]


def _figure(moved: Tensor, places: list[int], length: int) -> Matrix:
    rows = tuple(tuple(moved[place].tolist()) for place in places)
    names = tuple(str(place) for place in places)
    return Matrix("Outputs moved by an exchanged input", rows, names, names, "output at place", "input at place")


def _described(evidence: dict[str, Any], figure: Matrix) -> Finding:
    ahead = evidence["ahead"]
    text = (
        f"Outputs look up to {ahead} places ahead" if ahead > 0 else "Outputs depend on the present and the past only"
    )
    if evidence.get("predicts", 0) > 0:
        text = "Outputs that predict the next element depend on the present and the past only"
    return Finding(
        "time_dependency", "note", f"{text} (of {evidence['places']}).", evidence, source=SOURCE, figures=(figure,)
    )


def _leak(evidence: dict[str, Any], figure: Matrix, offset: int) -> Finding:
    return Finding(
        "time_dependency",
        "proved",
        f"Targets are the inputs {offset} place(s) later, and outputs look up to {evidence['ahead']} places ahead: the "
        "answer leaks into the inputs.",
        evidence,
        cause="A causal mask is missing or shifted, a recurrent layer is bidirectional, or a convolution is padded on "
        "both sides.",
        fix="Mask the future (is_causal=True, or a mask that is True above the diagonal), or pad on the left only.",
        source=SOURCE,
        figures=(figure,),
    )


def _shifted_twice(evidence: dict[str, Any], figure: Matrix, offset: int) -> Finding:
    return Finding(
        "time_dependency",
        "suspect",
        f"The data shift the targets by one place and the loss shifts them again: outputs learn what stands {offset} "
        "places later.",
        evidence,
        cause="Targets that are shifted already are given to a loss, or a model, that shifts them itself.",
        fix="Shift once: give the unshifted sequence as targets, or use a loss that does not shift.",
        source=SOURCE,
        figures=(figure,),
    )


def _copy(evidence: dict[str, Any], figure: Matrix) -> Finding:
    return Finding(
        "time_dependency",
        "proved",
        "Targets equal the inputs at the same place, in a causal network: it only has to copy what it is given.",
        evidence,
        cause="The targets are not shifted: neither the data nor the loss moves them by one place.",
        fix="Use inputs[:, :-1] as inputs and inputs[:, 1:] as targets.",
        source=SOURCE,
        figures=(figure,),
    )


def _padding(reading: PaddingReading) -> Finding:
    return Finding(
        "time_dependency",
        "proved",
        f"Outputs of {reading.padded} padded examples stay exactly the same whatever their words are, and those of "
        f"{reading.full} examples without padding do not: padding is read in place of words.",
        vars(reading),
        cause="A sequence is summed up by its last place, which is padding in most examples, or the mask is inverted.",
        fix="Take the answer at each sequence's last real place (by its length), or the mean over real places.",
        source="PyTorch documentation of pad_packed_sequence",
    )
