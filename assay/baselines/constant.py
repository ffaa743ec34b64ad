"""Constant answers: what is reached without looking at the input at all.

Majority class (classification) or mean (regression) is the best constant for the metric. The prior
is the best constant for the loss: each class with its share in training. Shown zeros instead of
inputs, a well-trained network can learn only the prior, so it is the *zero input* baseline. Both
choose the same class and so have the same accuracy; training a network on zeros is a check of
`verify`, not a baseline.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 2: input-independent baseline.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from assay.data.specification import Specification


def predict_majority_or_mean(targets: Tensor, specification: Specification, n: int) -> Float[Tensor, "n outputs"]:
    """The commonest class of `targets` with probability 1 (the first of equals), or their mean; n times."""
    if specification.task == "regression":
        return _mean(targets, n)
    counts = torch.bincount(targets, minlength=specification.num_outputs)
    return F.one_hot(counts.argmax(), specification.num_outputs).float().expand(n, -1)


def predict_prior(targets: Tensor, specification: Specification, n: int) -> Float[Tensor, "n outputs"]:
    """Each class with its share in `targets`, or their mean; n times."""
    if specification.task == "regression":
        return _mean(targets, n)
    counts = torch.bincount(targets, minlength=specification.num_outputs)
    return (counts / counts.sum()).expand(n, -1)


def _mean(targets: Tensor, n: int) -> Tensor:
    return targets.double().mean().float().expand(n, 1)
