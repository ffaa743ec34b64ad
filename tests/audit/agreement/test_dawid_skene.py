"""Dawid-Skene: a plain implementation, a known truth found again, and better labels than the majority's."""

from __future__ import annotations

import numpy as np
import pytest

from assay.audit.agreement import Annotations, fuse_annotators, majority_labels


def annotations_of(labels: np.ndarray, classes: int) -> Annotations:
    n, people = labels.shape
    names = tuple("abcdefghijklmnop"[:people])
    return Annotations(tuple(map(str, range(n))), names, tuple(map(str, range(classes))), labels)


def simulate(seed: int, accuracies: tuple[float, ...], *, n: int = 600, classes: int = 3, missing: float = 0.2):
    """People who are right with their own probability and else answer any other class."""
    print("seed", seed)
    drawn = np.random.default_rng(seed)
    truth = drawn.integers(0, classes, n)
    right = drawn.random((n, len(accuracies))) < np.array(accuracies)
    wrong = (truth[:, None] + drawn.integers(1, classes, right.shape)) % classes
    labels = np.where(right, truth[:, None], wrong)
    labels[drawn.random(right.shape) < missing] = -1
    return truth, annotations_of(labels, classes)


def plain_em(labels: np.ndarray, classes: int, smoothing: float, steps: int) -> np.ndarray:
    """Dawid-Skene as it is written, example by example."""
    n, people = labels.shape
    belief = np.array([[(row == j).sum() / (row >= 0).sum() for j in range(classes)] for row in labels])
    for _ in range(steps):
        prior = np.array([belief[:, j].sum() + smoothing for j in range(classes)])
        prior /= prior.sum()
        confusion = np.zeros((people, classes, classes))
        for k in range(people):
            for j in range(classes):
                for answer in range(classes):
                    confusion[k, j, answer] = belief[labels[:, k] == answer, j].sum() + smoothing
                confusion[k, j] /= confusion[k, j].sum()
        for i in range(n):
            for j in range(classes):
                belief[i, j] = prior[j]
                for k in range(people):
                    if labels[i, k] >= 0:
                        belief[i, j] *= confusion[k, j, labels[i, k]]
            belief[i] /= belief[i].sum()
    return belief


def test_it_agrees_with_a_plain_implementation() -> None:
    drawn = np.random.default_rng(420)
    print("seed 420")
    labels = drawn.integers(-1, 3, (25, 4))
    labels[:, 0] = np.abs(labels[:, 0])
    fused = fuse_annotators(annotations_of(labels, 3), smoothing=0.1, steps=5)
    assert fused.posterior == pytest.approx(plain_em(labels, 3, 0.1, 5), abs=1e-10)


def test_quality_is_recovered_and_labels_are_better_than_the_majority() -> None:
    accuracies = (0.95, 0.9, 0.5, 0.45, 0.4)
    for seed in range(421, 425):
        truth, annotations = simulate(seed, accuracies, n=1000)
        fused, majority = fuse_annotators(annotations), majority_labels(annotations)
        answered = fused.labels >= 0
        better = (fused.labels == truth)[answered].mean() - (majority == truth)[answered].mean()
        assert better > 0.05
        for wanted, found in zip(accuracies, fused.quality, strict=True):
            assert found is not None
            # Two standard errors at 800 answers are .035, and the truth itself is estimated.
            assert found.value == pytest.approx(wanted, abs=0.06)
        assert fused.converged


def test_with_people_of_one_quality_it_is_about_the_majority() -> None:
    truth, annotations = simulate(425, (0.75,) * 5, missing=0.0)
    fused, majority = fuse_annotators(annotations), majority_labels(annotations)
    assert abs((fused.labels == truth).mean() - (majority == truth).mean()) < 0.02


def test_a_person_who_swaps_two_classes_is_understood() -> None:
    truth, annotations = simulate(426, (0.85, 0.85, 0.85), classes=2, missing=0.0)
    swapped = np.concatenate([annotations.labels, 1 - truth[:, None]], axis=1)
    fused = fuse_annotators(annotations_of(swapped, 2))
    assert (fused.labels == truth).mean() > 0.99
    assert fused.confusion[3, 0, 1] > 0.95
    assert fused.quality[3] is not None
    assert fused.quality[3].value < 0.05


def test_the_objective_never_falls_and_rows_are_distributions() -> None:
    _, annotations = simulate(427, (0.9, 0.6, 0.5, 0.4))
    fused = fuse_annotators(annotations)
    assert (np.diff(fused.objective) >= -1e-8).all()
    assert fused.posterior.sum(1) == pytest.approx(np.ones(600))
    assert fused.confusion.sum(2) == pytest.approx(np.ones((4, 3)))
    assert np.array_equal(fused.posterior, fuse_annotators(annotations).posterior)


def test_examples_and_people_without_answers_are_said_to_have_none() -> None:
    labels = np.array([[0, 0, -1], [1, 1, -1], [-1, -1, -1], [0, 1, -1]])
    annotations = annotations_of(labels, 2)
    fused = fuse_annotators(annotations)
    assert fused.labels[2] == majority_labels(annotations)[2] == -1
    assert fused.posterior[2] == pytest.approx(fused.prior)
    assert fused.quality[2] is None


def test_many_answers_do_not_underflow() -> None:
    drawn = np.random.default_rng(428)
    print("seed 428")
    truth = drawn.integers(0, 2, 50)
    labels = np.where(drawn.random((50, 2000)) < 0.6, truth[:, None], 1 - truth[:, None])
    annotations = Annotations(tuple(map(str, range(50))), tuple(map(str, range(2000))), ("a", "b"), labels)
    fused = fuse_annotators(annotations, steps=20)
    assert np.isfinite(fused.posterior).all()
    assert np.array_equal(fused.labels, truth)


def test_what_cannot_be_fused_is_refused() -> None:
    empty = annotations_of(np.full((2, 2), -1), 2)
    with pytest.raises(ValueError, match="annotations must hold an answer, got none"):
        fuse_annotators(empty)
    some = annotations_of(np.zeros((2, 2), dtype=np.int64), 2)
    with pytest.raises(
        ValueError, match=r"smoothing must be above 0 \(usual 0.01\) and steps at least 1, got 0.0 and 5"
    ):
        fuse_annotators(some, smoothing=0.0, steps=5)
    wide = Annotations(("x",), ("a", "b"), tuple(map(str, range(10_000))), np.zeros((1, 2), dtype=np.int64))
    with pytest.raises(ValueError, match="got 10000 classes of 2 annotators; take the majority instead"):
        fuse_annotators(wide)
    with pytest.raises(ValueError, match=r"labels must be of shape \(2, 2\) \(ids, annotators\), got \(3, 2\)"):
        Annotations(("x", "y"), ("a", "b"), ("0",), np.zeros((3, 2), dtype=np.int64))
    with pytest.raises(ValueError, match=r"labels must be class indices in 0..0 or -1 for missing, got 0..1"):
        Annotations(("x",), ("a", "b"), ("0",), np.array([[0, 1]]))
