"""Two members that need no network: a line and a memory, which err in different ways.

Source: Cover and Hart 1967 (nearest neighbours); Cox 1958 (logistic regression).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

NEIGHBOURS = 15
"""A wrong label among so many is outvoted; more would blur rare classes."""
STRENGTH = 0.1
"""Of logistic regression, the inverse of its penalty: wrong labels are to be smoothed over, not learnt."""


def usual_members(training_examples: int) -> dict[str, Callable[[], Any]]:
    """Factories of logistic regression and of nearest neighbours, on standardised features; add your own by name.

    Args:
        training_examples: the fewest that a model will see, as there cannot be more neighbours than these.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    neighbours = max(1, min(NEIGHBOURS, training_examples))
    return {
        "logistic regression": lambda: make_pipeline(
            StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000, tol=1e-3)
        ),
        "nearest neighbours": lambda: make_pipeline(StandardScaler(), KNeighborsClassifier(neighbours)),
    }
