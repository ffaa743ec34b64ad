"""Shapley values: what a trick adds, averaged over all orders in which the tricks could be stacked.

    effect(j) = mean over orders of score(those before j, and j) - score(those before j)

They are the only shares that sum to the effect of the whole stack, give equal tricks equal shares and a trick that
changes nothing none. With more than a few tricks the orders are a random sample, drawn anew for each seed together
with its reverse, so that the spread over seeds tells of the sample too.

Source: Shapley 1953, A Value for n-Person Games; sampled orders: Castro, Gomez and Tejada 2009, Polynomial calculation
of the Shapley value based on sampling; reverses: Mitchell et al. 2022 (arXiv:2104.12199), section 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import permutations

import torch

from assay.ablation.designs.design import BASELINE, Arm, Contrast, Design, contrast, difference
from assay.randomness import generator_for

MOST_EXACT = 3
"""Tricks of which all orders are taken: 2^3 stacks."""


def shapley(count: int, *, orders: int = 2, seed: int = 0) -> Design:
    """One contrast for each trick; with a full and an empty stack in every seed, they sum to the effect of all.

    Args:
        orders: for each seed, an even number; each order is drawn with its reverse. Of three tricks or fewer all
            orders are taken instead.
        seed: draws the orders.
    Raises:
        ValueError: orders is odd or below 2.
    """
    if orders < 2 or orders % 2:
        raise ValueError(f"orders must be even and at least 2, as each is taken with its reverse, got {orders}")

    def contrasts(training_seed: int) -> tuple[Contrast, ...]:
        if count <= MOST_EXACT:
            return _mean_contributions(count, list(permutations(range(count))))
        generator = generator_for(seed, f"orders of seed {training_seed}")
        drawn = [tuple(torch.randperm(count, generator=generator).tolist()) for _ in range(orders // 2)]
        return _mean_contributions(count, [order for one in drawn for order in (one, one[::-1])])

    everything = tuple(range(count))
    return Design("shapley", "what it adds, averaged over orders of stacking", contrasts,
                  difference(everything, everything, BASELINE))  # fmt: skip


def _mean_contributions(count: int, orders: Sequence[Arm]) -> tuple[Contrast, ...]:
    weights: list[dict[Arm, float]] = [defaultdict(float) for _ in range(count)]
    for order in orders:
        for place, j in enumerate(order):
            weights[j][tuple(sorted(order[: place + 1]))] += 1 / len(orders)
            weights[j][tuple(sorted(order[:place]))] -= 1 / len(orders)
    return tuple(contrast((j,), weights[j]) for j in range(count))
