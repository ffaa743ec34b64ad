"""Train on growing subsets: for each seed one order of the examples, and every subset the beginning of it.

Nested subsets and a common seed pair the sizes: what is luck of the draw moves a whole curve, not its slope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int

from assay.audit.learning_curve.curve import LEAST_SPAN, Curve
from assay.audit.learning_curve.sizes import LEAST_SIZES
from assay.randomness import derive_seed

Measured = float | tuple[float, Float[np.ndarray, " classes"]]
Train = Callable[[Int[np.ndarray, " size"], int], Measured]
TimeIsLeft = Callable[[Sequence[tuple[int, int]]], bool]
"""Whether these trainings, pairs of size and seed, can still be made."""
Outcome = tuple[float, np.ndarray | None]


class OutOfTimeError(Exception):
    """A training that is not begun, as it would not end in time."""


def measure_curve(
    train: Train,
    *,
    examples: int,
    sizes: Sequence[int],
    seeds: Sequence[int],
    labels: Sequence[int] | None = None,
    more_seeds: Sequence[int] = (),
    time_is_left: TimeIsLeft = lambda pairs: True,
) -> Curve:
    """Errors of `train(indices, seed)` for every size under every seed, smallest sizes first.

    Args:
        train: trains from scratch on the examples at `indices` and returns the error on held-out examples that
            are always the same; or that error and the error of each class.
        examples: how many training examples there are; indices are in 0..examples - 1.
        labels: class indices; then every subset holds each class in about its share of the whole.
        more_seeds: tried for all sizes, one after another, once all sizes are measured.
        time_is_left: asked before each size, and before each of more_seeds, with the trainings to come; where it
            refuses, larger sizes and further seeds are left out, as far as 5 sizes that span a factor of 4 are there.
    Raises:
        OutOfTimeError: `train` raised it, and there are not yet so many sizes; else what is finished is the curve.
        ValueError: a size is above `examples`, labels are not one an example, or `Curve` refuses the outcome.
    """
    if not sizes or max(sizes) > examples:
        raise ValueError(f"sizes must not be empty nor exceed {examples} examples, got {tuple(sizes)}")
    if labels is not None and len(labels) != examples:
        raise ValueError(f"labels must be one for each of {examples} examples, got {len(labels)}")
    orders = {seed: order_examples(examples, seed, labels) for seed in (*seeds, *more_seeds)}
    columns = {seed: list[Outcome]() for seed in seeds}
    for place, size in enumerate(sizes):
        enough = place >= LEAST_SIZES and sizes[place - 1] >= LEAST_SPAN * sizes[0]
        if enough and not time_is_left([(size, seed) for seed in seeds]):
            sizes = sizes[:place]
            break
        try:
            row = [_both(train(orders[seed][:size], seed)) for seed in seeds]
        except OutOfTimeError:
            if not enough:
                raise
            sizes = sizes[:place]
            break
        for seed, outcome in zip(seeds, row, strict=True):
            columns[seed].append(outcome)
    for seed in more_seeds:
        if not time_is_left([(size, seed) for size in sizes]):
            break
        try:
            columns[seed] = [_both(train(orders[seed][:size], seed)) for size in sizes]
        except OutOfTimeError:
            break
    return _curve_of(sizes, list(columns.values()))


def _curve_of(sizes: Sequence[int], columns: list[list[Outcome]]) -> Curve:
    errors = np.array([[error for error, _ in column] for column in columns], dtype=float).T
    by_class = [[classes for _, classes in column] for column in columns]
    if any(classes is None for column in by_class for classes in column):
        return Curve(tuple(sizes), errors)
    return Curve(tuple(sizes), errors, np.array(by_class, dtype=float).swapaxes(0, 1))


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


def _both(outcome: Measured) -> Outcome:
    return outcome if isinstance(outcome, tuple) else (float(outcome), None)
