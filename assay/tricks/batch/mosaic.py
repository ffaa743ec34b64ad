"""Mosaic: four images meet at one point, each keeps its corner, and the target says how much of each is seen.

    for each example: a point (row, column) ~ U(margin, 1 - margin) of the sides, three partners
    inputs  = the example above and left of the point, its partners above right, below left, below right
    targets = sum of the four targets, each times its corner's exact share of the pixels

Corners are cut where they lie, as in CutMix; nothing is resized. A corner of an image that is pasted together itself
would hold other shares than its target says, so Mosaic and CutMix refuse each other; `cutmix` is the share of the
batches that paste one box instead (0.5 is darknet with both on).

Source: Bochkovskiy et al. 2020, section 3.3 (arXiv:2004.10934); margin 0.2 as in darknet.
Measured: ImageNet CSPResNeXt-50 77.9 -> 78.1 top-1; with CutMix and label smoothing 78.5 (Bochkovskiy et al. 2020).
Hurts: objects that fill the image: a corner shows a quarter of one on average; small networks underfit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_images, require_range, require_rows
from assay.tricks.batch.cutmix import edit_cutmix


def mosaic(
    images: Float[Tensor, "batch channels height width"],
    targets: Float[Tensor, "batch outputs"],
    partners: Int[Tensor, "3 batch"],
    rows: Int[Tensor, " batch"],
    columns: Int[Tensor, " batch"],
) -> tuple[Float[Tensor, "batch channels height width"], Float[Tensor, "batch outputs"]]:
    """Four corners that meet at (row, column): the first pixel of the one below right.

    Raises:
        ValueError: targets are class numbers.
    """
    require_rows(targets)
    height, width = images.shape[2:]
    partners = partners.to(images.device)
    above = (torch.arange(height) < rows[:, None]).to(images.device)[:, None, :, None]
    left = (torch.arange(width) < columns[:, None]).to(images.device)[:, None, None, :]
    corners = [images, *(images.index_select(0, partner) for partner in partners)]
    top, bottom = torch.where(left, corners[0], corners[1]), torch.where(left, corners[2], corners[3])
    high, wide = rows / height, columns / width
    shares = torch.stack((high * wide, high * (1 - wide), (1 - high) * wide, (1 - high) * (1 - wide)))
    owners = torch.stack((targets, *(targets.index_select(0, partner) for partner in partners)))
    return torch.where(above, top, bottom), (shares.to(targets)[:, :, None] * owners).sum(0)


def edit_mosaic(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock,
    *, probability: float, margin: float, cutmix: float,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Batch edit: with `probability`, a fresh point and fresh partners for every example."""
    require_images(inputs, "Mosaic")
    if float(torch.rand((), generator=generator)) >= probability:
        return inputs, targets
    if float(torch.rand((), generator=generator)) < cutmix:
        return edit_cutmix(inputs, targets, generator, clock, alpha=1.0, probability=1.0)
    batch, _, height, width = inputs.shape
    partners = torch.stack([torch.randperm(batch, generator=generator) for _ in range(3)])
    places = margin + (1 - 2 * margin) * torch.rand(2, batch, generator=generator)
    rows, columns = (places[0] * height).round().long(), (places[1] * width).round().long()
    return mosaic(inputs, targets, partners, rows, columns)


@dataclass(frozen=True)
class Mosaic:
    """Join corners of four images.

    probability: share of batches; margin: the point's least distance from the border, in sides; cutmix: share of
    those batches that paste one box instead.
    """

    images_only: ClassVar[bool] = True
    probability: float = 0.5
    margin: float = 0.2
    cutmix: float = 0.0

    def __post_init__(self) -> None:
        require_range("probability", self.probability, 0.0, 1.0, usual="0.5 is usual, and 0 turns it off")
        require_range("margin", self.margin, 0.0, 0.5, usual="0.2 is usual")
        require_range("cutmix", self.cutmix, 0.0, 1.0, usual="0.5 takes turns with CutMix, and 0 is mosaics alone")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        options = {"probability": self.probability, "margin": self.margin, "cutmix": self.cutmix}
        return recipe.claim(self, "pasted_boxes").add(batch_edits=partial(edit_mosaic, **options))
