"""Which of PyTorch's losses of log-probabilities a stranger's loss calls, and what it hands them.

Log-probabilities are never positive, so numbers that are not negative and sum to 1 are probabilities, not their
logarithms: proved from a single call.

Source: PyTorch documentation of torch.nn.functional.kl_div and nll_loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from assay.checks.losses.probabilities import are_distributions

WATCHED: Mapping[Callable[..., Any], str] = {F.kl_div: "KLDivLoss", F.nll_loss: "NLLLoss"}


@dataclass
class LossCalls(TorchFunctionMode):
    """Within this context, `given` collects the name of each watched loss with its first argument."""

    given: list[tuple[str, Tensor]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        name, named = WATCHED.get(func), kwargs or {}
        first = args[0] if args else named.get("input")
        if name is not None and isinstance(first, Tensor):
            self.given.append((name, first.detach()))
        return func(*args, **named)


def are_plain_probabilities(outputs: Tensor) -> bool:
    """Whether no number is negative, and all sum to 1 over the classes: axis 1, or the last."""
    if outputs.dim() < 2 or not outputs.is_floating_point() or outputs.numel() == 0:
        return False
    return any(are_distributions(outputs, axis) for axis in {1, outputs.dim() - 1} if outputs.shape[axis] > 1)
