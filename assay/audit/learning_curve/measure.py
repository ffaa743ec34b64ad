"""Train on growing subsets: for each seed one order of the examples, and every subset the beginning of it.

Nested subsets and a common seed pair the sizes: what is luck of the draw moves a whole curve, not its slope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int

from assay.audit.learning_curve.curve import Curve
from assay.randomness import derive_seed

Measured = float | tuple[float, Float[np.ndarray, " classes"]]
Train = Callable[[Int[np.ndarray, " size"], int], Measured]


def measure_curve(
    train: Train, *, examples: int, sizes: Sequence[int], seeds: Sequence[int], labels: Sequence[int] | None = None
) -> Curve:
    """Errors of `train(indices, seed)` for every size under every seed, smallest sizes first.

    Args:
        train: trains from scratch on the examples at `indices` and returns the error on held-out examples that
            are always the same; or that error and the error of each class.
        examples: how many training examples there are; indices are in 0..examples - 1.
        labels: class indices; then every subset holds each class in about its share of the whole.
    Raises:
        ValueError: a size is above `examples`, labels are not one an example, or `Curve` refuses the outcome.
    """
    if not sizes or max(sizes) > examples:
        raise ValueError(f"sizes must not be empty nor exceed {examples} examples, got {tuple(sizes)}")
    if labels is not None and len(labels) != examples:
        raise ValueError(f"labels must be one for each of {examples} examples, got {len(labels)}")
    orders = [order_examples(examples, seed, labels) for seed in seeds]
    outcomes = [[_both(train(order[:size], seed)) for order, seed in zip(orders, seeds, strict=True)] for size in sizes]
    errors = np.array([[error for error, _ in row] for row in outcomes], dtype=float)
    by_class = [[classes for _, classes in row] for row in outcomes]
    known = all(classes is not None for row in by_class for classes in row)
    return Curve(tuple(sizes), errors, np.array(by_class, dtype=float) if known else None)


def order_examples(examples: int, seed: int, labels: Sequence[int] | None = None) -> Int[np.ndarray, " examples"]:
    """A random order; with labels, one whose every beginning is near to stratified."""
    generator = np.random.default_rng(derive_seed(seed, "learning curve order", examples))
    order = generator.permutation(examples)
    if labels is None:
        return order
    drawn = np.asarray(labels)[order]
    place = np.empty(examples)
    for label in np.unique(drawn):
        members = np.flatnonzero(drawn == label)
        # The j-th of m members stands at a random place in the j-th m-th part of the order.
        place[members] = (np.arange(len(members)) + generator.random(len(members))) / len(members)
    return order[np.argsort(place, kind="stable")]


def _both(outcome: Measured) -> tuple[float, np.ndarray | None]:
    return outcome if isinstance(outcome, tuple) else (float(outcome), None)
