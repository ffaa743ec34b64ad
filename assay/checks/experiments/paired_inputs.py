"""Two inputs alike in each example, such as two views or a pair to be compared: do they come as they are meant?

    strength of the pairing = how well the second input is predicted from the first, by the other examples

The second is predicted as targets are, and the same is done with second inputs permuted. A pairing that is absent in
training is a fault only beside one that is clear: the first input's own partner some places on in the data set, or
pairs of validation that do belong together. Pairs whose labels say whether they belong together are not judged so,
for half of them do not. A loss without labels may be given the same input twice, as dropout makes two views of it.

Source: Gretton et al. 2005 (tests of independence); Chen et al. 2020 (arXiv:2002.05709), algorithm 1 (two views).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.association import Association, associate, input_views, leave_one_out, target_columns
from assay.checks.experiments.use_of_targets import loss_reads_labels
from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.fixed_draws import stored_examples
from assay.checks.given.loader_reading import single_values, training_sample, validation_sample
from assay.checks.given.pipeline import Pipeline
from assay.randomness import generator_for

FEWEST, MOST = 64, 256
FEW = 0.1
STRONG = 0.2  # share of the partner that the first input explains: twice what counts as little elsewhere
OFFSETS = (1, -1, 2, -2, 3, -3)


@dataclass(frozen=True)
class Astray:
    """Pairs that do not belong together, beside pairs that do: those some places on, or (offset 0) validation's."""

    training: Association
    offset: int
    beside: Association


def same_twice(pipeline: Pipeline) -> int:
    """Training examples, if all hold one input twice under differing labels and few of validation do; else 0."""
    batch = pipeline.once(training_sample)
    pair, checked = pair_of(batch), pair_of(pipeline.once(validation_sample))
    if pair is None or checked is None or len(pair[0]) < FEWEST or not torch.equal(*pair):
        return 0
    if float((checked[0] == checked[1]).flatten(1).all(1).double().mean()) > FEW:  # drawn at random, some are equal
        return 0
    values = single_values(split_batch(batch)[1], len(pair[0]))
    is_label = values is not None and 1 < len(values.unique()) <= len(values) / 2
    return len(pair[0]) if is_label and loss_reads_labels(pipeline, batch) else 0


def astray(pipeline: Pipeline) -> Astray | None:
    """Pairs of training that show no relation where pairs some places on, or of validation, clearly do."""
    training = pairing(pipeline, pipeline.once(training_sample))
    if training is None or not training.is_absent:
        return None
    for offset, moved in _moved(pipeline):
        if is_strong(moved):
            return Astray(training, offset, moved)
    try:
        validation = pairing(pipeline, pipeline.once(validation_sample))
    except CannotCheckError:
        return None
    return Astray(training, 0, validation) if validation is not None and is_strong(validation) else None


def is_strong(found: Association) -> bool:
    """Clear beyond doubt, and no weak relation that another sample might not show."""
    return found.is_clear and found.strength**2 > STRONG


def pairing(pipeline: Pipeline, batch: Any) -> Association | None:
    """How well second inputs are predicted from first ones; None where examples are no such pairs."""
    pair = pair_of(batch)
    if pair is None or len(pair[0]) < FEWEST:
        return None
    generator = generator_for(pipeline.seed, "pairing")
    first, second = (side[:MOST] for side in pair)
    if bool((second == second[:1]).all()):
        return None
    return associate(leave_one_out(input_views([first], generator)), target_columns(second, generator), generator)


def _moved(pipeline: Pipeline) -> list[tuple[int, Association]]:
    """The pairing of each first input with the second input some places on, in the data set's own order."""
    stored = stored_examples(pipeline.train_loader, MOST, fewest=FEWEST)
    pair = None if stored is None else pair_of(stored)
    if pair is None:
        return []
    generator = generator_for(pipeline.seed, "pairing moved")
    smoothers = leave_one_out(input_views([pair[0]], generator))
    columns = target_columns(pair[1], generator)
    return [(offset, associate(smoothers, columns.roll(offset, 0), generator)) for offset in OFFSETS]


def pair_of(batch: Any) -> tuple[Tensor, Tensor] | None:
    """Both inputs of every example, where there are just two of one shape; None otherwise."""
    given = [tensor.detach().cpu() for tensor in tensors_in(split_batch(batch)[0])]
    if len(given) != 2 or given[0].shape != given[1].shape or given[0].dim() < 2:
        return None
    if not all(tensor.is_floating_point() and bool(torch.isfinite(tensor).all()) for tensor in given):
        return None
    return given[0], given[1]
