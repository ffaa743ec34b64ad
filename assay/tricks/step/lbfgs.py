"""L-BFGS: steps along a curve of the loss that is estimated from the last gradients, with a search for their length.

    direction = -H gradient, where H is built from the last `history` changes of weights and gradients
    weight    <- weight + t * direction, with t from a search that meets the strong Wolfe conditions

up to `iterations` times for each batch. Every pass of an update sees the same batch, dropout and
statistics; norms take in the first. Weight decay is part of the loss: weight_decay / 2 * |weight|^2.

Source: Liu & Nocedal 1989; Goodfellow et al. 2016, section 8.6.3; PyTorch's `LBFGS`.
Measured: no figure read by us; plain stochastic gradient descent usually suffices (Goodfellow et al. 2016).
Hurts: small batches: the changes of gradients are then those of the batch. Give it the whole split as one batch, a
network without dropout, and small data; gradient edits make its search inconsistent. One length of step holds for all
weights: tricks that give some a learning rate of their own are refused.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim import Optimizer

from assay.loop import Batch, Learner, Moment, backward, compute_loss, forget_gradients
from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe, RecipeError
from assay.tricks.arguments import require_range
from assay.tricks.optimizer_slot import use_optimizer
from assay.tricks.passes import copy_buffers, draws_repeated, seen_again


@dataclass(frozen=True)
class LBFGS:
    """Train with L-BFGS. It fills the slots `optimizer` and `stepper` with itself.

    learning_rate: the first length that a search tries; usual 1. iterations: for each batch. history: changes of
    weights and gradients that are kept.
    """

    learning_rate: float = 1.0
    iterations: int = 10
    history: int = 10
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require_sensible(self)
        require_range("iterations", self.iterations, 1, usual="the usual value is 10")
        require_range("history", self.history, 1, usual="the usual value is 10")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe = recipe.claim(self, "rates_of_parameters")
        return use_optimizer(recipe, self).fill(self, stepper=self.step)

    def build(self, groups: ParameterGroups) -> Optimizer:
        """PyTorch's optimiser, which takes one group; what each parameter's own group says of decay is kept beside.

        Raises:
            RecipeError: a group has settings of its own beside its decay.
        """
        parameters, decays = [], []
        for group in groups:
            dropped = ", ".join(group.keys() - {"params", "weight_decay"})
            if dropped:
                rule = f"LBFGS has one setting of {dropped} for all weights"
                raise RecipeError(f"{rule}; take out what gives some their own, or use another optimizer")
            chosen = list(group["params"])
            parameters += chosen
            decays += [float(group.get("weight_decay", self.weight_decay))] * len(chosen)
        optimizer = torch.optim.LBFGS(
            parameters,
            lr=self.learning_rate,
            max_iter=self.iterations,
            history_size=self.history,
            line_search_fn="strong_wolfe",
        )
        largest = max(decays)
        shares = [decay / largest if largest else 0.0 for decay in decays]
        optimizer.param_groups[0].update(weight_decay=largest, decay_shares=shares)
        return optimizer

    def step(self, learner: Learner, batch: Batch, moment: Moment) -> Tensor:
        """One update of several evaluations; returns the loss before it.

        Raises:
            RecipeError: the precision scales its loss.
        """
        if learner.scaler is not None:
            raise RecipeError("LBFGS compares losses and cannot have them scaled; use MixedPrecision('bf16')")
        losses: list[Tensor] = []
        before = copy_buffers(learner.model)

        def evaluate() -> float:
            forget_gradients(learner)
            statistics = seen_again(learner.model, before) if losses else nullcontext()
            with draws_repeated(learner.model), statistics:
                loss = compute_loss(learner, batch, moment)
                losses.append(loss.detach())
                loss = loss + _decay_loss(learner)
                backward(learner, loss)
            for edit in learner.gradient_edits:
                edit(learner.parameters)
            for parameter in learner.parameters:
                # PyTorch's L-BFGS flattens gradients in a way that channels-last memory refuses.
                parameter.grad = None if parameter.grad is None else parameter.grad.contiguous()
            return float(loss.detach())

        learner.optimizer.step(evaluate)
        forget_gradients(learner)
        return losses[0]


def _decay_loss(learner: Learner) -> Tensor | float:
    (group,) = learner.optimizer.param_groups
    if not group["weight_decay"]:
        return 0.0
    squares = [share * p.square().sum() for share, p in zip(group["decay_shares"], group["params"], strict=True)]
    return 0.5 * group["weight_decay"] * torch.stack(squares).sum()
