"""Wrong labels planted in real data: by class, by instance, and where a model finds the example ambiguous.

Source: Xia et al. 2020, algorithm 2 (arXiv:2006.07836), for `flip_by_instance`; Chen et al. 2021 (arXiv:2012.05458)
plant noise where a clean model is unsure, as `flip_the_ambiguous` does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import softmax
from scipy.stats import truncnorm
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

Flip = Callable[[np.ndarray, np.ndarray, float, int], np.ndarray]


def flip_by_class(inputs: np.ndarray, labels: np.ndarray, rate: float, seed: int) -> np.ndarray:
    """Each class has its own rate, within a quarter of `rate`, and two classes it is taken for, by 7 to 3."""
    draw, classes = np.random.default_rng((seed, 1)), int(labels.max()) + 1
    rates = rate * draw.uniform(0.75, 1.25, classes)
    taken_for = np.stack([draw.permutation(np.delete(np.arange(classes), k))[:2] for k in range(classes)])
    which = (draw.random(len(labels)) < 0.3).astype(int)
    flipped = draw.random(len(labels)) < rates[labels]
    return np.where(flipped, taken_for[labels, which], labels)


def flip_by_instance(inputs: np.ndarray, labels: np.ndarray, rate: float, seed: int) -> np.ndarray:
    """Each example has its own rate, and its features, projected at random for its class, say what it becomes."""
    draw, classes = np.random.default_rng((seed, 2)), int(labels.max()) + 1
    rates = truncnorm.rvs(-rate / 0.1, (1 - rate) / 0.1, loc=rate, scale=0.1, size=len(labels), random_state=draw)
    projections = draw.standard_normal((classes, inputs.shape[1], classes))
    scores = _scores(inputs, labels, projections)
    scores[np.arange(len(labels)), labels] = -np.inf
    chances = softmax(scores, axis=1) * rates[:, None]
    chances[np.arange(len(labels)), labels] = 1 - rates
    return (chances.cumsum(1) > draw.random(len(labels))[:, None]).argmax(1)


def flip_the_ambiguous(inputs: np.ndarray, labels: np.ndarray, rate: float, seed: int) -> np.ndarray:
    """To the class that a kernel model of the true labels holds for second; the likelier, the closer the two are.

    It is no member of any pool. Its margin orders the examples; rates fall linearly from twice the mean, at most .9.
    """
    draw = np.random.default_rng((seed, 3))
    model = make_pipeline(Nystroem(gamma=0.5 / inputs.shape[1], n_components=200, random_state=0),
                          LogisticRegression(C=10.0, max_iter=100, tol=1e-3))  # fmt: skip
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    chances = cross_val_predict(model, inputs, labels, cv=folds, method="predict_proba")
    own = chances[np.arange(len(labels)), labels].copy()
    chances[np.arange(len(labels)), labels] = -1.0
    clearness = (own - chances.max(1)).argsort().argsort() / len(labels)
    flipped = draw.random(len(labels)) < np.minimum(2 * rate * (1 - clearness), 0.9)
    return np.where(flipped, chances.argmax(1), labels)


def _scores(inputs: np.ndarray, labels: np.ndarray, projections: np.ndarray) -> np.ndarray:
    scores = np.empty((len(labels), projections.shape[2]))
    for label, projection in enumerate(projections):
        scores[labels == label] = inputs[labels == label] @ projection
    return scores


NOISES: dict[str, Flip] = {
    "by class": flip_by_class,
    "by instance": flip_by_instance,
    "where ambiguous": flip_the_ambiguous,
}
