"""Label noise between two estimates, with a known share of wrong labels."""

from __future__ import annotations

import numpy as np
import pytest

from assay.audit.questionnaire.label_noise import estimate_label_noise
from assay.audit.questionnaire.telling import tell_label_noise

CLASSES, N = 4, 3000


def answers(generator: np.random.Generator, truth: np.ndarray, sharpness: float) -> np.ndarray:
    """Probabilities of a model that mostly sees the truth."""
    logits = generator.normal(size=(len(truth), CLASSES)) + sharpness * np.eye(CLASSES)[truth]
    return np.exp(logits) / np.exp(logits).sum(1, keepdims=True)


@pytest.mark.parametrize("planted", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("sharpness", [3.0, 6.0])
def test_the_truth_lies_between_the_limits(planted: float, sharpness: float) -> None:
    print("seed 402")
    generator = np.random.default_rng(402)
    truth = generator.integers(CLASSES, size=N)
    wrong = generator.random(N) < planted
    labels = np.where(wrong, (truth + generator.integers(1, CLASSES, size=N)) % CLASSES, truth)
    noise = estimate_label_noise(answers(generator, truth, sharpness), labels)
    assert noise.low <= wrong.mean() <= noise.high
    assert noise.clear <= noise.share


def test_only_clear_noise_is_called_so() -> None:
    generator = np.random.default_rng(403)
    truth = generator.integers(CLASSES, size=N)
    weak = estimate_label_noise(answers(generator, truth, 2.0), truth)
    assert "No sign" in tell_label_noise(weak, 0.3).fix
    labels = np.where(generator.random(N) < 0.1, (truth + 1) % CLASSES, truth)
    noisy = tell_label_noise(estimate_label_noise(answers(generator, truth, 4.0), labels), 0.1)
    assert noisy.evidence["use"] == ["label-smoothing"]
