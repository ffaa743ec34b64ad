"""Which examples a small tree is grown on, and which it is asked about: never the test split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from assay.audit.scan import Scan
from assay.data.data import Data

LEAST = 30
FOLDS, LEAST_IN_FOLDS = 5, 100


@dataclass(frozen=True, eq=False)
class Fold:
    """Places of examples of training and validation, one after the other."""

    grown: Int[np.ndarray, " grown"]
    held: Int[np.ndarray, " held"]


def folds_of(train: int, validation: int) -> tuple[list[Fold], str]:
    """Training and validation; where one has fewer than 30, five folds of both; none of fewer than 100 in all.

    Returns:
        the folds, and what is held out in words.
    """
    if min(train, validation) >= LEAST:
        return [Fold(np.arange(train), np.arange(train, train + validation))], "validation"
    if train + validation < LEAST_IN_FOLDS:
        return [], ""
    return fifths_of(train + validation), "held-out"


def fifths_of(n: int) -> list[Fold]:
    """Each fifth is held out once, by lot and always the same."""
    parts = np.array_split(np.random.default_rng(0).permutation(n), FOLDS)
    return [Fold(np.concatenate(parts[:place] + parts[place + 1 :]), part) for place, part in enumerate(parts)]


def usable_rows(data: Data, scan: Scan) -> Bool[np.ndarray, " m"]:
    """Examples whose target and inputs are such as they should be; others are told of elsewhere."""
    targets = scan.targets.numpy()
    classes = len(data.specification.classes)
    fits = (targets >= 0) & (targets < classes) if classes else np.isfinite(targets)
    return fits & (scan.non_finite.numpy() == 0)
