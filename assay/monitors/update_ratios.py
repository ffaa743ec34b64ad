"""Update ratios: how far one step moves each weight matrix, against how large it is.

    ratio = |after - before| / |before|

About 1e-3 to 1e-2 is usual. Vectors (biases, gains) often start at 0, where no ratio means anything, and are left out.

Source: Karpathy 2016, CS231n notes, neural networks 3 ("ratio of weights:updates"); Goodfellow et al. 2016,
section 11.5 (Bottou 2015: about 1 %).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

Weights = dict[str, Tensor]


def weights_now(named: Iterable[tuple[str, nn.Parameter]]) -> Weights:
    """Copies of the weight matrices that are trained, to be held against what a step makes of them."""
    return {name: p.detach().clone() for name, p in named if p.requires_grad and p.dim() > 1}


def measure_update_ratios(before: Weights, named: Iterable[tuple[str, nn.Parameter]]) -> dict[str, float]:
    """The ratio of each matrix that was not all 0 before."""
    now = dict(named)
    names = [name for name in before if name in now and now[name].shape == before[name].shape]
    if not names:
        return {}
    moved = torch.stack([_norm(now[name].detach() - before[name]) for name in names]).tolist()
    sizes = torch.stack([_norm(before[name]) for name in names]).tolist()
    return {name: step / size for name, step, size in zip(names, moved, sizes, strict=True) if size > 0}


def _norm(values: Tensor) -> Tensor:
    return values.norm(dtype=torch.float32).cpu()
