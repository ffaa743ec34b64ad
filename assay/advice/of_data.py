"""What the data themselves tell, beside any training: how many of each class, and how labels agree with neighbours."""

from __future__ import annotations

import torch
from torch import Tensor

from assay.checks.label_noise import count_agreeing, neighbour_votes
from assay.data.data import Data
from assay.data.loader import order_for_epoch

MOST_ASKED = 1024
"""All pairs of so many take a blink; a share of labels that disagree is known to .03 at the worst."""


def count_classes(data: Data) -> dict[str, int]:
    """Training examples of each class; empty for regressions."""
    classes = data.specification.classes
    if not classes:
        return {}
    counts = torch.bincount(data.train.targets.long(), minlength=len(classes)).tolist()
    return dict(zip(classes, counts, strict=True))


def ask_neighbours(data: Data, *, seed: int = 0) -> tuple[int, int] | None:
    """Of up to `MOST_ASKED` training examples: those whose 5 nearest agree, and how many of these bear another label.

    None for regressions, and for inputs that are not in memory.
    """
    if data.specification.task != "classification" or not isinstance(data.train.inputs, Tensor):
        return None
    chosen = order_for_epoch(len(data.train), seed, -3)[:MOST_ASKED]
    columns = data.specification.normalization(data.train.inputs[chosen]).flatten(1)
    labels = data.train.targets[chosen].long()
    if len(labels) < 7 or not bool(torch.isfinite(columns).all()):
        return None
    return count_agreeing(columns, labels), int(neighbour_votes(columns, labels)[1].sum())
