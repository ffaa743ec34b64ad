"""The outputs that cost least on average where every example is given the same ones.

    expected(outputs) = sum_k shares_k * loss(outputs, targets of class k)
    best              = argmin expected(outputs)

Cross entropy's are log(shares), a weighted one's log(weights * shares); focal losses have no formula, and are
minimised, from where the others have theirs.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from assay.losses import LossFunction, loss_of_each

STATIONARY = 1e-6
"""A slope of this share of the loss is rounding: shares are in 32 bits."""


def best_constant(
    loss: LossFunction,
    shares: Float[Tensor, " classes"],
    targets: Float[Tensor, "classes classes"],
    *,
    start: Float[Tensor, " classes"],
) -> Float[Tensor, " classes"]:
    """Outputs of least expected loss; `start` itself where the loss has no slope there.

    Args:
        shares: of the classes in what training shows; they need not sum to 1.
        targets: what the loss is told of each class, a row each.
    """
    each, outputs = loss_of_each(loss), start.double().clone().requires_grad_()
    shares, targets = shares.double(), targets.double()
    optimizer = torch.optim.LBFGS(
        [outputs], max_iter=200, tolerance_grad=1e-10, tolerance_change=1e-14, line_search_fn="strong_wolfe"
    )

    def expected() -> float:
        """The expected loss, and its slope in `outputs.grad`."""
        optimizer.zero_grad()
        cost = (shares * each(outputs.expand_as(targets), targets, reduction="none")).sum()
        cost.backward()
        return float(cost.detach())

    with torch.enable_grad():
        cost = expected()
        assert outputs.grad is not None
        if float(outputs.grad.abs().max()) <= STATIONARY * abs(cost):
            return start
        optimizer.step(expected)
    return outputs.detach().to(start.dtype)
