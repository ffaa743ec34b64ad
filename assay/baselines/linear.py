"""Logistic and ridge regression: how far a straight line through the pixels or columns reaches.

scikit-learn with its own defaults (L2 strength C = 1, alpha = 1), so that anybody can repeat it.

Source: Macaluso 2018, Deep Learning Rules of Thumb, chapter 11; Karpathy 2019, A Recipe for Training
Neural Networks, step 2: simple models first.
"""

from __future__ import annotations

import warnings

import torch
from jaxtyping import Float
from torch import Tensor

from assay.baselines.sample import Sample
from assay.data.specification import Specification

MOST_ITERATIONS = 100


def predict_linear(
    train: Sample, queries: Tensor, specification: Specification
) -> tuple[Float[Tensor, "n outputs"], str]:
    """Fit on `train`, answer `queries` (n, features); and what the optimiser had to remark, if anything.

    Raises:
        ValueError: fewer than two classes in the sample, or features that are not finite.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if specification.task == "regression":
            answers = _ridge(train, queries)
        else:
            answers = _logistic(train, queries, specification.num_outputs)
    first_lines = dict.fromkeys(str(warning.message).strip().splitlines()[0].rstrip(":") for warning in caught)
    return answers, "; ".join(first_lines)


def _ridge(train: Sample, queries: Tensor) -> Tensor:
    from sklearn.linear_model import Ridge

    model = Ridge().fit(train.features.numpy(), train.targets.double().numpy())
    return torch.as_tensor(model.predict(queries.numpy())).float().view(-1, 1)


def _logistic(train: Sample, queries: Tensor, num_classes: int) -> Tensor:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=MOST_ITERATIONS).fit(train.features.numpy(), train.targets.numpy())
    answers = torch.zeros(len(queries), num_classes)
    # A class that the sample does not hold is never answered.
    answers[:, torch.as_tensor(model.classes_)] = torch.as_tensor(model.predict_proba(queries.numpy())).float()
    return answers
