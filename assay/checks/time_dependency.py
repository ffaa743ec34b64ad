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

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.padding_reading import PaddingReading, reads_padding
from assay.checks.given.batches import map_tensors, replace_inputs, tensors_in
from assay.checks.given.pipeline import CannotCheckError, CheckResult, Pipeline
from assay.figure import Matrix
from assay.finding import Finding
from assay.randomness import generator_for

SOURCE = "Vaswani et al. 2017, section 3.2.3; Karpathy 2019, A Recipe for Training Neural Networks"
EXAMPLES, MOST_PLACES, FEWEST_PLACES = 4, 12, 3
EXCHANGE_TOLERANCE = 1e-4  # relative; sums may be rounded differently after an exchange
SAME = 0.99  # of the places that count, so that marks at the ends may differ


@dataclass(frozen=True)
class Sequences:
    """Inputs that run along time, and how the targets follow from them.

    number: of the tensor among the inputs; axis: of time in it.
    offset: targets at t are inputs at t + offset; None where they are something else.
    """

    number: int
    axis: int
    length: int
    offset: int | None


def check(pipeline: Pipeline) -> CheckResult:
    """Chart the dependencies over time and hold them against what the targets ask for."""
    if (reading := pipeline.once(reads_padding)) is not None:
        return [_padding(reading)]
    batch = pipeline.examples(EXAMPLES)
    found = _sequences(pipeline)
    outputs = _by_place(pipeline, pipeline.evaluation_copy(), batch, found)
    places = sorted({round(i * (found.length - 1) / (MOST_PLACES - 1)) for i in range(MOST_PLACES)})
    moved = dependency_over_time(pipeline, batch, found, places)
    ahead = _ahead(moved, places)
    evidence: dict[str, Any] = {"places": found.length, "tried": places, "ahead": ahead, "offset": found.offset}
    figure = _figure(moved, places, outputs.shape[1])
    if found.offset is None:
        return [_described(evidence, figure)]
    shift = _shift_of_loss(pipeline, batch, found)
    if shift is None and found.offset == 0:
        return [_described(evidence, figure)]
    offset = found.offset + (shift or 0)
    evidence["predicts"] = offset
    if offset > 0 and ahead > 0:
        return [_leak(evidence, figure, offset)]
    if offset == 0 and ahead == 0 and _sees_its_own(moved, _read(pipeline, batch, found, places)):
        return [_copy(evidence, figure)]
    if found.offset == 1 and offset > 1:
        return [_shifted_twice(evidence, figure, offset)]
    return [_described(evidence, figure)]


def _sequences(pipeline: Pipeline) -> Sequences:
    """The input that has a time axis in common with outputs and targets.

    Raises:
        CannotCheckError: there is none.
    """
    batch = pipeline.examples(64)
    targets = pipeline.targets(batch)
    tensors = list(tensors_in(pipeline.inputs(batch)))
    if isinstance(targets, Tensor):
        for number, tensor in enumerate(tensors):
            if (axis_and_offset := _follows(tensor, targets, pipeline.loss_kind.ignored_label)) is not None:
                return Sequences(number, axis_and_offset[0], tensor.shape[axis_and_offset[0]], axis_and_offset[1])
    for number, tensor in enumerate(tensors):
        is_words = tensor.dim() == 2 and not tensor.is_floating_point()
        if (is_words or tensor.dim() == 3) and tensor.shape[1] >= FEWEST_PLACES:
            found = Sequences(number, 1, tensor.shape[1], None)
            _by_place(pipeline, pipeline.evaluation_copy(), pipeline.examples(2), found)
            return found
    raise CannotCheckError("inputs and outputs have no axis of time in common")


def _follows(inputs: Tensor, targets: Tensor, ignored: int) -> tuple[int, int] | None:
    """The axis and offset with targets[t] = inputs[t + offset], for an offset of 1 or 0."""
    if inputs.dim() == targets.dim() + 1 and inputs.shape[-1] == 1:
        inputs = inputs.squeeze(-1)
    if inputs.shape != targets.shape or inputs.dim() not in (2, 3):
        return None
    axes = (1,) if inputs.dim() == 2 else (1, 2)
    for offset in (1, 0):
        for axis in axes:
            length = inputs.shape[axis]
            if length < FEWEST_PLACES:
                continue
            wanted, given = targets.narrow(axis, 0, length - offset), inputs.narrow(axis, offset, length - offset)
            counts = _counted(targets, ignored)
            # After the last word of a padded row stands padding: the answer to it is not among the inputs.
            counts = counts.narrow(axis, 0, length - offset) & counts.narrow(axis, offset, length - offset)
            varied = len(given[counts].unique()) > 2
            if varied and float((wanted == given)[counts].double().mean()) >= SAME:
                return axis, offset
    return None


def _counted(targets: Tensor, ignored: int) -> Tensor:
    """Which targets the loss counts."""
    return torch.ones_like(targets, dtype=torch.bool) if targets.is_floating_point() else targets != ignored


def _by_place(pipeline: Pipeline, model: nn.Module, batch: Any, found: Sequences) -> Tensor:
    """Outputs of the batch as (batch, places, rest)."""
    with torch.no_grad():
        outputs = pipeline.outputs(model, batch)
    size = len(list(tensors_in(pipeline.inputs(batch)))[found.number])
    return _placed(pipeline, outputs, size, found)


