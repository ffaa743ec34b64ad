"""Nearest neighbours: how far remembering reaches.

The answer is the vote (or mean) of the k training examples at the smallest Euclidean distance.

Source: Cover and Hart 1967, IEEE Transactions on Information Theory 13, 21-27.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from assay.baselines.sample import Sample
from assay.data.specification import Specification
from assay.evaluation import score

CANDIDATES = (1, 5)
HELD_OUT_SHARE = 0.2
MOST_HELD_OUT = 1_000
CHUNK = 512


def predict_neighbours(
    train: Sample, queries: Float[Tensor, "n features"], specification: Specification, *, k: int
) -> Float[Tensor, "n outputs"]:
    """Vote shares of the k nearest training examples, or their mean target; needs 1 <= k <= len(train).

    Of classes with equally many votes the one with the nearer voters wins.
    """
    targets = train.targets[nearest(train.features, queries, k=k)]
    if specification.task == "regression":
        return targets.float().mean(1, keepdim=True)
    ranks = torch.arange(k, 0, -1) / k
    # Too small to overturn a vote: all ranks together add less than half a vote.
    weights = 1.0 + ranks * (0.4 / k)
    votes = (F.one_hot(targets, specification.num_outputs) * weights[None, :, None]).sum(1)
    return votes / votes.sum(1, keepdim=True)


def nearest(
    references: Float[Tensor, "m features"], queries: Float[Tensor, "n features"], *, k: int
) -> Int[Tensor, "n k"]:
    """Indices of the k nearest references of each query, nearest first; holds (512, m) at a time.

    |q - r|^2 = |q|^2 - 2 q.r + |r|^2, of which |q|^2 orders nothing.

    Raises:
        ValueError: k is outside 1..m.
    """
    if not 1 <= k <= len(references):
        raise ValueError(f"k must be in 1..{len(references)}, the number of references, got {k}")
    # Distances do not change under a shift; centred features lose less to rounding.
    centre = references.mean(0)
    references = references - centre
    lengths = references.square().sum(1)
    found = [
        torch.addmm(lengths, chunk - centre, references.T, alpha=-2.0).topk(k, dim=1, largest=False).indices
        for chunk in queries.split(CHUNK)
    ]
    return torch.cat(found)


def choose_k(train: Sample, specification: Specification) -> int:
    """The better of 1 and 5 on a fifth of `train` (at most 1,000) held out from the rest; 1 when equal."""
    held_out = min(MOST_HELD_OUT, int(HELD_OUT_SHARE * len(train)))
    rest = Sample(train.features[held_out:], train.targets[held_out:])
    usable = [k for k in CANDIDATES if k <= len(rest)]
    if held_out == 0 or len(usable) < 2:
        return CANDIDATES[0]
    judged = train.first(held_out)
    values = [
        score(predict_neighbours(rest, judged.features, specification, k=k), judged.targets, specification).value
        for k in usable
    ]
    return usable[values.index(max(values))]
