"""What to do with unlabelled examples: propose a label, ask a person first, or leave them out.

    drop      a near-duplicate of what is there: it adds nothing
    label     all weighty members agree and the pool is sure
    annotate  the rest; where members disagree a person's label teaches most, so these come first

Source: zhuanlan.zhihu.com/p/359960152 (several models vote on additions); Seung et al. 1992, query by committee.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from assay.audit.labels.fusion import LEAST_CONFIDENCE, Fusion, agreed, check_confidence
from assay.audit.labels.given import check_probabilities
from assay.audit.labels.members import votes_of
from assay.audit.labels.pool import pool_members
from assay.errors import InputError


@dataclass(frozen=True)
class Additions:
    """A row an unlabelled example.

    action: "label", "annotate" or "drop". proposal: the class to label it with, -1 unless the action says so.
    answer: the pool's likeliest class for every example. confidence: the pool's probability of it.
    agreement: the share of the members' weight that agrees with the answer.
    """

    action: np.ndarray
    proposal: np.ndarray
    answer: np.ndarray
    confidence: np.ndarray
    agreement: np.ndarray

    @property
    def to_annotate(self) -> Int[np.ndarray, " some"]:
        """Rows for a person, the most disputed first, and of these the least sure."""
        rows = np.flatnonzero(self.action == "annotate")
        return rows[np.lexsort((self.confidence[rows], self.agreement[rows]))]


def propose_additions(
    probabilities: Mapping[str, np.ndarray],
    fusion: Fusion,
    near_duplicates: np.ndarray | None = None,
    *,
    least_confidence: float = LEAST_CONFIDENCE,
) -> Additions:
    """Sort unlabelled examples by what to do with each.

    Args:
        probabilities: of the same members as the fusion's, (n, classes), trained on the labelled examples.
        fusion: of the labelled examples: its weights say whom to believe.
        near_duplicates: which rows have a near-duplicate among the labelled, or earlier among these.
        least_confidence: of the pool, in (0, 1], to propose a label. Under label noise models are less sure than
            they are right; the threshold is then on the safe side.
    Raises:
        InputError: other members or classes than the fusion's, bad probabilities, or a mask of another shape.
    """
    n, classes = check_probabilities(probabilities)
    if set(probabilities) != set(fusion.members) or classes != fusion.classes:
        raise InputError(
            f"probabilities must be of the fusion's members {', '.join(fusion.members)} over {fusion.classes} classes, "
            f"got {', '.join(probabilities)} over {classes}; train the same models on all labelled examples"
        )
    check_confidence(least_confidence)
    dropped = _mask(near_duplicates, n)
    ordered = {name: probabilities[name] for name in fusion.members}
    weights, sharpness = (np.array([by[name] for name in ordered]) for by in (fusion.weights, fusion.sharpness))
    pool = pool_members([np.asarray(values) for values in ordered.values()], weights, sharpness)
    answer, confidence = pool.argmax(1), pool.max(1).astype(np.float64)
    choices = votes_of(ordered)
    sure = agreed(choices, answer, weights) & (confidence >= least_confidence)
    action = np.where(dropped, "drop", np.where(sure, "label", "annotate"))
    proposal = np.where(action == "label", answer, -1)
    return Additions(action, proposal, answer, confidence, (choices == answer[:, None]) @ weights)


def _mask(near_duplicates: np.ndarray | None, n: int) -> np.ndarray:
    """The mask, all False if there is none.

    Raises:
        InputError: it is not n truth values.
    """
    if near_duplicates is None:
        return np.zeros(n, dtype=bool)
    mask = np.asarray(near_duplicates)
    if mask.shape != (n,) or mask.dtype != bool:
        raise InputError(f"near_duplicates must be {n} truth values, got {mask.dtype} of shape {mask.shape}")
    return mask
