"""Members with a known skill, and labels with known errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest


@dataclass(frozen=True)
class Planted:
    """Given labels, which of them are wrong, the true ones, and members' probabilities."""

    given: np.ndarray
    wrong: np.ndarray
    truth: np.ndarray
    members: dict[str, np.ndarray]


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def plant(
    seed: int,
    *,
    n: int = 600,
    classes: int = 5,
    rate: float = 0.2,
    skills: tuple[float, ...] = (3.0, 3.0, 3.0),
    to_next: bool = False,
) -> Planted:
    """Logits are noise plus `skill` at the true class; noise is independent between members.

    to_next: a wrong label is always the next class, and members foresee that, as models trained on it do.
    """
    draw = np.random.default_rng(seed)
    truth = draw.integers(classes, size=n)
    wrong = draw.random(n) < rate
    shift = np.ones(n, dtype=np.int64) if to_next else draw.integers(1, classes, size=n)
    given = np.where(wrong, (truth + shift) % classes, truth)
    members = {}
    for place, skill in enumerate(skills):
        logits = draw.standard_normal((n, classes))
        logits[np.arange(n), truth] += skill
        chances = softmax(logits)
        if to_next:
            chances = (1 - rate) * chances + rate * np.roll(chances, 1, axis=1)
        members[f"member {place}"] = chances
    return Planted(given, wrong, truth, members)


@pytest.fixture
def planted() -> Callable[..., Planted]:
    return plant


@pytest.fixture
def precision() -> Callable[[np.ndarray, np.ndarray], float]:
    """Precision at the number of errors."""

    def measure(score: np.ndarray, wrong: np.ndarray) -> float:
        return float(wrong[np.argsort(-score, kind="stable")[: int(wrong.sum())]].mean())

    return measure
