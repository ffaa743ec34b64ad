"""Pictures that are equal, mirrored or nearly equal, in and across splits, and how alone each picture is."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from assay.audit.equal_groups import EqualGroups
from assay.audit.signals.kind import is_signal
from assay.audit.similar.chance import FALSE_SHARE, ClosePairs
from assay.audit.similar.foresight import TooLong
from assay.audit.similar.groups import KINDS, Pairs, group_pairs, join_pairs, link_equals
from assay.audit.similar.near_pictures import LEAST_PICTURES, find_near_pictures
from assay.audit.similar.perceptual_hash import hamming_distances
from assay.audit.similar.pictures import Pictures, read_pictures
from assay.data.data import Data
from assay.data.specification import Specification
from assay.finding import Skipped
from assay.saying import Say, silent

LEAST_SIDE = 8
MOST_BITS = 6
NEIGHBOUR = 10
"""Copies of one picture do not make it less alone."""


@dataclass(frozen=True, eq=False)
class LikeExamples:
    """Pairs of like pictures over all splits and the groups they make; rows are those of `equals`.

    group: (rows,) number of the group each row belongs to.
    loneliness: (rows,) distance to the 10th nearest picture that differs, nan for those that were not compared by
        their look: one of each group of equals is, and none that is flat, or where there are too few.
    """

    equals: EqualGroups
    pairs: Pairs
    group: np.ndarray
    loneliness: np.ndarray

    @property
    def compared(self) -> int:
        """Pictures that were compared by their look."""
        return int(np.isfinite(self.loneliness).sum())

    def twins(self, split: str, other: str) -> np.ndarray:
        """(examples of `split`,) whether each is in a group with an example of `other`.

        Of test and train it is what `score_without_leaked` asks for, where all of test was scanned.

        Raises:
            ValueError: there is no such split.
        """
        for name in (split, other):
            if name not in self.equals.names:
                raise ValueError(
                    f"split must be one of {', '.join(self.equals.names)}, got {name!r}; name one of these"
                )
        here, there = (self.equals.split == self.equals.names.index(name) for name in (split, other))
        return np.isin(self.group[here], self.group[there])


def find_like_examples(
    data: Data,
    equals: EqualGroups,
    *,
    false_share: float = FALSE_SHARE,
    seconds: float = math.inf,
    seed: int = 0,
    say: Say = silent,
) -> LikeExamples | Skipped:
    """Equal, mirrored and nearly equal pictures in and across splits, or why they are not looked for.

    Args:
        equals: of the same data; the pictures that were scanned are read once more.
        false_share: of the near pairs, that may be false, in (0, 1).
        seconds: not looked for if all with all would take longer; known after a first piece of the work.
        seed: chooses the pictures that features are fitted on.
    """
    if reason := _why_not(data.specification):
        return Skipped("near_duplicates", reason)
    started = time.perf_counter()
    pictures = read_pictures(equals)
    exact = link_equals(equals.group, equals.group, "exact")
    flips = link_equals(pictures.digests, pictures.mirrored_digests, "flip")
    flips = flips.where(equals.group[flips.first] != equals.group[flips.second])
    rows, found, left = _different(equals, pictures), None, seconds - (time.perf_counter() - started)
    if len(rows) >= LEAST_PICTURES:
        found = find_near_pictures(
            pictures.miniatures[rows], pictures.shape, false_share=false_share, seconds=left, seed=seed, say=say
        )
    if isinstance(found, TooLong):
        reason = f"to compare {len(rows):,} images takes about {found.seconds:.1f} s, {max(0.0, left):.1f} were left"
        return Skipped("near_duplicates", f"{reason}; give a larger budget")
    pairs, loneliness = join_pairs(exact, flips), np.full(len(pictures), np.nan)
    if found is not None:
        pairs = join_pairs(pairs, _near(pictures, rows, found.pairs))
        loneliness[rows.numpy()] = found.neighbours.distances[:, :NEIGHBOUR][:, -1].numpy()
    return LikeExamples(equals, pairs, group_pairs(pairs, len(pictures)), loneliness)


def _why_not(specification: Specification) -> str:
    if not specification.is_image:
        return (
            "near duplicates are looked for among pictures; rows that are equal once rounded may well be two examples"
        )
    if is_signal(specification):
        return "near duplicates are looked for among pictures; these are signals"
    channels, height, width = specification.input_shape
    if channels not in (1, 3):
        return f"near duplicates are looked for among pictures of 1 or 3 channels, these have {channels}"
    if min(height, width) < LEAST_SIDE:
        return f"pictures of {height}x{width} are too small: below {LEAST_SIDE}x{LEAST_SIDE} unrelated ones look alike"
    return ""


def _different(equals: EqualGroups, pictures: Pictures) -> Tensor:
    """Rows of one picture of each group of equals, without those too flat to compare."""
    _, first = np.unique(equals.group, return_index=True)
    return torch.from_numpy(np.sort(first[~pictures.flat.numpy()[first]]))


def _near(pictures: Pictures, rows: Tensor, found: ClosePairs) -> Pairs:
    """Found pairs of these rows, by whether their perceptual hashes tell of them too."""
    one, other = rows[found.first], rows[found.second]
    bits = torch.minimum(
        hamming_distances(pictures.hashes[one], pictures.hashes[other]),
        hamming_distances(pictures.hashes[one], pictures.mirrored_hashes[other]),
    )
    kind = np.where(bits.numpy() <= MOST_BITS, KINDS.index("perceptual"), KINDS.index("near"))
    return Pairs(one.numpy(), other.numpy(), kind, found.expected)
