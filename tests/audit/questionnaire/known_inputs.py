"""Images and signals of which it is known what alone tells their two classes apart."""

from __future__ import annotations

import torch
from torch import Tensor

SIDE = 8


def _noise(n: int, generator: torch.Generator, channels: int = 1) -> Tensor:
    return 100 + 10 * torch.randn(n, channels, SIDE, SIDE, generator=generator)


def colours(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Red or green blots of one luma."""
    images = _noise(len(labels), generator, 3)
    images[:, 0] += torch.where(labels == 0, 60.0, -60.0)[:, None, None]
    images[:, 1] -= torch.where(labels == 0, 60.0, -60.0)[:, None, None] * 0.299 / 0.587
    return images


def layouts(labels: Tensor, generator: torch.Generator) -> Tensor:
    """A bright and a dark quadrant at opposite corners, and their exchange."""
    images, half = _noise(len(labels), generator), SIDE // 2
    sign = torch.where(labels == 0, 60.0, -60.0)[:, None, None, None]
    images[:, :, :half, :half] += sign
    images[:, :, half:, half:] -= sign
    return images


def textures(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Upright or lying stripes of single pixels."""
    stripes = torch.where(torch.arange(SIDE) % 2 == 0, 50.0, -50.0).expand(SIDE, SIDE)
    patterns = torch.where((labels == 0)[:, None, None], stripes, stripes.T)
    return _noise(len(labels), generator) + patterns[:, None]


def handed(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Slopes that rise to the right or to the left."""
    slope = torch.linspace(-60, 60, SIDE) * torch.where(labels == 0, 1.0, -1.0)[:, None]
    return _noise(len(labels), generator) + slope[:, None, None, :]


def exposed(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Bright or dark as a whole."""
    return _noise(len(labels), generator) + torch.where(labels == 0, 30.0, -30.0)[:, None, None, None]


def random(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Nothing tells them apart."""
    return _noise(len(labels), generator)


LENGTH = 32


def _waves(n: int, generator: torch.Generator) -> Tensor:
    return torch.randn(n, 1, 1, LENGTH, generator=generator)


def rhythms(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Levels of 1 or -1 that change seldom, or at every second value."""
    seldom = torch.where(labels == 0, 0.1, 0.5)[:, None]
    changes = torch.rand(len(labels), LENGTH, generator=generator) < seldom
    changes[:, 0] = torch.rand(len(labels), generator=generator) < 0.5
    return _waves(len(labels), generator) / 10 + torch.where(changes.cumsum(1) % 2 == 0, 1.0, -1.0)[:, None, None]


def pairs(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Steps up and down in pairs whose mean is 0: in turns, or each pair as it comes."""
    first = torch.rand(len(labels), LENGTH // 2, generator=generator) < 0.5
    first = torch.where((labels == 0)[:, None], first[:, :1], first)
    sign = torch.where(first, 1.0, -1.0)
    return _waves(len(labels), generator) / 10 + torch.stack([sign, -sign], 2).flatten(1)[:, None, None]


def signs(labels: Tensor, generator: torch.Generator) -> Tensor:
    """A bump upwards or downwards, somewhere."""
    start = torch.randint(0, LENGTH, (len(labels), 1), generator=generator)
    bump = ((torch.arange(LENGTH) - start) % LENGTH < 6) * torch.where(labels == 0, 4.0, -4.0)[:, None]
    return _waves(len(labels), generator) / 2 + bump[:, None, None]


def loudness(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Loud or soft noise."""
    return _waves(len(labels), generator) * torch.where(labels == 0, 3.0, 1.0)[:, None, None, None]


SIGNALS = {make.__name__: make for make in (rhythms, pairs, signs, loudness)}
IMAGES = {make.__name__: make for make in (colours, layouts, textures, handed, exposed, random)}

TRUTHS = {
    "colours": {"colour": "lost", "layout_2": "kept", "mirrored": "kept"},
    "layouts": {"layout_2": "lost", "detail_2": "kept", "turned": "lost"},
    "textures": {"detail_2": "lost", "layout_2": "kept", "mirrored": "kept", "turned": "lost"},
    "handed": {"mirrored": "lost", "upside_down": "kept"},
    "exposed": {"exposure": "lost", "layout_2": "kept", "place": "kept"},
    "pairs": {"detail_2": "lost", "strength": "kept"},
    "rhythms": {"order": "lost", "negated": "kept"},
    "signs": {"negated": "lost", "reversed": "kept", "detail_2": "kept"},
    "loudness": {"strength": "lost", "order": "kept", "negated": "kept"},
}
"""Of each kind, the answers that are known."""


def known_inputs(kind: str, labels: Tensor, seed: int) -> Tensor:
    """Byte images, or signals, of these labels 0 and 1."""
    generator = torch.Generator().manual_seed(seed)
    if kind in SIGNALS:
        return SIGNALS[kind](labels, generator)
    return IMAGES[kind](labels, generator).round().clamp(0, 255).to(torch.uint8)
