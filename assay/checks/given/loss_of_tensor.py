"""A loss that reads the network's outputs by name, as a loss of their one tensor, which can be probed and replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import tensors_in
from assay.checks.given.model_call import output_tensor, with_output_tensor


@dataclass(frozen=True)
class LossOfTensor:
    """loss(tensor, targets) = loss_fn(what the model returns, with `tensor` as its only tensor, targets).

    Args:
        whole: what the model returned once.
    """

    loss_fn: Callable[..., Any]
    whole: Any

    def __call__(self, outputs: Any, targets: Any) -> Any:
        if isinstance(outputs, Tensor):
            outputs = with_output_tensor(self.whole, outputs)
        return self.loss_fn(outputs, targets)


def loss_of_tensor(loss_fn: Callable[..., Any], whole: Any, targets: Any) -> LossOfTensor | None:
    """None where the model returns more than one tensor, or where the loss is another one of the tensor put back."""
    if len(list(tensors_in(whole))) != 1:
        return None
    adapted = LossOfTensor(loss_fn, whole)
    try:
        with torch.no_grad():
            same = bool(torch.equal(adapted(output_tensor(whole).clone(), targets), loss_fn(whole, targets)))
    except Exception:  # a stranger's loss may raise anything
        return None
    return adapted if same else None
