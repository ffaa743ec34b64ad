"""What a finished run keeps of each example it was judged on, so that two runs can be compared example by example."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from torch import Tensor

from assay.trial import pack, unpack


def keep_scores(ids: Sequence[str], scores: Float[Tensor, " n"]) -> dict[str, Any]:
    """Plain JSON values: which examples they are, as a digest, and the score of each, whose mean is the metric."""
    return {"ids": digest_of(ids), "scores": pack(scores.numpy().astype(np.float32))}


def same_examples(
    first: Mapping[str, Any] | None, second: Mapping[str, Any] | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """The scores (n,) of both where both were judged on the same examples in the same order; else None."""
    if not first or not second or first["ids"] != second["ids"]:
        return None
    return unpack(first["scores"]), unpack(second["scores"])


def digest_of(ids: Sequence[str]) -> str:
    """16 hex digits."""
    return hashlib.blake2b(repr(tuple(ids)).encode(), digest_size=8).hexdigest()
