"""Leave one out: the whole stack without each trick in turn.

    effect(j) = score(all) - score(all without j)

What is lost by dropping a trick from a stack that works; two tricks that do the same both seem worthless.

Source: Meyes et al. 2019, Ablation Studies in Artificial Neural Networks (arXiv:1901.08644).
"""

from __future__ import annotations

from assay.ablation.designs.design import Design, difference


def leave_one_out(count: int) -> Design:
    """One contrast for each trick."""
    whole = tuple(range(count))
    contrasts = tuple(difference((j,), whole, tuple(i for i in whole if i != j)) for j in whole)
    return Design("leave-one-out", "what the whole stack loses without it", lambda seed: contrasts)
