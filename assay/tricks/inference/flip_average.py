"""Flip average: a trained network answers for the image and for its mirror image, and the mean of both counts.

    evaluation  outputs = (network(inputs) + network(mirrored inputs)) / 2

With `shift` above 0 two copies moved by so many pixels, up-left and down-right with edges reflected, and their
mirror images are asked too; the unmoved pair keeps half of the weight. Training does not see it.

Also: TTA, test-time augmentation.
Source: Krizhevsky et al. 2012, section 4.1 (ten crops and mirror images); Jordan 2024 (arXiv:2404.00498) for shift 1.
Measured: part of airbench94, CIFAR-10 94.01 % (Jordan 2024); no figure read by us isolates it.
Hurts: images whose mirror image means something else (digits, letters, left and right); it doubles the time of an
answer, with `shift` it takes six times as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.recipe import Recipe
from assay.tricks.arguments import require_images, require_range


class FlipAveragedNetwork(nn.Module):
    """A network that outside training answers with the mean over views of its input."""

    def __init__(self, network: nn.Module, shift: int = 0) -> None:
        super().__init__()
        self.network = network
        self.shift = shift

    def forward(self, inputs: Tensor) -> Tensor:
        if self.training:
            return self.network(inputs)
        require_images(inputs, "FlipAverage")
        outputs = self._mirrored(inputs)
        if not self.shift:
            return outputs
        up_left, down_right = shifted_views(inputs, shift=self.shift)
        return 0.5 * outputs + 0.25 * (self._mirrored(up_left) + self._mirrored(down_right))

    def _mirrored(self, inputs: Tensor) -> Tensor:
        return 0.5 * (self.network(inputs) + self.network(inputs.flip(-1)))


def shifted_views(
    inputs: Float[Tensor, "batch channels height width"], *, shift: int
) -> tuple[Float[Tensor, "batch channels height width"], Float[Tensor, "batch channels height width"]]:
    """The image as seen from `shift` pixels up and left, and down and right; edges are reflected."""
    height, width = inputs.shape[-2:]
    padded = F.pad(inputs, (shift,) * 4, mode="reflect")
    return padded[..., :height, :width], padded[..., 2 * shift :, 2 * shift :]


def average_flips(model: nn.Module, specification: Specification, *, shift: int) -> nn.Module:
    """Model edit: wrap the network."""
    return FlipAveragedNetwork(model, shift)


@dataclass(frozen=True)
class FlipAverage:
    """Average answers over the mirror image. shift: pixels by which two more views are moved, 0 for none."""

    shift: int = 0
    images_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_range("shift", self.shift, 0, usual="0 mirrors only, 1 is usual for 32-pixel images")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(model_edits=at("answers", partial(average_flips, shift=self.shift)))
