"""Does an example bear the same label in a batch as alone? Labels of others show what collating mixed up.

Each is drawn twice. Labels count only where both ways repeat themselves, and where those of the batch are all among
those borne alone: numbers standardised within a batch, or mixed, are not; classes numbered anew in each batch, as in
learning from few examples, are all one class alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import torch
from torch import Tensor

from assay.checks.given.batches import split_batch
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.fixed_draws import draw, drawn_indices
from assay.checks.given.loader_reading import single_values
from assay.checks.given.pipeline import Pipeline

EXAMPLES, MANY = 32, 0.25


@dataclass(frozen=True)
class Company:
    """Examples whose label in a batch is not the one they bear alone, of how many; different labels either way."""

    differing: int
    examples: int
    distinct: int
    distinct_alone: int


def labels_in_company(pipeline: Pipeline) -> Company | None:
    """Draw examples alone and together; None where labels stay, or cannot be compared."""
    indices = drawn_indices(pipeline.train_loader)
    if not indices:
        return None
    chosen = list(dict.fromkeys(indices))[:EXAMPLES]
    with suppress(Exception):  # a stranger's collating may refuse a single example
        alone = [_labels(pipeline, [[index] for index in chosen]) for _ in range(2)]
        together = [_labels(pipeline, [chosen]) for _ in range(2)]
        repeat_themselves = torch.equal(*alone) and torch.equal(*together)
        are_of_others = bool(torch.isin(together[0], alone[0]).all()) and len(alone[0].unique()) > 1
        differing = int((alone[0] != together[0]).sum())
        if repeat_themselves and are_of_others and differing >= MANY * len(chosen):
            return Company(differing, len(chosen), len(together[0].unique()), len(alone[0].unique()))
    return None


def _labels(pipeline: Pipeline, groups: list[list[int]]) -> Tensor:
    """The label of each example, drawn in these groups.

    Raises:
        CannotCheckError: an example does not bear one number or class.
    """
    found = [single_values(split_batch(draw(pipeline.train_loader, group))[1], len(group)) for group in groups]
    if any(values is None for values in found):
        raise CannotCheckError("targets are not one number for each example")
    return torch.cat([values for values in found if values is not None])
