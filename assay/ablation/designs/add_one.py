"""Add one: each trick alone on the baseline.

    effect(j) = score({j}) - score({})

The cheapest: n tricks take n + 1 trainings a seed. It does not see what tricks do to each other.
"""

from __future__ import annotations

from assay.ablation.designs.design import BASELINE, Design, difference


def add_one(count: int) -> Design:
    """One contrast for each trick."""
    contrasts = tuple(difference((j,), (j,), BASELINE) for j in range(count))
    return Design("add-one", "what it adds to the baseline alone", lambda seed: contrasts)
