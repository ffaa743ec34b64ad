"""Forgetting events: examples that are learnt and lost again, which clean and typical ones seldom are.

    an event: the answer was right in one epoch and is wrong in the next

Source: Toneva et al. 2019 (arXiv:1812.05159), section 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from assay.audit.labels.dynamics import each_epoch


@dataclass(frozen=True)
class Forgetting:
    """A row an example: events, and the first epoch (from 0) with the right answer, -1 if it was never right.

    The paper ranks what was never learnt as forgotten most of all: `order` does so.
    """

    events: np.ndarray
    first_learnt: np.ndarray

    @property
    def order(self) -> np.ndarray:
        """All rows, the never learnt first, then by falling number of events."""
        return np.lexsort((-self.events, self.first_learnt >= 0))


def count_forgetting(epochs: Iterable[np.ndarray], labels: np.ndarray) -> Forgetting:
    """Count, for each example, how often it was forgotten.

    Args:
        epochs: training probabilities (n, classes) of each epoch, in order.
    Raises:
        InputError: no epoch, bad probabilities or labels.
    """
    right = np.stack([values.argmax(1) == given for values, given in each_epoch(epochs, labels)])
    return forgetting_of(right)


def forgetting_of(right: Bool[np.ndarray, "epochs n"]) -> Forgetting:
    """The same of whether the given label was the answer, in each epoch."""
    events = (right[:-1] & ~right[1:]).sum(0)
    return Forgetting(events, np.where(right.any(0), right.argmax(0), -1))
