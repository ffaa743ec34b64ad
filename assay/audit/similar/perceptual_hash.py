"""Perceptual hash: 64 bits that survive scaling, compression and brightness.

    grey   = (19595 red + 38470 green + 7471 blue + 32768) / 65536, rounded down
    small  = grey at 32x32, by Lanczos
    waves  = the 8x8 lowest frequencies of its cosine transform
    bit    = wave > median of the waves

Cutting, shifting and mirroring change it: it finds less than half of the near copies that `near_pictures` finds.

Source: Krawetz 2011, Looks Like It (The Hacker Factor Blog); the values of `imagehash.phash`.
Measured: recall of annotated CIFAR-10 pairs at most 6 bits apart: `benchmarks/results/near-duplicates.json`.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
from jaxtyping import Int, UInt8
from torch import Tensor

SIDE, KEPT = 32, 8
LOBES = 3
STEPS = 2**22
PIECE = 1024
"""Pictures in one matrix product of the search."""


def perceptual_hash(images: UInt8[Tensor, "n channels height width"]) -> Int[Tensor, " n"]:
    """The hash of each image; its highest bit is the lowest frequency.

    The hash of the mirror images is that of `images.flip(3)`.

    Raises:
        ValueError: images have neither 1 nor 3 channels.
    """
    if images.shape[1] not in (1, 3):
        raise ValueError(
            f"images must have 1 or 3 channels to be hashed, got {images.shape[1]}; choose which to look at"
        )
    small = _resized(_grey(images).double())
    waves = (_cosines() @ small @ _cosines().T).flatten(1)
    ordered = waves.sort(dim=1).values
    median = (ordered[:, KEPT * KEPT // 2 - 1] + ordered[:, KEPT * KEPT // 2]) / 2
    bits = (waves > median[:, None]).numpy()
    packed = np.packbits(bits, axis=1).view(">i8").astype(np.int64)
    return torch.from_numpy(packed[:, 0])


def hamming_distances(first: Int[Tensor, " n"], second: Int[Tensor, " n"]) -> Int[Tensor, " n"]:
    """Bits in which the hashes of each pair differ."""
    return (_bits(first) != _bits(second)).sum(1)


def hash_pairs(
    first: Int[Tensor, " n"], second: Int[Tensor, " m"], *, most_bits: int
) -> tuple[Int[Tensor, " pairs"], Int[Tensor, " pairs"], Int[Tensor, " pairs"]]:
    """Rows of the first and of the second set at most so many bits apart, and how many bits.

    A piece of 1,024 rows at a time: with signs for bits, 64 - 2 * distance is a matrix product.

    Args:
        most_bits: usual 6.
    Raises:
        ValueError: most_bits is outside 0..64.
    """
    if not 0 <= most_bits <= KEPT * KEPT:
        raise ValueError(f"most_bits must be from 0 to {KEPT * KEPT}, got {most_bits}; the usual value is 6")
    right = _bits(second).float() * 2 - 1
    none = torch.zeros(0, dtype=torch.int64)
    found = [(none, none, none)]
    for start in range(0, len(first), PIECE):
        for other in range(0, len(second), 64 * PIECE):
            products = (_bits(first[start : start + PIECE]).float() * 2 - 1) @ right[other : other + 64 * PIECE].T
            rows, columns = (products >= KEPT * KEPT - 2 * most_bits).nonzero(as_tuple=True)
            bits = (KEPT * KEPT - products[rows, columns].long()) // 2
            found.append((rows + start, columns + other, bits))
    rows, columns, bits = (torch.cat(part) for part in zip(*found, strict=True))
    return rows, columns, bits


def _bits(hashes: Tensor) -> Tensor:
    return hashes[:, None] >> torch.arange(KEPT * KEPT) & 1


def _grey(images: Tensor) -> Tensor:
    """As Pillow's mode L."""
    if images.shape[1] == 1:
        return images[:, 0]
    weights = torch.tensor([19595, 38470, 7471]).view(3, 1, 1)
    return ((images * weights).sum(1) + 32768) >> 16


def _resized(grey: Tensor) -> Tensor:
    """To 32x32 by Lanczos; bytes after each direction, the longer side first, as in Pillow 13."""
    for dimension in (1, 2) if grey.shape[1] > grey.shape[2] else (2, 1):
        if grey.shape[dimension] != SIDE:
            weights = _lanczos(grey.shape[dimension])
            grey = (grey.transpose(dimension, 2) @ weights.T).transpose(dimension, 2)
            grey = (grey + 0.5).floor().clamp(0, 255)
    return grey


@cache
def _lanczos(side: int) -> Tensor:
    """(32, side) weights in steps of 2^-22, as Pillow's; where the picture shrinks, the kernel is as much wider."""
    scale = max(1.0, side / SIDE)
    centres = (torch.arange(SIDE, dtype=torch.float64) + 0.5) * side / SIDE
    positions = torch.arange(side, dtype=torch.float64)
    lows, highs = (centres - LOBES * scale + 0.5).floor(), (centres + LOBES * scale + 0.5).floor()
    inside = (positions >= lows[:, None]) & (positions < highs[:, None])
    offsets = (positions + 0.5 - centres[:, None]) / scale
    weights = (offsets.sinc() * (offsets / LOBES).sinc() * (offsets.abs() < LOBES)).where(inside, 0.0)
    return (weights / weights.sum(1, keepdim=True) * STEPS).round() / STEPS


@cache
def _cosines() -> Tensor:
    """(8, 32) the first rows of the cosine transform of type II, without normalisation."""
    positions = torch.arange(SIDE, dtype=torch.float64) + 0.5
    return 2 * (math.pi / SIDE * torch.arange(KEPT, dtype=torch.float64)[:, None] * positions).cos()
