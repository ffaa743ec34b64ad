"""Stacking: members weigh what they add to the likelihood of labels that they have not seen.

    weight = argmax of mean log sum over members of weight[m] * p[m][given label],  weight >= 0, sum 1

The best weights are found by expectation and maximisation: each label is shared among the members by
weight[m] * p[m][label], and a member's share of all labels is its next weight. Only members' probabilities of the
given labels are read, so ten thousand classes cost no more than ten.

The labels may be wrong, and do not have to be right: noise that does not depend on the example takes the same
from every member's likelihood. What it bends: a member that has learnt the noise itself is preferred (where wrong
labels go by what an example looks like), which no weighting that sees only these labels can know.

Source: Wolpert 1992, Neural Networks 5, 241-259; Yao et al. 2018 (arXiv:1704.02030), stacking of predictive
distributions; Dempster, Laird and Rubin 1977 for the iteration.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from assay.audit.labels.members import LEAST

STEPS = 200
SETTLED = 1e-5
"""Of any weight, between two steps: far below what changes a ranking."""


def stacking_weights(own: Float[np.ndarray, "members n"]) -> Float[np.ndarray, " members"]:
    """Weights that sum to 1, given each member's out-of-fold probability of the given labels."""
    own = np.maximum(own, LEAST)
    weights = np.full(len(own), 1 / len(own))
    for _ in range(STEPS):
        shares = weights[:, None] * own
        updated = (shares / shares.sum(0)).mean(1)
        change = float(np.abs(updated - weights).max())
        weights = updated
        if change < SETTLED:
            break
    return weights / weights.sum()


def pool_weights(
    own: Float[np.ndarray, "members n"], labels: Int[np.ndarray, " n"], classes: int
) -> Float[np.ndarray, " members"]:
    """Stacking weights beside class frequencies, whose share is then left out.

    They take up the labels that no member foresees. Without them these would go to whichever member is least sure of
    anything, and under much noise the weakest would weigh most. Equal where frequencies beat all members.
    """
    weights = stacking_weights(np.vstack([own, frequencies_of(labels, classes)]))[:-1]
    total = weights.sum()
    return weights / total if total > SETTLED else np.full(len(own), 1 / len(own))


def frequencies_of(labels: Int[np.ndarray, " n"], classes: int) -> Float[np.ndarray, " n"]:
    """How common each example's label is."""
    return (np.bincount(labels, minlength=classes) / len(labels))[labels]
