"""Shuffling: an order that is the same in every epoch is harmless, unless batches then hold one class only.

    changes = neighbours with different labels, expected (n - 1) (1 - sum n_k (n_k - 1) / (n (n - 1))) in random order

Fixed order is proved by the sampler's indices, or by hashes of two passes. It alerts where labels come sorted: each
step then unlearns the other classes. Data of which one pass is one batch, or lists of batches, are told only.

Source: Bottou 2012, Stochastic Gradient Descent Tricks, section 4.1; Wald and Wolfowitz 1940 (runs test).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.fixed_draws import drawn_indices
from assay.checks.given.loader_reading import Reading, training_passes
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "Bottou 2012, section 4.1"
CLEAR = 6.0  # deviations below the changes of a random order
PURER, MIXED = 0.5, 0.7  # of the way from a random order to batches of one class; what leaves room for it
FEWEST = 32


@dataclass(frozen=True)
class Order:
    """How labels follow each other in one pass; in random order, `expected` changes and `usual` purity."""

    changes: int
    expected: float
    deviation: float
    purity: float
    usual: float
    classes: int

    @property
    def is_sorted(self) -> bool:
        far = self.changes < self.expected - CLEAR * self.deviation
        return far and self.usual <= MIXED and self.purity - self.usual >= PURER * (1 - self.usual)


def check(pipeline: Pipeline) -> CheckResult:
    """Compare two epochs, then look at the order of the labels."""
    first, second = pipeline.once(training_passes)
    if len(first.inputs) < 2:
        raise CannotCheckError("needs at least 2 examples")
    fixed, values = is_fixed(pipeline.train_loader, first, second), first.values
    if pipeline.order_of is not None:
        epochs = pipeline.order_of(0), pipeline.order_of(1)
        fixed = torch.equal(*epochs)
        values = None if values is None else values[epochs[0][epochs[0] < len(values)]]
    order = None if values is None else label_order(pipeline, values, first.sizes)
    evidence: dict[str, Any] = {"examples": len(first.inputs), "fixed": fixed, "whole_epoch": first.whole}
    if order is not None:
        evidence |= {"changes": order.changes, "expected_changes": order.expected, "purity": order.purity}
    matters = len(first.sizes) > 1 and len(first.inputs) >= FEWEST
    is_list = isinstance(pipeline.train_loader, (list, tuple))  # whoever holds a list may shuffle it later
    if fixed and matters and not is_list and values is not None and order is not None and order.is_sorted:
        return [_sorted(values, order, evidence)]
    return [_note(first, fixed, order, evidence)]


def is_fixed(loader: Any, first: Reading, second: Reading) -> bool | None:
    """Whether two epochs give the same order; None where augmentation hides it."""
    indices = drawn_indices(loader)
    if indices is not None:
        return indices == drawn_indices(loader)
    count = min(len(first.inputs), len(second.inputs))
    if first.inputs[:count] == second.inputs[:count]:
        return True
    pairs = [set(zip(reading.inputs, reading.targets, strict=True)) for reading in (first, second)]
    return False if pairs[0] & pairs[1] else None


def label_order(pipeline: Pipeline, values: Tensor, sizes: tuple[int, ...]) -> Order | None:
    """Runs of classes; of numbers, runs above and below their median, for a sorted sequence only."""
    kind = pipeline.loss_kind
    if not kind.is_classification and kind.name not in ("binary", "binary_logits"):
        steps = values.diff()
        if not (bool((steps >= 0).all()) or bool((steps <= 0).all())):
            return None
        values = (values > values.median()).double()
    classes, labels = torch.unique(values, return_inverse=True)
    if len(classes) < 2:
        return None
    return order_of(labels, sizes)


def order_of(labels: Tensor, sizes: tuple[int, ...]) -> Order:
    """Changes and purity of these labels, and what a random order would have."""
    count, counts = len(labels), torch.bincount(labels).double()
    same = float((counts * (counts - 1)).sum()) / (count * (count - 1))
    deviation = math.sqrt(max((count - 1) * same * (1 - same), 1.0))
    shuffled = labels[torch.randperm(count, generator=torch.Generator().manual_seed(0))]
    changes = int((labels.diff() != 0).sum())
    purities = purity_of(labels, sizes), purity_of(shuffled, sizes)
    return Order(changes, (count - 1) * (1 - same), deviation, *purities, len(counts))


def purity_of(labels: Tensor, sizes: tuple[int, ...]) -> float:
    """Mean share of the commonest class in a batch."""
    parts = [part for part in labels.split(list(sizes)) if len(part) > 1]
    if not parts:
        return 0.0
    return sum(float(torch.bincount(part).max()) / len(part) for part in parts) / len(parts)


def _sorted(labels: Tensor, order: Order, evidence: dict[str, Any]) -> Finding:
    text = (
        f"Every epoch gives the same order, sorted by label: {order.changes} changes of label in {len(labels)} "
        f"examples, where a random order has {order.expected:.0f}; a batch is {order.purity:.0%} one class "
        f"({order.usual:.0%} in random order)."
    )
    values = tuple(labels[:2000].tolist())
    series = Series("label", tuple(map(float, range(len(values)))), values, marks="points")
    return Finding(
        "shuffling",
        "proved",
        text,
        evidence,
        cause="The training loader does not shuffle (shuffle=False, a sequential sampler, a seed set anew in each "
        "epoch) and the data are stored class by class.",
        fix="Pass shuffle=True to the training DataLoader, or shuffle the examples before batches are made.",
        source=SOURCE,
        figures=(Lines("Labels in the order of training", "example", "label", (series,)),),
    )


def _note(reading: Reading, fixed: bool | None, order: Order | None, evidence: dict[str, Any]) -> Finding:
    told = "an order that augmentation hides" if fixed is None else "another order in each epoch"
    told = "the same order in two epochs" if fixed else told
    text = f"{len(reading.inputs)} training examples come in {told}"
    if order is not None:
        text += f"; {order.changes} changes of label, {order.expected:.0f} expected in random order"
    advice = "Shuffle in each epoch, unless the order means something." if fixed else ""
    return Finding("shuffling", "note", f"{text}.", evidence, fix=advice, source=SOURCE)
