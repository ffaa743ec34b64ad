"""Features in which unrelated pictures are far apart and small edits of one picture stay close.

    miniature  = the picture at 16x16, less the mean of each channel, of length 1
    components = the principal components of miniatures, of at most 99 % of their variance
    feature    = component / variance^(1/4), to length 1

Taking means and length away leaves out brightness, tint and contrast. Plain correlation of pixels mostly sees
who has a bright sky, as a few coarse components hold nearly all variance; whitening (the square root) would let
a pixel that is rarely lit decide alone. The fourth root lies half-way between them.
A picture and its mirror image have one set of components, since both are looked at when these are made.

Source: whitening before correlation: Turin 1960, An introduction to matched filters, section III; the exponent
is this audit's own, chosen on planted copies of training pictures of CIFAR-10, Fashion-MNIST and digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

SIDE = 16
MOST_DIMENSIONS = 128
EXAMPLES_A_DIMENSION = 4
EXPLAINED = 0.99
"""Of the variance; what is left is the noise of compression, and pixels that are rarely lit."""
FLAT = 1.0
"""Levels of 256: what varies less is rounding and compression, not a picture."""
SCALES = (0.9, 1.0, 1.1)
SHIFTS = (-1 / 16, -1 / 32, 0.0, 1 / 32, 1 / 16)
"""Of the side: features bear half of such a step."""


@dataclass(frozen=True, eq=False)
class PictureFeatures:
    """Linear maps from miniatures to features.

    shape: channels, height and width of a miniature.
    components: from a miniature, already divided by the fourth root of their variances.
    moves: from these components to those of its views, each a little shifted, enlarged or shrunk.
    """

    shape: tuple[int, int, int]
    components: Float[Tensor, "pixels d"]
    moves: Float[Tensor, "d views_d"]

    def describe(self, miniatures: Float[Tensor, "n pixels"]) -> Float[Tensor, "n d"]:
        """The pictures as they are."""
        return F.normalize(miniatures @ self.components, dim=1)

    def describe_mirrored(self, miniatures: Float[Tensor, "n pixels"]) -> Float[Tensor, "n d"]:
        """Their mirror images."""
        return self.describe(_mirrored(miniatures, self.shape))

    def move(self, features: Float[Tensor, "n d"]) -> Float[Tensor, "n views d"]:
        """The views of described pictures."""
        return F.normalize((features @ self.moves).unflatten(1, (-1, features.shape[1])), dim=2)


def make_miniatures(images: Tensor) -> tuple[Float[Tensor, "n pixels"], Bool[Tensor, " n"]]:
    """Miniatures of (n, channels, height, width) pictures with values 0..255, and which are too flat to compare."""
    size = min(SIDE, images.shape[2]), min(SIDE, images.shape[3])
    values = images.float()
    if size != tuple(images.shape[2:]):
        values = F.interpolate(values, size=size, mode="bilinear", antialias=True, align_corners=False)
    values = (values - values.mean((2, 3), keepdim=True)).flatten(1)
    return F.normalize(values, dim=1), values.square().mean(1).sqrt() < FLAT


def fit_picture_features(
    miniatures: Float[Tensor, "n pixels"], shape: tuple[int, int, int], *, most_dimensions: int = MOST_DIMENSIONS
) -> PictureFeatures:
    """Principal components of these miniatures and their mirror images.

    Args:
        shape: channels, height and width of a miniature.
        most_dimensions: fewer are used where there are less than 4 pictures for each.
    """
    both = torch.cat([miniatures, _mirrored(miniatures, shape)]).double()
    variances, components = torch.linalg.eigh(both.T @ both / len(both))
    variances, components = variances.flip(0).clamp(min=1e-12), components.flip(1)
    real = int((variances.cumsum(0) < EXPLAINED * variances.sum()).sum()) + 1
    kept = max(1, min(most_dimensions, real, len(miniatures) // EXAMPLES_A_DIMENSION))
    components, weights = components[:, :kept], variances[:kept] ** -0.25
    moves = [_move(shape, *move) for move in product(SCALES, SHIFTS, SHIFTS)]
    seen = [(components / weights).T @ move @ (components * weights) for move in moves]
    return PictureFeatures(shape, (components * weights).float(), torch.cat(seen, 1).float())


def _mirrored(miniatures: Tensor, shape: tuple[int, int, int]) -> Tensor:
    return miniatures.unflatten(1, shape).flip(3).flatten(1)


def _move(shape: tuple[int, int, int], scale: float, right: float, down: float) -> Tensor:
    """(pixels, pixels) matrix that scales and shifts a miniature, repeats its border and takes its means away."""
    channels, height, width = shape
    # The grid runs from -1 to 1, so a share of the side is twice as much.
    corner = torch.tensor([[scale, 0.0, 2 * right], [0.0, scale, 2 * down]], dtype=torch.float64)
    grid = F.affine_grid(corner.expand(height * width, 2, 3), [height * width, 1, height, width], align_corners=False)
    ones = torch.eye(height * width, dtype=torch.float64).view(-1, 1, height, width)
    moved = F.grid_sample(ones, grid, padding_mode="border", align_corners=False).flatten(1)
    moved = moved - moved.mean(1, keepdim=True)
    return torch.block_diag(*[moved] * channels)
