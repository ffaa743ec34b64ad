"""Which class is labelled as which, read off the clear examples, and taken out of the pool again.

Models trained on noisy labels foresee the *given* label, noise and all: where a third of all cats are called dogs,
they hold a clear cat for a third of a dog, and every wrong "dog" looks a third right. With

    T[k][j] = chance that an example of class k is labelled j

the pool q foresees p T, where p is about the true class. One step of expectation and maximisation from p = q gives

    p[k] = q[k] * sum over j of T[k][j] * q[j] / (q T)[j]

T is counted over the quarter of examples of each answered class in which the pool is clearest. Where noise sits on
hard examples there is little in these, T is nearly diagonal, and p is nearly q: the step then does nothing. One
step, not many: T holds some of the models' own confusions too, and further steps would believe them.

Source: Patrini et al. 2017 (arXiv:1609.03683), section 4.2: T from the clearest examples; Richardson 1972, Journal of
the Optical Society of America 62, 55-59: the step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from jaxtyping import Bool, Float, Int

from assay.audit.labels.given import row_blocks
from assay.audit.labels.members import LEAST

CLEAR_SHARE = 0.25
LEAST_CLEAR = 10
PRIOR = 10.0
"""Examples' worth of belief, for each class, that wrong labels are spread evenly."""
MOST_NOISE = 0.5
"""Believed before counting: of a class whose labels are more often wrong than right nothing can be learnt."""


@dataclass(frozen=True)
class Transition:
    """T, kept as sparse counts and an even prior, so that 10,000 classes take no 10,000 x 10,000 numbers.

    counts: (true class, given label) over the clear examples. share: of these, how many differ.
    """

    counts: sparse.csr_array
    share: float
    classes: int

    def dense(self) -> Float[np.ndarray, "classes classes"]:
        """T itself; rows sum to 1."""
        return self.forward(np.eye(self.classes))

    def forward(self, truth: Float[np.ndarray, "n classes"]) -> Float[np.ndarray, "n classes"]:
        """What labels these probabilities of true classes lead to: truth T."""
        scaled = truth / self._totals
        return np.asarray(scaled @ self.counts) + self._kept * scaled + self._spread * scaled.sum(1, keepdims=True)

    def backward(self, ratio: Float[np.ndarray, "n classes"]) -> Float[np.ndarray, "n classes"]:
        """ratio T transposed."""
        found = np.asarray(ratio @ self.counts.T) + self._kept * ratio + self._spread * ratio.sum(1, keepdims=True)
        return found / self._totals

    @property
    def _totals(self) -> Float[np.ndarray, " classes"]:
        return np.asarray(self.counts.sum(1)).ravel() + PRIOR

    @property
    def _spread(self) -> float:
        return PRIOR * min(self.share, MOST_NOISE) / (self.classes - 1)

    @property
    def _kept(self) -> float:
        return PRIOR * (1 - min(self.share, MOST_NOISE)) - self._spread


def clear_examples(pool: Float[np.ndarray, "n classes"], share: float = CLEAR_SHARE) -> Bool[np.ndarray, " n"]:
    """The examples that the pool is surest of, `share` of each class it answers, ten at least if there are."""
    answers, sureness = pool.argmax(1), _sureness(pool)
    order = np.lexsort((-sureness, answers))
    counts = np.bincount(answers, minlength=pool.shape[1])
    rank = np.arange(len(answers)) - np.repeat(np.cumsum(counts) - counts, counts)
    wanted = np.maximum(LEAST_CLEAR, np.floor(share * counts))
    mask = np.zeros(len(answers), dtype=bool)
    mask[order[rank < wanted[answers[order]]]] = True
    return mask


def estimate_transition(pool: Float[np.ndarray, "n classes"], labels: Int[np.ndarray, " n"]) -> Transition:
    """T from the labels that clear examples carry."""
    clear, classes = clear_examples(pool), pool.shape[1]
    answers = pool.argmax(1)[clear]
    places = (answers, labels[clear])
    counts = sparse.coo_array((np.ones(len(answers)), places), shape=(classes, classes)).tocsr()
    return Transition(counts, float((answers != labels[clear]).mean()), classes)


def without_noise(pool: Float[np.ndarray, "n classes"], transition: Transition) -> Float[np.ndarray, "n classes"]:
    """The pool's probabilities after one step towards the true class; rows sum to 1."""
    found = np.empty_like(pool)
    for rows in row_blocks(len(pool), pool.shape[1]):
        block = np.maximum(pool[rows].astype(np.float64), LEAST)
        block /= block.sum(1, keepdims=True)
        block *= transition.backward(block / transition.forward(block))
        found[rows] = block / block.sum(1, keepdims=True)
    return found


def _sureness(pool: Float[np.ndarray, "n classes"]) -> Float[np.ndarray, " n"]:
    """The log of the likeliest class's probability over that of the second."""
    found = np.empty(len(pool))
    for rows in row_blocks(len(pool), pool.shape[1]):
        highest = np.partition(pool[rows], -2, axis=1)[:, -2:].astype(np.float64)
        found[rows] = np.log(np.maximum(highest[:, 1], LEAST)) - np.log(np.maximum(highest[:, 0], LEAST))
    return found
