"""Gradient accumulation: a batch goes through the network in parts, and one update follows all of them.

    gradient = sum over the parts of (examples in the part / examples in the batch) * gradient of the part's mean loss

This is the gradient of the whole batch, so a batch larger than memory trains as it would. What a part sees of the
others is what differs: batch norm takes its statistics of each part (a ghost batch), dropout draws part by part, a
`forward` that mixes examples mixes within a part, hard examples are chosen within a part, and flooding bends each
part's loss. A loss that adds up the batch has no mean of its parts, and is refused.

Source: Goyal et al. 2017 (arXiv:1706.02677), section 3, for what must be averaged over what.
Measured: no figure read by us; it saves memory and changes nothing else, as a test shows.
Hurts: speed, where the whole batch would have fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from assay.loop import Batch, Learner, Moment, backward, compute_loss, standard_step, update_weights
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class GradientAccumulation:
    """Split each batch into parts.

    parts: at least 1; 1 turns it off. A batch that does not divide has a smaller last part.
    """

    parts: int = 2

    def __post_init__(self) -> None:
        require_range("parts", self.parts, 1, usual="the usual value is 2 to 8, and 1 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "loss_reduction").fill(self, stepper=self.step)

    def step(self, learner: Learner, batch: Batch, moment: Moment) -> Tensor:
        """One update; returns the mean loss of the batch before it."""
        if self.parts == 1:
            return standard_step(learner, batch, moment)
        total = torch.zeros((), device=batch.inputs.device)
        for inputs, targets in zip(batch.inputs.chunk(self.parts), batch.targets.chunk(self.parts), strict=True):
            share = len(inputs) / len(batch.inputs)
            loss = share * compute_loss(learner, Batch(inputs, targets), moment)
            backward(learner, loss)
            total = total + loss.detach()
        update_weights(learner)
        return total
