"""When to look closely: often at first, where most faults show, then once in `every` steps."""

from __future__ import annotations


def is_sampled(step: int, every: int) -> bool:
    """Whether step `step`, counted from 0, is looked at: 0, 1, 2, 4, 8, ... below `every`, then its multiples."""
    return step % every == 0 or (step < every and step & (step - 1) == 0)
