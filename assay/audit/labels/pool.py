"""The pool: what all members say together, half way between two ways of putting witnesses together.

    mixture = sum of weight[m] * p[m]            one of them is right, nobody knows which
    product = prod of p[m] ** weight[m]          each adds evidence of its own
    pool    = sqrt(mixture * product), over its sum

A mixture of members that see different things stays too soft; a product lets one that is surely wrong veto the rest.

Source: Genest and Zidek 1986, Statistical Science 1, 114-135: linear and logarithmic opinion pools.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from assay.audit.labels.calibration import FLOOR, sharpen
from assay.audit.labels.given import row_blocks


def pool_members(
    members: Sequence[np.ndarray], weights: Float[np.ndarray, " members"], sharpness: Float[np.ndarray, " members"]
) -> Float[np.ndarray, "n classes"]:
    """Calibrated members, pooled, in single precision; rows sum to 1."""
    n, classes = members[0].shape
    pool = np.empty((n, classes), dtype=np.float32)
    for rows in row_blocks(n, classes):
        mixture, product = np.zeros((2, rows.stop - rows.start, classes))
        for values, weight, power in zip(members, weights, sharpness, strict=True):
            block = np.maximum(sharpen(values[rows], power), FLOOR / classes)
            mixture += weight * block
            product += weight * np.log(block)
        both = np.sqrt(mixture) * np.exp(0.5 * (product - product.max(1, keepdims=True)))
        pool[rows] = both / both.sum(1, keepdims=True)
    return pool
