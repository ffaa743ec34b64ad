"""Fractional factorial of resolution IV: every trick is on in half of the stacks, balanced against every other.

    effect(j) = mean score of stacks with j - mean score of stacks without

n tricks take the smallest power of two that is at least 2 n trainings a seed, and each effect uses all of them: its
standard error is that of the mean of so many. An effect is that on average over what else is on; interactions of
two tricks do not bias it, but are mixed with each other.

Source: Box and Hunter 1961, The 2^(k-p) Fractional Factorial Designs; Hadamard's matrix and its fold-over.
"""

from __future__ import annotations

from assay.ablation.designs.design import Arm, Design, contrast


def factorial(count: int) -> Design:
    """One contrast for each trick, from a Hadamard matrix and its negative."""
    from scipy.linalg import hadamard

    order = 1 << max(0, count - 1).bit_length()
    half = hadamard(order)[:, :count]
    runs: list[Arm] = [tuple(j for j in range(count) if row[j] * sign > 0) for sign in (1, -1) for row in half.tolist()]
    # With j in half of the runs, mean with less mean without is 2 / runs times the signed sum.
    contrasts = tuple(contrast((j,), {arm: (2 if j in arm else -2) / len(runs) for arm in runs}) for j in range(count))
    return Design("factorial", "what it adds on average over what else is on", lambda seed: contrasts)
