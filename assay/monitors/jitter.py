"""Prediction jitter: by how much the answers on a fixed batch move from one look to the next.

    jitter = mean over examples of sum_k |p_k now - p_k before| / 2

for distributions p, from 0 (nothing moved) to 1 (every answer is another). Other outputs are compared by

    jitter = |now - before| / |before - mean of before|

Source: Karpathy 2019, A Recipe for Training Neural Networks ("visualize prediction dynamics").
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def measure_jitter(
    before: Float[Tensor, "examples outputs"], now: Float[Tensor, "examples outputs"], *, are_logits: bool
) -> float:
    """How far the answers moved between two looks at the same examples.

    Args:
        are_logits: outputs become distributions by a softmax; False compares them as they are.
    """
    if are_logits:
        return float((now.double().softmax(-1) - before.double().softmax(-1)).abs().sum(-1).mean() / 2)
    spread = (before.double() - before.double().mean(0)).norm()
    return float((now.double() - before.double()).norm() / spread.clamp(min=torch.finfo(torch.float32).tiny))
