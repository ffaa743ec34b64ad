"""All pairs: each trick alone, and by how much two together differ from the sum of both.

    effect(j)         = score({j}) - score({})
    interaction(i, j) = score({i, j}) - score({i}) - score({j}) + score({})

Above 0 two tricks help each other, below 0 they do the same work twice, or harm each other.

Source: Montgomery 2017, Design and Analysis of Experiments, section 5.2 (interaction of two factors).
"""

from __future__ import annotations

from itertools import combinations

from assay.ablation.designs.design import BASELINE, Design, contrast, difference


def pairs(count: int) -> Design:
    """One contrast for each trick, then one for each pair."""
    alone = tuple(difference((j,), (j,), BASELINE) for j in range(count))
    together = tuple(
        contrast((i, j), {(i, j): 1.0, (i,): -1.0, (j,): -1.0, BASELINE: 1.0}) for i, j in combinations(range(count), 2)
    )
    return Design(
        "pairs",
        "what it adds to the baseline alone; of a pair, what both add beyond that",
        lambda seed: alone + together,
    )
