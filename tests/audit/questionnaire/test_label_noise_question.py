"""Label noise as the questions tell it: between limits that hold a known share, no number where none can be told."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from assay.audit.questionnaire.telling import tell_label_noise
from assay.evaluation import Evaluation
from assay.finding import Finding

CLASSES, N, PROBES = 4, 3000, 2


def told(generator: np.random.Generator, truth: np.ndarray, labels: np.ndarray, sharpness: float) -> Finding:
    """Of probes that mostly see the truth."""
    evaluations = list[Evaluation]()
    for _ in range(PROBES):
        logits = generator.normal(size=(len(truth), CLASSES)) + sharpness * np.eye(CLASSES)[truth]
        outputs = torch.tensor(np.exp(logits) / np.exp(logits).sum(1, keepdims=True))
        right = float((outputs.argmax(1).numpy() == labels).mean())
        evaluations.append(
            Evaluation("accuracy", right, len(labels), 1.0, outputs, torch.tensor(labels), torch.zeros(len(labels)))
        )
    return tell_label_noise(evaluations, labels)


@pytest.mark.parametrize("planted", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("sharpness", [3.0, 6.0])
def test_the_truth_lies_between_the_limits(planted: float, sharpness: float) -> None:
    print("seed 402")
    generator = np.random.default_rng(402)
    truth = generator.integers(CLASSES, size=N)
    wrong = generator.random(N) < planted
    labels = np.where(wrong, (truth + generator.integers(1, CLASSES, size=N)) % CLASSES, truth)
    found = told(generator, truth, labels, sharpness)
    assert found.evidence["low"] <= wrong.mean() <= found.evidence["high"]


def test_only_noise_that_errors_do_not_explain_is_told_as_a_number() -> None:
    print("seed 403")
    generator = np.random.default_rng(403)
    truth = generator.integers(CLASSES, size=N)
    weak = told(generator, truth, truth, 1.0)
    assert "cannot be told, from none to" in weak.summary
    assert "the models agree with" in weak.summary
    assert "No sure sign" in weak.fix
    assert weak.evidence["use"] == []
    labels = np.where(generator.random(N) < 0.1, (truth + 1) % CLASSES, truth)
    noisy = told(generator, truth, labels, 4.0)
    assert noisy.evidence["use"] == ["label-smoothing"]
    assert "of 3,000 labels look wrong" in noisy.summary


def test_a_weak_probe_under_noise_gives_no_narrow_wrong_range() -> None:
    """Eight in a hundred labels are wrong and the probe errs in four of ten: a range that leaves the truth out is
    worse than none."""
    print("seed 404")
    generator = np.random.default_rng(404)
    truth = generator.integers(CLASSES, size=N)
    wrong = generator.random(N) < 0.08
    found = told(generator, truth, np.where(wrong, (truth + 1) % CLASSES, truth), 1.0)
    assert found.evidence["low"] <= wrong.mean() <= found.evidence["high"]


def test_where_none_looks_wrong_no_range_is_told() -> None:
    truth = np.arange(N) % CLASSES
    found = told(np.random.default_rng(405), truth, truth, 40.0)
    assert "None of 3,000 labels looks wrong by confident learning; the models agree with 100.0% of them" in (
        found.summary
    )
