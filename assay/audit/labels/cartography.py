"""Data cartography: easy, ambiguous and hard examples, by how p of the given label runs through training.

    confidence  = mean over epochs of p[given]
    variability = standard deviation over epochs of p[given]
    correctness = share of epochs in which the given label is the answer

Hard examples (low confidence, low variability) are often mislabelled; ambiguous ones (high variability) teach most.

Source: Swayamdipta et al. 2020 (arXiv:2009.10795), section 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from assay.audit.labels.dynamics import each_epoch


@dataclass(frozen=True)
class Cartography:
    """A row an example; all three in [0, 1]."""

    confidence: np.ndarray
    variability: np.ndarray
    correctness: np.ndarray


def map_training(epochs: Iterable[np.ndarray], labels: np.ndarray) -> Cartography:
    """Where each example lies on the map.

    Args:
        epochs: training probabilities (n, classes) of each epoch.
    Raises:
        InputError: no epoch, bad probabilities or labels.
    """
    own, right = [], []
    for values, given in each_epoch(epochs, labels):
        own.append(values[np.arange(len(given)), given].astype(np.float64))
        right.append(values.argmax(1) == given)
    return Cartography(np.mean(own, axis=0), np.std(own, axis=0), np.mean(right, axis=0))
