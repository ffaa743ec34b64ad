"""What the effects are shown on: real images in small parts, made harder where the paper's effect needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import torch

from assay.data.data import Data
from assay.data.loader import order_for_epoch
from assay.data.open import open_data
from assay.recipe import Recipe
from assay.training.train import train


@cache
def fashion(examples: int = 4000, held_out: int = 4000) -> Data:
    """A seeded part of Fashion-MNIST: `examples` to train on and `held_out` validation examples to judge by."""
    data = open_data("fashion-mnist")
    train = order_for_epoch(len(data.train), 0, -1)[:examples]
    validation = order_for_epoch(len(data.validation), 0, -2)[:held_out]
    return replace(data, train=data.train.select(train), validation=data.validation.select(validation))


def imbalanced(data: Data, rare: int, common: int, ratio: int) -> Data:
    """Only two classes, the rare one `ratio` times rarer in training; validation keeps both as they are."""
    targets = data.train.targets
    rare_rows, common_rows = ((targets == label).nonzero()[:, 0] for label in (rare, common))
    chosen = torch.cat([common_rows, rare_rows[: max(2, len(common_rows) // ratio)]])
    judged = torch.isin(data.validation.targets, torch.tensor([rare, common])).nonzero()[:, 0]
    train, validation = (
        replace(split, targets=(split.targets == rare).long())
        for split in (data.train.select(chosen), data.validation.select(judged))
    )
    shares = tuple((torch.bincount(train.targets, minlength=2) / len(train)).tolist())
    specification = replace(data.specification, classes=("common", "rare"), class_frequencies=shares)
    return replace(data, train=train, validation=validation, specification=specification)


def accuracies(arms: Mapping[str, Recipe], data: Data, seed: int) -> dict[str, float]:
    """Train every arm on this seed: each one's validation accuracy after the last step."""
    return {arm: train(recipe, data, seed=seed, evaluations=1).validation.value for arm, recipe in arms.items()}
