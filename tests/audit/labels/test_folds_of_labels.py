"""Folds: balanced in every class, whole in every group, the same for the same seed."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold

from assay.audit.labels.folds import stratified_folds
from assay.errors import InputError


@pytest.mark.parametrize("seed", range(3))
def test_every_class_is_spread_to_within_one(seed: int) -> None:
    print(f"seed {seed}")
    labels = np.random.default_rng(seed).choice(6, p=[0.4, 0.3, 0.2, 0.05, 0.04, 0.01], size=503)
    fold = stratified_folds(labels, folds=5, seed=seed)
    counts = np.array([[((labels == c) & (fold == f)).sum() for f in range(5)] for c in range(6)])
    assert (counts.max(1) - counts.min(1)).max() <= 1
    assert np.ptp(counts.sum(0)) <= 6


def test_more_folds_than_examples_of_any_class() -> None:
    assert sorted(stratified_folds(np.arange(10), folds=5).tolist()) == sorted(list(range(5)) * 2)


def test_seed() -> None:
    labels = np.arange(100) % 3
    assert np.array_equal(stratified_folds(labels, seed=1), stratified_folds(labels, seed=1))
    assert not np.array_equal(stratified_folds(labels, seed=1), stratified_folds(labels, seed=2))


@pytest.mark.parametrize("seed", range(3))
def test_groups_stay_whole_and_classes_as_even_as_scikit_learn_has_them(seed: int) -> None:
    print(f"seed {seed}")
    draw = np.random.default_rng(seed)
    groups = draw.integers(80, size=600)
    labels = (groups % 3 + (draw.random(600) < 0.2)) % 3
    fold = stratified_folds(labels, folds=4, groups=groups.tolist(), seed=seed)
    assert all(len(set(fold[groups == group])) == 1 for group in set(groups.tolist()))
    theirs = np.empty(600, dtype=int)
    splitter = StratifiedGroupKFold(4, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(splitter.split(labels, labels, groups)):
        theirs[held_out] = number

    def unevenness(folds: np.ndarray) -> float:
        counts = np.array([[((labels == c) & (folds == f)).sum() for f in range(4)] for c in range(3)])
        return float(np.ptp(counts, axis=1).max())

    # Within three groups' worth of the better of the two.
    assert unevenness(fold) <= unevenness(theirs) + 3 * 600 / 80


def test_groups_may_be_names() -> None:
    fold = stratified_folds(np.array([0, 1, 0, 1]), folds=2, groups=["anna", "anna", "ben", "ben"])
    assert fold[0] == fold[1] != fold[2] == fold[3]


@pytest.mark.parametrize(
    ("folds", "groups", "message"),
    [
        (1, None, r"folds must be in 2..6, the number of examples, got 1"),
        (7, None, r"folds must be in 2..6"),
        (3, [0, 0, 0, 1, 1, 1], r"folds must be in 2..2, the number of groups, got 3"),
        (2, [0, 1], "groups must hold one value an example, 6 in all, got 2"),
    ],
)
def test_bad_input(folds: int, groups: list[int] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        stratified_folds(np.arange(6) % 2, folds=folds, groups=groups)