def _placed(pipeline: Pipeline, outputs: Tensor, size: int, found: Sequences) -> Tensor:
    """Outputs, or a gradient of them, as (batch, places, rest).

    Raises:
        CannotCheckError: they have no axis of that many places.
    """
    if len(outputs) == size * found.length:
        return outputs.reshape(size, found.length, -1)
    kind = pipeline.loss_kind
    classes = kind.class_axis % outputs.dim() if kind.is_classification else None
    axes = [axis for axis in range(1, outputs.dim()) if outputs.shape[axis] == found.length and axis != classes]
    if len(outputs) != size or not axes:
        raise CannotCheckError("inputs and outputs have no axis of time in common")
    axis = found.axis if found.axis in axes else axes[0]
    return outputs.movedim(axis, 1).reshape(size, found.length, -1)


def dependency_over_time(pipeline: Pipeline, batch: Any, found: Sequences, places: list[int]) -> Tensor:
    """How much the output at each place (rows) moves, relative to its size, when an input (columns) is exchanged."""
    model = pipeline.evaluation_copy()
    state = copy.deepcopy(model.state_dict())
    generator = generator_for(pipeline.seed, "time_dependency")

    def outputs_of(edited: Any) -> Tensor:
        model.load_state_dict(state)
        pipeline.seed_for("exchange in time")
        return _by_place(pipeline, model, edited, found).double()

    before, columns = outputs_of(batch), []
    scale = float(before.abs().max()) + 1e-12
    for place in places:
        gap = (outputs_of(_exchanged(pipeline, batch, found, place, generator)) - before).abs().amax((0, 2)) / scale
        columns.append(torch.where(gap > EXCHANGE_TOLERANCE, gap, 0.0))
    return torch.stack(columns, 1).cpu()


def _exchanged(pipeline: Pipeline, batch: Any, found: Sequences, place: int, generator: torch.Generator) -> Any:
    """The batch with other values at one place: words that occur elsewhere, or numbers moved by their own spread.

    Padding stays padding and no word becomes it, as networks that count words would read another length.
    """
    numbers, real = iter(range(1000)), _real_places(pipeline, batch, found)

    def edit(tensor: Tensor) -> Tensor:
        if next(numbers) != found.number:
            return tensor
        edited = tensor.clone()
        part = edited.select(found.axis, place)
        if tensor.is_floating_point():
            size = float(tensor.std(correction=0)) or 1.0
            part.add_(size * (1 + torch.rand(part.shape, generator=generator).to(part)))
        else:
            words = (tensor if real is None else tensor[real]).unique()
            others = words[(torch.searchsorted(words, part.contiguous()) + 1) % len(words)]
            part.copy_(others if real is None else torch.where(real.select(found.axis, place), others, part))
        return edited

    return replace_inputs(batch, map_tensors(edit, pipeline.inputs(batch)))


def _real_places(pipeline: Pipeline, batch: Any, found: Sequences) -> Tensor | None:
    """Where words stand that have an answer; None where targets do not follow from the inputs."""
    if found.offset is None:
        return None
    real = _counted(pipeline.targets(batch), pipeline.loss_kind.ignored_label)
    return real.reshape(next(islice(tensors_in(pipeline.inputs(batch)), found.number, None)).shape)


def _pairs(moved: Tensor, places: list[int]) -> Iterator[tuple[int, int, float]]:
    for column, source in enumerate(places):
        for place in range(moved.shape[0]):
            yield place, source, float(moved[place, column])


def _ahead(moved: Tensor, places: list[int]) -> int:
    """How many places ahead the outputs look, at most."""
    return max((source - place for place, source, much in _pairs(moved, places) if much > 0), default=0)


def _read(pipeline: Pipeline, batch: Any, found: Sequences, places: list[int]) -> dict[int, int]:
    """Column of each tried place at which some example has a word: where all have padding, nothing was exchanged."""
    real = _real_places(pipeline, batch, found)
    return {
        place: column
        for column, place in enumerate(places)
        if real is None or bool(real.select(found.axis, place).any())
    }


def _sees_its_own(moved: Tensor, column_of: dict[int, int]) -> bool:
    return bool(column_of) and all(float(moved[place, column]) > 0 for place, column in column_of.items())


def _shift_of_loss(pipeline: Pipeline, batch: Any, found: Sequences) -> int | None:
    """How many places later the target lies that the loss compares an output with: 0, unless the loss shifts itself.

    None where no single output answers to a target. Targets that the loss ignores stay, as their number divides a mean.
    """
    model, targets = pipeline.evaluation_copy(), pipeline.targets(batch)
    with torch.no_grad():
        outputs = pipeline.outputs(model, batch)

    def gradient(given: Tensor) -> Tensor:
        leaf = outputs.clone().requires_grad_()
        (grad,) = torch.autograd.grad(pipeline.loss_fn(leaf, given), leaf)
        return _placed(pipeline, grad, len(targets), found)

    place, edited = _with_another_target(targets, pipeline.loss_kind.ignored_label, found)
    driven = (gradient(edited) - gradient(targets)).abs().amax((0, 2)).nonzero().flatten().tolist()
    return place - driven[0] if len(driven) == 1 else None


def _with_another_target(targets: Tensor, ignored: int, found: Sequences) -> tuple[int, Tensor]:
    """Targets with those of a neighbour at one place, near the middle of what counts."""
    neighbours, counted = targets.roll(1, 0).roll(1, found.axis), _counted(targets, ignored)
    other = counted & counted.roll(1, 0).roll(1, found.axis) & (neighbours != targets)
    inner = range(1, found.length - 1)
    place = max(inner, key=lambda t: (int(other.select(found.axis, t).sum()), -abs(t - found.length // 2)))
    edited = targets.clone()
    part, chosen = edited.select(found.axis, place), other.select(found.axis, place)
    part.copy_(torch.where(chosen, neighbours.select(found.axis, place), part))
    return place, edited


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
