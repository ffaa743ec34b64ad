"""Who must be judged together: examples with equal inputs, and images that are nearly the same.

An example whose twin was trained on is judged by its twin's label.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from assay.audit.equal_groups import group_equals
from assay.audit.scan import scan
from assay.audit.similar.like_examples import find_like_examples
from assay.data.data import Data
from assay.data.split import Split
from assay.finding import Skipped


def groups_of(
    data: Data, everything: Split, seconds: float, *, seed: int = 0
) -> tuple[Int[np.ndarray, " n"], tuple[Skipped, ...]]:
    """The group of each example, and what there was no time for.

    Args:
        seconds: for comparing all images with all; equal ones are found without.
    """
    equals = group_equals({"all": scan(everything, texts=data.texts, seed=seed)})
    if not data.specification.is_image:
        return equals.group, ()
    like = find_like_examples(data, equals, seconds=max(0.0, seconds), seed=seed)
    if isinstance(like, Skipped):
        return equals.group, (Skipped("near_duplicates_in_one_fold", like.reason),)
    return like.group, ()
