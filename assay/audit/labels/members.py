"""What a ranking reads of probabilities: the margin of the given label, and the vote.

    log margin = log p[given] - max over others of log p[other]

Source: Northcutt et al. 2021 (arXiv:1911.00068), section 3: self-confidence and margin as rankings.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int

from assay.audit.labels.given import row_blocks

LEAST = 1e-6
"""Below it a probability says no more: fifteen neighbours of which none votes do not prove that none could."""


def log_margin(values: Float[np.ndarray, "n classes"], labels: Int[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """By how much the given label is ahead of the best other one, in nats; below 0 where another is preferred."""
    found = np.empty(len(labels))
    for rows in row_blocks(len(values), values.shape[1]):
        block = np.log(np.maximum(values[rows].astype(np.float64), LEAST))
        places = np.arange(len(block)), labels[rows]
        own = block[places].copy()
        block[places] = -np.inf
        found[rows] = own - block.max(1)
    return found


def votes_of(probabilities: Mapping[str, np.ndarray]) -> Int[np.ndarray, "n members"]:
    """The class that each member holds for likeliest."""
    return np.stack([np.asarray(values).argmax(1) for values in probabilities.values()], axis=1).astype(np.int64)
