"""How far outputs at one place of a sequence depend on inputs at another.

    moved[t, s] = max |outputs[t] - outputs'[t]| / max |outputs|,    ' with the input at place s exchanged

A causal network has moved[t, s] = 0 wherever s > t. Padding is never exchanged, nor does a word become padding.

Source: Vaswani et al. 2017, section 3.2.3 (arXiv:1706.03762): a position attends to itself and to earlier ones.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.sequences import Sequences, by_place, real_places
from assay.checks.given.batches import map_tensors, replace_inputs
from assay.checks.given.pipeline import Pipeline
from assay.randomness import generator_for

EXCHANGE_TOLERANCE = 1e-4  # relative; sums may be rounded differently after an exchange


def dependency_over_time(pipeline: Pipeline, batch: Any, found: Sequences, places: list[int]) -> Tensor:
    """How much the output at each place (rows) moves, relative to its size, when an input (columns) is exchanged."""
    model = pipeline.evaluation_copy()
    state = copy.deepcopy(model.state_dict())
    generator = generator_for(pipeline.seed, "time_dependency")

    def outputs_of(edited: Any) -> Tensor:
        model.load_state_dict(state)
        pipeline.seed_for("exchange in time")
        return by_place(pipeline, model, edited, found).double()

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
    numbers, real = iter(range(1000)), real_places(pipeline, batch, found)

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


def places_ahead(moved: Tensor, places: list[int]) -> int:
    """How many places ahead the outputs look, at most."""
    reached = (
        (place, source) for column, source in enumerate(places) for place in moved[:, column].nonzero().flatten()
    )
    return max((source - int(place) for place, source in reached), default=0)


def columns_with_words(pipeline: Pipeline, batch: Any, found: Sequences, places: list[int]) -> dict[int, int]:
    """Column of each tried place at which some example has a word: where all have padding, nothing was exchanged."""
    real = real_places(pipeline, batch, found)
    return {
        place: column
        for column, place in enumerate(places)
        if real is None or bool(real.select(found.axis, place).any())
    }


def sees_its_own_place(moved: Tensor, column_of: dict[int, int]) -> bool:
    """Whether the output at every place with words moves with the input at the same place."""
    return bool(column_of) and all(float(moved[place, column]) > 0 for place, column in column_of.items())
