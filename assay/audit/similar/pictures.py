"""What near-duplicate search needs of each picture, read a chunk at a time; the pictures are not kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

from assay.audit.equal_groups import EqualGroups
from assay.audit.similar.perceptual_hash import perceptual_hash
from assay.audit.similar.picture_features import SIDE, make_miniatures
from assay.data.loader import raw_batches

CHUNK_VALUES = 4_000_000
MOST_IN_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Pictures:
    """A row for each picture of all splits, in the order of `EqualGroups`.

    miniatures: in half precision; shape: their channels, height and width.
    flat: too little contrast, or no finite values: nothing to compare.
    hashes, mirrored_hashes: perceptual, of the picture and of its mirror image.
    digests, mirrored_digests: of all values; two are equal where the values are.
    """

    shape: tuple[int, int, int]
    miniatures: Float[Tensor, "n pixels"]
    flat: Bool[Tensor, " n"]
    hashes: Int[Tensor, " n"]
    mirrored_hashes: Int[Tensor, " n"]
    digests: np.ndarray
    mirrored_digests: np.ndarray

    def __len__(self) -> int:
        return len(self.miniatures)


def read_pictures(equals: EqualGroups) -> Pictures:
    """Read the pictures that were scanned once more; what is lazy is decoded a chunk at a time."""
    parts = []
    shape = tuple(equals.scans[0].split.gather(torch.tensor([0])).shape[1:])
    size = max(1, min(MOST_IN_CHUNK, CHUNK_VALUES // max(1, int(np.prod(shape)))))
    for scan in equals.scans:
        for raw in raw_batches(scan.split, scan.indices.split(size)):
            images = _as_bytes(raw)
            miniatures, flat = make_miniatures(images)
            looked_at = images if images.shape[1] == 3 else images[:, :1]
            parts.append((
                miniatures.half(), flat, perceptual_hash(looked_at), perceptual_hash(looked_at.flip(3)),
                torch.from_numpy(_digests(raw)), torch.from_numpy(_digests(raw.flip(3))),
            ))  # fmt: skip
    miniatures, flat, hashes, mirrored, digests, turned = (torch.cat(part) for part in zip(*parts, strict=True))
    small = (shape[0], min(SIDE, shape[1]), min(SIDE, shape[2]))
    return Pictures(small, miniatures, flat, hashes, mirrored, digests.numpy(), turned.numpy())


def _as_bytes(raw: Tensor) -> UInt8[Tensor, "n channels height width"]:
    """Bytes as they are; other values stretched from 0 to 255 by each picture's own range."""
    if raw.dtype == torch.uint8:
        return raw
    values = raw.double().where(raw.isfinite().flatten(1).all(1)[:, None, None, None], 0.0)
    low, high = values.amin((1, 2, 3), keepdim=True), values.amax((1, 2, 3), keepdim=True)
    return ((values - low) / (high - low).clamp(min=1e-12) * 255).round().to(torch.uint8)


def _digests(images: Tensor) -> np.ndarray:
    table = np.ascontiguousarray(images.flatten(1).numpy()).view(np.uint8)
    parts = [hashlib.blake2b(row, digest_size=8).digest() for row in table]
    return np.frombuffer(bytearray().join(parts), dtype=np.int64)
