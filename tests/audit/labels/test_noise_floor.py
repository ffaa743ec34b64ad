"""The least share of wrong labels: by simulation, with judges that are weak and judges that are strong."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from assay.audit.labels.fuse import fuse
from assay.audit.labels.fusion import Fusion


def judged(seed: int, *, n: int, classes: int, apart: float, noise: float) -> tuple[float, Fusion]:
    """The planted share of wrong labels, and what three judges say of clouds so far from the middle."""
    print("seed", seed)
    drawn = np.random.default_rng(seed)
    truth, centres = drawn.integers(0, classes, n), drawn.normal(size=(classes, 10))
    centres *= apart / np.linalg.norm(centres, axis=1, keepdims=True)
    inputs, wrong = centres[truth] + drawn.normal(size=(n, 10)), drawn.random(n) < noise
    labels = np.where(wrong, (truth + drawn.integers(1, classes, n)) % classes, truth)
    return float(wrong.mean()), fuse(told_by_three(inputs, labels), labels)


def told_by_three(inputs: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Probabilities of three judges, out of fold."""
    models = {"line": LinearDiscriminantAnalysis(), "neighbours": KNeighborsClassifier(15),
              "trees": ExtraTreesClassifier(30, min_samples_leaf=2, random_state=0)}  # fmt: skip
    return {name: np.asarray(cross_val_predict(model, inputs, labels, cv=3, method="predict_proba"))
            for name, model in models.items()}  # fmt: skip


@pytest.mark.parametrize(
    ("classes", "apart", "noise"), [(10, 1.5, 0.0), (10, 1.5, 0.015), (2, 0.6, 0.0), (2, 1.2, 0.0)]
)
def test_weak_judges_and_classes_that_overlap_prove_no_wrong_label(classes: int, apart: float, noise: float) -> None:
    for seed in (510, 511):
        _, fusion = judged(seed, n=700, classes=classes, apart=apart, noise=noise)
        assert fusion.noise_estimate.floor <= noise
        assert fusion.noise_estimate.share > 0.05, "confident learning alone would have told this many"


def test_strong_judges_tell_planted_noise_between_limits_that_hold_it() -> None:
    for seed in (512, 513, 514):
        planted, fusion = judged(seed, n=2000, classes=5, apart=6.0, noise=0.1)
        low, high = fusion.noise_estimate.between
        assert 0.02 < low <= planted <= high


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
def test_on_real_digits_it_is_a_lower_bound(noise: float) -> None:
    """Real judges on real pictures; one label of ten, or of three, is another at random."""
    print("seed", 515)
    inputs, truth = load_digits(return_X_y=True)
    drawn = np.random.default_rng(515)
    wrong = drawn.random(len(truth)) < noise
    labels = np.where(wrong, (truth + drawn.integers(1, 10, len(truth))) % 10, truth)
    floor = fuse(told_by_three(inputs, labels), labels).noise_estimate.floor
    assert 0.5 * wrong.mean() < floor <= wrong.mean() or noise == floor == 0.0
