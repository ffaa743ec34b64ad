"""Features in which unrelated pictures are far apart and small edits of one picture stay close.

    miniature = the picture at 16x16, less the mean of each channel, of length 1
    feature   = whitened(miniature), of length 1

Taking means and length away leaves out brightness, tint and contrast. Neighbouring pixels and frequencies are
so alike in all pictures that plain pixel correlation mostly sees who has a bright sky; whitening, which divides
each principal component by its spread, makes what is rare in these pictures count as much as what is common.
A picture and its mirror image have one set of components, since both are looked at when these are made.

Source: whitening before matched filtering: Turin 1960, An introduction to matched filters, section III.
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
EXAMPLES_A_DIMENSION = 8
LEAST_SHARE = 1e-6
"""Of the largest component's variance: below it a component is rounding."""
FLAT = 1.0
"""Levels of 256: what varies less is rounding and compression, not a picture."""
SCALES = (0.9, 1.0, 1.1)
SHIFTS = (-1 / 16, 0.0, 1 / 16)
"""Of the side. Features bear half of such a step, so moves up to about a tenth of the side are seen."""


@dataclass(frozen=True, eq=False)
class PictureFeatures:
    """Linear maps from miniatures to features.

    shape: channels, height and width of a miniature.
    whitening: to the features of the picture as it is.
    moved: to those of its views, each a little shifted, enlarged or shrunk.
    """

    shape: tuple[int, int, int]
    whitening: Float[Tensor, "pixels d"]
    moved: Float[Tensor, "pixels views_d"]

    def describe(self, miniatures: Float[Tensor, "n pixels"]) -> Float[Tensor, "n d"]:
        """The pictures as they are."""
        return F.normalize(miniatures @ self.whitening, dim=1)

    def describe_mirrored(self, miniatures: Float[Tensor, "n pixels"]) -> Float[Tensor, "n d"]:
        """Their mirror images."""
        return self.describe(_mirrored(miniatures, self.shape))

    def describe_moved(self, miniatures: Float[Tensor, "n pixels"]) -> Float[Tensor, "n views d"]:
        """Their views."""
        views = (miniatures @ self.moved).unflatten(1, (-1, self.whitening.shape[1]))
        return F.normalize(views, dim=2)


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
    """Principal components of these miniatures and their mirror images, each divided by its spread.

    Args:
        shape: channels, height and width of a miniature.
        most_dimensions: fewer are used where there are less than 8 pictures for each.
    """
    both = torch.cat([miniatures, _mirrored(miniatures, shape)]).double()
    variances, components = torch.linalg.eigh(both.T @ both / len(both))
    variances, components = variances.flip(0), components.flip(1)
    real = int((variances > LEAST_SHARE * variances[0].clamp(min=1e-30)).sum())
    kept = max(1, min(most_dimensions, real, len(miniatures) // EXAMPLES_A_DIMENSION))
    whitening = components[:, :kept] / variances[:kept].clamp(min=1e-30).sqrt()
    moves = [_move(shape, *move) for move in product(SCALES, SHIFTS, SHIFTS)]
    moved = torch.cat([move @ whitening for move in moves], 1)
    return PictureFeatures(shape, whitening.float(), moved.float())


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
