"""Rare-class crops: examples of rare classes are shown in more ways, so that repeating them teaches something new.

    inputs = random-area crop(inputs)  where the named classes hold at least half of the target

Name the rare classes by index (the data audit tells which they are); repeat their examples with BalancedSampling.
It acts on normalised images, before all batch edits that are already in the stack, so that the shares in mixed
targets stay exact.

Source: Wei, "Must Know Tips/Tricks in Deep Neural Networks", on imbalanced data: extra crops from
the rare classes only.
Measured: no figure read by us isolates it.
Hurts: if scale or place of the object carries the label; if the rare classes become recognisable by their zoom.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.arguments import require_images, require_range
from assay.tricks.batch.random_area_crop import crop_and_resize
from assay.tricks.random_boxes import draw_boxes


def belongs_to(targets: Float[Tensor, "batch classes"], classes: tuple[int, ...]) -> Bool[Tensor, " batch"]:
    """Whether these classes hold at least half of the target.

    Raises:
        RecipeError: a class index beyond the targets' width.
    """
    if classes and max(classes) >= targets.shape[1]:
        raise RecipeError(
            f"classes must be indices below the {targets.shape[1]} classes of the data, "
            f"got {classes}; leave out the larger"
        )
    return targets[:, list(classes)].sum(1) >= 0.5


def edit_rare(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock,
    *, classes: tuple[int, ...], area: float,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Batch edit: a fresh window for every image of the named classes."""
    require_images(inputs, "RareClassCrops")
    if not classes or area == 1.0:
        return inputs, targets
    rare = belongs_to(targets, classes)
    batch, _, height, width = inputs.shape
    # All are cropped and the rare ones kept: choosing first would make the host wait for the device.
    boxes = draw_boxes(batch, height, width, generator, share=(area, 1.0), aspect=(0.75, 4 / 3))
    return torch.where(rare[:, None, None, None], crop_and_resize(inputs, boxes), inputs), targets


@dataclass(frozen=True)
class RareClassCrops:
    """Random-area crops for rare classes only. classes: their indices, none is off; area: the smallest share."""

    images_only: ClassVar[bool] = True
    classes: tuple[int, ...] = ()
    area: float = 0.3

    def __post_init__(self) -> None:
        require_range("area", self.area, 1e-3, 1.0, usual="0.3 is usual, and 1 turns it off")
        if self.classes:
            require_range("classes", min(self.classes), 0, usual="use the indices of the rare classes, (3, 7)")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        # Before all mixers, wherever it stands: a window of a mixed image has other shares than its target says.
        edit = partial(edit_rare, classes=self.classes, area=self.area)
        return replace(recipe, batch_edits=(edit, *recipe.batch_edits))
