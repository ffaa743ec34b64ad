"""Out-of-fold probabilities: no example judges itself, columns are right, and real digits are learnt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from assay.audit.labels.folds import stratified_folds
from assay.audit.labels.fuse import fuse
from assay.audit.labels.out_of_fold import out_of_fold
from assay.audit.labels.usual_members import usual_members
from assay.errors import InputError


class Memory:
    """Answers with certainty for inputs that it has seen, evenly for others."""

    def fit(self, inputs: Any, labels: Any) -> Memory:
        self.seen = {float(value): int(label) for value, label in zip(inputs[:, 0], labels, strict=True)}
        self.classes_ = np.unique(labels)
        return self

    def predict_proba(self, inputs: Any) -> np.ndarray:
        even = np.full(len(self.classes_), 1 / len(self.classes_))
        sure = {label: np.where(self.classes_ == label, 1.0, 0.0) for label in self.classes_}
        return np.stack([sure[self.seen[float(v)]] if float(v) in self.seen else even for v in inputs[:, 0]])


def test_no_model_has_seen_what_it_judges() -> None:
    inputs, labels = np.arange(40.0)[:, None], np.arange(40) % 2
    assert out_of_fold({"memory": Memory}, inputs, labels)["memory"] == pytest.approx(0.5)


def test_twins_give_it_away_unless_they_are_a_group() -> None:
    inputs, labels = np.repeat(np.arange(20.0), 2)[:, None], np.repeat(np.arange(20) % 2, 2)
    apart = out_of_fold({"memory": Memory}, inputs, labels, folds=4, seed=1)["memory"]
    assert apart.max() == 1.0
    together = out_of_fold({"memory": Memory}, inputs, labels, folds=4, groups=inputs[:, 0], seed=1)["memory"]
    assert together == pytest.approx(0.5)


def test_agrees_with_scikit_learn_on_the_same_folds() -> None:
    draw = np.random.default_rng(0)
    labels = draw.integers(3, size=120)
    inputs = draw.standard_normal((120, 4)) + labels[:, None]
    found = out_of_fold({"line": LogisticRegression}, inputs, labels, folds=3, seed=5)["line"]
    folds = PredefinedSplit(stratified_folds(labels, folds=3, seed=5))
    theirs = cross_val_predict(LogisticRegression(), inputs, labels, cv=folds, method="predict_proba")
    assert found == pytest.approx(theirs, abs=1e-6)


def test_classes_that_a_fold_lacks_get_none() -> None:
    """Class 3 has one example: the model that judges it has not seen the class. Class 4 has none."""
    labels = np.array([0, 1, 2] * 10 + [3])
    inputs = np.random.default_rng(0).standard_normal((31, 2))
    found = out_of_fold({"line": LogisticRegression}, inputs, labels, classes=5)["line"]
    assert found.shape == (31, 5)
    assert found[30, 3] == 0.0
    assert (found[:, 4] == 0.0).all()
    assert found.sum(1) == pytest.approx(1.0, abs=1e-5)


def test_usual_members_find_planted_errors_in_digits() -> None:
    digits = load_digits()
    inputs, truth = digits.data[:500] / 16.0, digits.target[:500]
    draw = np.random.default_rng(0)
    wrong = draw.random(500) < 0.1
    given = np.where(wrong, (truth + draw.integers(1, 10, size=500)) % 10, truth)
    probabilities = out_of_fold(usual_members(400), inputs, given)
    assert list(probabilities) == ["logistic regression", "nearest neighbours"]
    suspects = fuse(probabilities, given).suspects[: int(wrong.sum())]
    assert wrong[suspects].mean() > 0.85


def test_neighbours_are_never_more_than_there_are() -> None:
    inputs, labels = np.random.default_rng(0).standard_normal((8, 2)), np.arange(8) % 2
    assert out_of_fold(usual_members(4), inputs, labels, folds=2)["nearest neighbours"].shape == (8, 2)


class Wrong(Memory):
    def predict_proba(self, inputs: Any) -> np.ndarray:
        return np.ones((len(inputs), 7))


@pytest.mark.parametrize(
    ("members", "labels", "message"),
    [
        ({}, np.arange(6) % 2, "members must name at least one model"),
        ({"a": Memory}, np.arange(5) % 2, "inputs must have one row a label, 5, got 6"),
        ({"a": Memory}, np.zeros(6, dtype=int), "at least 2 classes, got 1"),
        ({"a": Memory}, np.arange(6) % 2 - 1, "labels must be in|at least 2 classes"),
        ({"a": Wrong}, np.arange(6) % 2, r"predict_proba of member 'a' must be .* shape \(3, 2\)"),
    ],
)
def test_bad_input(members: dict[str, Any], labels: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        out_of_fold(members, np.arange(6.0)[:, None], labels, folds=2)


def test_no_examples() -> None:
    with pytest.raises(InputError, match="at least one example, got 0"):
        out_of_fold({"a": Memory}, np.empty((0, 2)), np.empty(0, dtype=int))
