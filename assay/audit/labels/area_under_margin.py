"""Area under the margin: wrong labels are learnt against the pull of all examples like them.

    AUM = mean over epochs of (z[given] - max over others of z[other])

A margin of logits is one of log probabilities, as softmax takes the same from both: probabilities are enough.

Source: Pleiss et al. 2020 (arXiv:2001.10528), equation 2.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float

from assay.audit.labels.dynamics import each_epoch
from assay.audit.labels.members import log_margin


def area_under_margin(epochs: Iterable[np.ndarray], labels: np.ndarray) -> Float[np.ndarray, " n"]:
    """Mean margin of the given label over epochs, in nats; low, and below 0, is suspicious.

    Args:
        epochs: training probabilities (n, classes) of each epoch, in order. The paper stops before the learning
            rate first drops: later a network has learnt its wrong labels too.
    Raises:
        InputError: no epoch, bad probabilities or labels.
    """
    margins = [log_margin(values, given) for values, given in each_epoch(epochs, labels)]
    return np.mean(margins, axis=0)
