"""Feature pyramids: the necks of detectors, which give maps of every scale the meaning of the coarsest.

    FeaturePyramid    side_i  = 1x1 convolution of map i
                      down_i  = side_i + down_{i+1} enlarged to its size     the coarsest: down = side
                      level_i = 3x3 convolution of down_i
    PathAggregation   up_0    = level_0
                      up_{i+1} = 3x3 convolution of merge(3x3 convolution of stride 2 of up_i, level_{i+1})

Maps come finest first, each half the size of the one before (odd sides round up). Enlarging repeats pixels.
They are parts for detectors of your own: `PathAggregation(...)(FeaturePyramid(...)(maps))`.

Source: Lin et al. 2016 (arXiv:1612.03144), section 3; Liu et al. 2018 (arXiv:1803.01534), section 3.1, which adds;
YOLOv4 concatenates: Bochkovskiy et al. 2020 (arXiv:2004.10934), figure 6.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Maps = list[Tensor]
"""Feature maps (batch, channels, height, width) of one batch, finest first."""


class FeaturePyramid(nn.Module):
    """Carry the coarse maps' features down to the fine ones; every level comes out with `width` channels.

    channels: of each map, finest first.
    """

    def __init__(self, channels: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.sides = nn.ModuleList(nn.Conv2d(count, width, 1) for count in channels)
        self.smooth = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in channels)

    def forward(self, maps: Maps) -> Maps:
        _require_levels(maps, len(self.sides))
        sides = [side(level) for side, level in zip(self.sides, maps, strict=True)]
        downs = [sides[-1]]
        for side in reversed(sides[:-1]):
            downs.append(side + F.interpolate(downs[-1], size=side.shape[-2:], mode="nearest"))
        return [smooth(down) for smooth, down in zip(self.smooth, reversed(downs), strict=True)]


class PathAggregation(nn.Module):
    """Carry the fine maps' places up to the coarse ones again; levels and widths stay."""

    def __init__(self, width: int, levels: int, merge: Literal["add", "concatenate"] = "add") -> None:
        super().__init__()
        if merge not in ("add", "concatenate"):
            raise ValueError(f"merge must be 'add' (PANet) or 'concatenate' (YOLOv4), got {merge!r}")
        self.merge = merge
        merged = width if merge == "add" else 2 * width
        self.shrink = nn.ModuleList(nn.Conv2d(width, width, 3, 2, padding=1) for _ in range(levels - 1))
        self.smooth = nn.ModuleList(nn.Conv2d(merged, width, 3, padding=1) for _ in range(levels - 1))

    def forward(self, levels: Maps) -> Maps:
        _require_levels(levels, len(self.shrink) + 1)
        ups = [levels[0]]
        for shrink, smooth, level in zip(self.shrink, self.smooth, levels[1:], strict=True):
            carried = shrink(ups[-1])
            ups.append(smooth(carried + level if self.merge == "add" else torch.cat([carried, level], dim=1)))
        return ups


def _require_levels(maps: Maps, expected: int) -> None:
    if len(maps) != expected:
        raise ValueError(f"maps must be one for each of the {expected} levels, finest first, got {len(maps)}; "
                         "build the neck for the maps you have")  # fmt: skip
