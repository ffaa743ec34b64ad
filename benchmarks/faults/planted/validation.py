"""Faults in how the program is judged: other preparation, other labels, chance, and examples that it was trained on."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler

from faults.assembly import validation_loader_of
from faults.examples import Examples
from faults.fault import Fault
from faults.parts import Parts
from faults.planted import IMAGES, LABELLED, LANGUAGE, SEQUENCES, SIGNALS, TABLES, VECTORS
from faults.program import Program
from faults.proof import Proof
from faults.properties import shares_examples, validation_changes
from faults.symptoms import trains_worse

Rows = tuple[Tensor, ...]
SHIFT = frozenset({"train_validation_shift"})


def unprepared(parts: Parts, chance: random.Random) -> Parts:
    """Pixels from 0 to 255, or columns and waves in their own units."""
    factor = 255.0 if parts.domain == IMAGES else 1.0
    return parts.but(validation_prepare=lambda inputs: (factor * inputs[0],))


def negative(parts: Parts, chance: random.Random) -> Parts:
    prepare = parts.prepare
    return parts.but(validation_prepare=lambda inputs: prepare((1.0 - inputs[0],)))


def transposed(parts: Parts, chance: random.Random) -> Parts:
    prepare = parts.prepare
    return parts.but(validation_prepare=lambda inputs: prepare((inputs[0].transpose(-1, -2),)))


def augmented(parts: Parts, chance: random.Random) -> Parts:
    size = 0.15 * parts.train.inputs[0].std()
    return parts.but(validation_augment=lambda inputs: (inputs[0] + size * torch.randn_like(inputs[0]),))


def sampled(parts: Parts, chance: random.Random) -> Parts:
    """Each pass draws half of the validation examples anew."""

    def make_loader(parts: Parts, seed: int) -> Any:
        usual: Any = validation_loader_of(parts, seed)
        sampler = RandomSampler(usual.dataset, replacement=True, num_samples=len(usual.dataset) // 2)
        return DataLoader(usual.dataset, usual.batch_size, sampler=sampler, collate_fn=parts.collate)

    return parts.but(make_validation_loader=make_loader)


def other_order_of_classes(parts: Parts, chance: random.Random) -> Parts:
    targets = parts.validation.targets
    return parts.but(validation=Examples(parts.validation.inputs, targets.max() - targets))


def one_class(parts: Parts, chance: random.Random) -> Parts:
    """Sorted by class before it was split."""
    targets = parts.validation.targets
    return parts.but(validation=parts.validation.select(torch.nonzero(targets == targets.max()).flatten()))


def part_of_training(parts: Parts, chance: random.Random) -> Parts:
    return parts.but(validation=parts.train.select(torch.randperm(len(parts.train))[: len(parts.validation)]))


def drawn_before_split(parts: Parts, chance: random.Random) -> Parts:
    """Oversampled to the double, then split."""
    inputs = tuple(torch.cat(pair) for pair in zip(parts.train.inputs, parts.validation.inputs, strict=True))
    whole = Examples(inputs, torch.cat([parts.train.targets, parts.validation.targets]))
    rows = torch.cat([torch.arange(len(whole)), torch.randint(0, len(whole), (len(whole),))])
    rows = rows[torch.randperm(len(rows))]
    cut = int(0.75 * len(rows))
    return parts.but(train=whole.select(rows[:cut]), validation=whole.select(rows[cut:]))


def one_class_only(faulty: Program, sibling: Program) -> Proof:
    """All validation examples are of one class, and training and the sibling know several."""
    sick, well = (len(program.parts.validation.targets.unique()) for program in (faulty, sibling))
    trained = len(faulty.parts.train.targets.unique())
    return Proof(sick == 1 and min(well, trained) > 1, f"{sick} class in validation, {trained} in training")


FAULTS = (
    Fault("validation_not_prepared", "validation inputs are not scaled as the training inputs are",
          SHIFT | {"input_scale"}, unprepared, trains_worse, VECTORS),
    Fault("validation_negative", "black and white are exchanged in validation", SHIFT, negative, trains_worse,
          (IMAGES,)),
    Fault("validation_transposed", "rows and columns are exchanged in validation", SHIFT, transposed, trains_worse,
          (IMAGES,), needs=frozenset({"digits"})),
    Fault("validation_augmented", "random augmentation is left on in validation",
          frozenset({"validation_deterministic"}), augmented, validation_changes, VECTORS),
    Fault("validation_sampled", "each validation pass draws other examples", frozenset({"validation_deterministic"}),
          sampled, validation_changes, (*VECTORS, SEQUENCES, LANGUAGE)),
    Fault("validation_other_classes", "classes are numbered in another order in validation",
          SHIFT | {"labels_follow_inputs", "labels_valid"}, other_order_of_classes, trains_worse, LABELLED,
          needs=frozenset({"classification"})),
    Fault("validation_one_class", "split after sorting: validation holds one class", SHIFT | {"class_balance"},
          one_class, one_class_only, LABELLED, one_of=frozenset({"classification", "binary"})),
    Fault("validation_from_training", "validation examples are training examples",
          frozenset({"train_validation_overlap"}), part_of_training, shares_examples,
          (IMAGES, TABLES, SIGNALS, LANGUAGE)),
    Fault("oversampled_before_split", "examples were repeated before the split",
          frozenset({"train_validation_overlap", "duplicate_examples"}), drawn_before_split, shares_examples,
          (IMAGES, TABLES, SIGNALS)),
)  # fmt: skip
