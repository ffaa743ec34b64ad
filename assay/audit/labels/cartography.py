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
from jaxtyping import Bool, Float

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
    return map_columns(np.stack(own), np.stack(right))


def map_columns(own: Float[np.ndarray, "epochs n"], right: Bool[np.ndarray, "epochs n"]) -> Cartography:
    """The same of p of the given label, and whether it was the answer, in each epoch."""
    return Cartography(own.mean(0), own.std(0), right.mean(0))
