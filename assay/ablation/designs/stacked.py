"""Stacked in order, as the tables of papers are: each trick on top of those before it.

    effect(j) = score({1..j}) - score({1..j - 1})

On the same seeds the effects sum to that of the whole stack, but each depends on the order; what is clear stops early.

Source: He et al. 2018, Bag of Tricks for Image Classification, table 6 (arXiv:1812.01187).
"""

from __future__ import annotations

from assay.ablation.designs.design import Design, difference


def stacked(count: int) -> Design:
    """One contrast for each trick, in the order given."""
    contrasts = tuple(difference((j,), tuple(range(j + 1)), tuple(range(j))) for j in range(count))
    return Design("stacked", "what it adds to the tricks before it", lambda seed: contrasts)
