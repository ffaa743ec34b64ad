"""Dawid-Skene: what many fallible people say together, and how often each of them is right.

    posterior[i, j]     ~  prior[j] * prod_k confusion[k, j, label[i, k]]      over the answers that are there
    prior[j]            =  mean_i posterior[i, j]
    confusion[k, j, l]  ~  sum_i posterior[i, j] [label[i, k] = l] + smoothing

Steps in turn (EM) from the shares of votes, so the same file gives the same labels. A person who always confuses
two classes still tells of both; a person who answers at random counts for nothing.

Source: Dawid and Skene 1979, Applied Statistics 28, 20-28.
Hurts: few answers a person, or most people wrong in the same way: it then trusts the majority even more. Two people
alone: nothing tells which of them is right where they differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from assay.audit.agreement.annotations import MISSING, Annotations
from assay.audit.agreement.estimate import Estimate
from assay.intervals import wilson_interval

MOST_NUMBERS = 50_000_000
"""Of confusion: 400 MB. 700 classes of 100 people; more classes need another method."""
ENOUGH = 1e-6


@dataclass(frozen=True, eq=False)
class DawidSkene:
    """posterior: probability of each class, given all answers; where nobody answered, the prior.

    labels: the most probable class of each example, -1 where nobody answered.
    quality: of each annotator, how many of the own answers are right in expectation; None without answers. Its
        interval is by the number of answers alone: it takes the estimated labels for true, and is too narrow.
    objective: logarithm of likelihood and smoothing after each step; it never falls.
    """

    posterior: Float[np.ndarray, "examples classes"]
    labels: Int[np.ndarray, " examples"]
    prior: Float[np.ndarray, " classes"]
    confusion: Float[np.ndarray, "annotators classes classes"]
    quality: tuple[Estimate | None, ...]
    objective: tuple[float, ...]
    converged: bool


def fuse_annotators(annotations: Annotations, *, smoothing: float = 0.01, steps: int = 500) -> DawidSkene:
    """Labels and annotators' quality from all answers together.

    Args:
        smoothing: answers of each kind that every annotator is thought to have given besides, above 0.
        steps: at most so many; it stops when no probability moves by a millionth.
    Raises:
        ValueError: no answer at all, smoothing or steps not above 0, or too many classes to hold all confusions.
    """
    labels = annotations.labels
    _check(annotations, smoothing, steps)
    rows, people = np.nonzero(labels != MISSING)
    given = labels[rows, people]
    posterior = _votes(annotations)
    objective = list[float]()
    converged = False
    for _ in range(steps):
        prior, confusion = _estimate_people(posterior, rows, people, given, labels.shape[1], smoothing)
        log_joint = np.tile(np.log(prior), (len(labels), 1))
        np.add.at(log_joint, rows, np.log(confusion)[people, :, given])
        before, (posterior, evidence) = posterior, _normalised(log_joint)
        objective.append(float(evidence.sum() + smoothing * (np.log(confusion).sum() + np.log(prior).sum())))
        if np.abs(posterior - before).max() < ENOUGH:
            converged = True
            break
    fused = np.where((labels != MISSING).any(1), posterior.argmax(1), MISSING)
    quality = _quality(posterior, rows, people, given, labels.shape[1])
    return DawidSkene(posterior, fused, prior, confusion, quality, tuple(objective), converged)


def majority_labels(annotations: Annotations) -> Int[np.ndarray, " examples"]:
    """The class most annotators gave, the first of those that tie; -1 where nobody answered."""
    counts = annotations.counts
    return np.where(counts.sum(1) > 0, counts.argmax(1), MISSING)


def tied_examples(annotations: Annotations) -> Bool[np.ndarray, " examples"]:
    """Where two classes or more have the most votes, so that there is no majority."""
    counts = annotations.counts
    most = counts.max(1, keepdims=True)
    return (most[:, 0] > 0) & ((counts == most).sum(1) > 1)


def _votes(annotations: Annotations) -> Float[np.ndarray, "examples classes"]:
    counts = annotations.counts.astype(float)
    total = counts.sum(1, keepdims=True)
    overall = counts.sum(0) / counts.sum()
    return np.where(total > 0, counts / np.maximum(total, 1.0), overall)


def _estimate_people(
    posterior: np.ndarray, rows: np.ndarray, people: np.ndarray, given: np.ndarray, annotators: int, smoothing: float
) -> tuple[np.ndarray, np.ndarray]:
    classes = posterior.shape[1]
    prior = posterior.sum(0) + smoothing
    confusion = np.full((annotators, classes, classes), smoothing)
    # Axes in the order (annotator, answer, true class) let each answer add a whole row.
    np.add.at(confusion, (people, given), posterior[rows])
    confusion = confusion.transpose(0, 2, 1)
    return prior / prior.sum(), confusion / confusion.sum(2, keepdims=True)


def _normalised(log_joint: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities whose rows sum to 1, and the logarithm of what they were divided by."""
    top = log_joint.max(1, keepdims=True)
    shifted = np.exp(log_joint - top)
    total = shifted.sum(1, keepdims=True)
    return shifted / total, (top + np.log(total))[:, 0]


def _quality(
    posterior: np.ndarray, rows: np.ndarray, people: np.ndarray, given: np.ndarray, annotators: int
) -> tuple[Estimate | None, ...]:
    counts = np.bincount(people, minlength=annotators)
    right = np.bincount(people, weights=posterior[rows, given], minlength=annotators)
    return tuple(
        Estimate(float(sum_right / n), *wilson_interval(min(round(sum_right), n), n), n) if n else None
        for n, sum_right in zip(counts.tolist(), right.tolist(), strict=True)
    )


def _check(annotations: Annotations, smoothing: float, steps: int) -> None:
    if not (annotations.labels != MISSING).any():
        raise ValueError("annotations must hold an answer, got none")
    if not smoothing > 0.0 or steps < 1:
        raise ValueError(f"smoothing must be above 0 (usual 0.01) and steps at least 1, got {smoothing} and {steps}")
    numbers = len(annotations.annotators) * len(annotations.classes) ** 2
    if numbers > MOST_NUMBERS:
        raise ValueError(
            f"classes must be few enough for {MOST_NUMBERS:,} numbers of confusion, got {len(annotations.classes)} "
            f"classes of {len(annotations.annotators)} annotators; take the majority instead"
        )
