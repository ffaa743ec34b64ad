"""Faults in what the network is told: labels of other examples, of other ranges, of no meaning."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import default_collate

from faults.examples import Examples
from faults.fault import Fault
from faults.parts import Parts
from faults.planted import AUTOENCODERS, LABELLED, SIGNALS, TABLES
from faults.symptoms import loss_below_floor, raises, trains_worse

APART = frozenset({"labels_follow_inputs", "label_noise", "input_independent_baseline"})
CLASSES = frozenset({"classification", "cross_entropy"})


def with_targets(edit: Callable[[Tensor], Tensor], *, validation: bool = False) -> Any:
    """Plants an edit of the training targets, and of the validation targets too if asked."""

    def plant(parts: Parts, chance: random.Random) -> Parts:
        train = Examples(parts.train.inputs, edit(parts.train.targets.clone()))
        if not validation:
            return parts.but(train=train)
        checked = Examples(parts.validation.inputs, edit(parts.validation.targets.clone()))
        return parts.but(train=train, validation=checked)

    return plant


def permuted(targets: Tensor) -> Tensor:
    return targets[torch.randperm(len(targets))]


def rolled(targets: Tensor) -> Tensor:
    return targets.roll(1, 0)


def half_ignored(targets: Tensor) -> Tensor:
    """The upper half of the classes is -100, which cross-entropy leaves out in silence."""
    return torch.where(targets > targets.max() // 2, -100, targets)


def commonest(targets: Tensor) -> Tensor:
    return targets.mode().values.expand_as(targets).clone()


def read_as_whole_numbers(targets: Tensor) -> Tensor:
    """Scaled to [0, 1], then cut to whole numbers: nearly all are 0."""
    return ((targets - targets.min()) / (targets.max() - targets.min())).long().float()


def mostly_random(targets: Tensor) -> Tensor:
    """Seven of ten labels are drawn at random."""
    return torch.where(torch.rand(len(targets)) < 0.7, torch.randint_like(targets, 0, int(targets.max()) + 1), targets)


def first_label_for_all(parts: Parts, chance: random.Random) -> Parts:
    """The batch's first label is given to all of it."""

    def collate(rows: list[Any]) -> Any:
        inputs, targets = parts.form.unpack(default_collate(rows))
        return parts.form.pack(inputs, targets[:1].expand_as(targets).clone())

    return parts.but(collate=collate, make_validation_loader=None)


FAULTS = (
    Fault("labels_shuffled", "training labels in another order than the inputs", APART, with_targets(permuted),
          trains_worse, LABELLED),
    Fault("labels_one_row_off", "each label belongs to the row before", APART, with_targets(rolled), trains_worse,
          LABELLED),
    Fault("labels_from_one", "classes counted from 1", frozenset({"labels_valid"}),
          with_targets(lambda targets: targets + 1, validation=True), raises, LABELLED, needs=CLASSES),
    Fault("classes_ignored", "the upper half of the classes is marked -100",
          frozenset({"labels_valid", "class_balance", "train_validation_shift"}), with_targets(half_ignored),
          trains_worse, LABELLED, needs=CLASSES),
    Fault("labels_constant", "every training label is the commonest class",
          frozenset({"class_balance", "labels_follow_inputs", "labels_valid", "train_validation_shift",
                     "input_independent_baseline"}),
          with_targets(commonest), trains_worse, LABELLED, one_of=frozenset({"classification", "binary"})),
    Fault("targets_cut_to_whole_numbers", "regression targets in [0, 1] are read as whole numbers",
          frozenset({"labels_valid", "labels_follow_inputs", "train_validation_shift", "input_independent_baseline"}),
          with_targets(read_as_whole_numbers), trains_worse, (TABLES, SIGNALS), needs=frozenset({"regression"})),
    Fault("labels_mostly_random", "seven of ten training labels are random",
          frozenset({"label_noise", "labels_follow_inputs"}), with_targets(mostly_random), trains_worse, LABELLED,
          needs=CLASSES),
    Fault("labels_plus_minus_one", "binary labels -1 and 1 under binary cross-entropy",
          frozenset({"labels_valid", "loss_pairing"}),
          with_targets(lambda targets: 2.0 * targets - 1.0, validation=True), loss_below_floor, LABELLED,
          needs=frozenset({"binary_cross_entropy"})),
    Fault("pixels_as_probabilities", "targets from 0 to 255 under binary cross-entropy",
          frozenset({"labels_valid", "loss_pairing"}), with_targets(lambda targets: 255.0 * targets, validation=True),
          loss_below_floor, (AUTOENCODERS,), needs=frozenset({"pixel_cross_entropy"}),
          lacks=frozenset({"variational"})),
    Fault("first_label_for_all", "the batch's first label is given to all of it", APART | {"class_balance"},
          first_label_for_all, trains_worse, LABELLED),
)  # fmt: skip
