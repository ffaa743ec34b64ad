"""SAM: descend by the gradient at the worst point nearby, so that training ends where the loss is flat.

    worst    =  weight + radius * gradient / norm of all gradients
    gradient <- gradient of the loss at `worst`, applied to `weight`

Both passes see the same batch, mix, dropout, precision and statistics; norms take in the first alone, and
gradient edits (clipping) see the second's gradient. The loss reported is the first's, at the weights themselves.

Also: sharpness-aware minimisation.
Source: Foret et al. 2020 (arXiv:2010.01412), algorithm 1.
Measured: no figure read by us for SAM alone; Composer's ResNet-50 recipes take it every 10th or 5th step with radius
0.5, among other tricks.
Hurts: a step costs two; `every` spreads that over several.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from assay.loop import Batch, Learner, Moment, backward, compute_loss, forget_gradients, standard_step, update_weights
from assay.recipe import Recipe
from assay.tricks.arguments import require_range
from assay.tricks.passes import climbed, copy_buffers, draws_repeated, seen_again


def sharpness_aware_step(learner: Learner, batch: Batch, moment: Moment, *, radius: float) -> Tensor:
    """One update by the gradient at distance `radius` up the slope."""
    before = copy_buffers(learner.model)
    with draws_repeated(learner.model):
        loss = compute_loss(learner, batch, moment)
        backward(learner, loss)
    with climbed(learner.parameters, radius), seen_again(learner.model, before):
        forget_gradients(learner)
        backward(learner, compute_loss(learner, batch, moment))
    update_weights(learner)
    return loss.detach()


@dataclass(frozen=True)
class SAM:
    """Minimise the sharpness of the loss with the loss.

    radius: at least 0; usual 0.05, up to 0.5; 0 turns it off. every: 1 is each step, k each k-th, others being
    ordinary.
    """

    radius: float = 0.05
    every: int = 1

    def __post_init__(self) -> None:
        require_range("radius", self.radius, 0.0, usual="the usual value is 0.05, and 0 turns it off")
        require_range("every", self.every, 1, usual="the usual value is 1, and 10 costs a tenth of that")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, stepper=self.step)

    def step(self, learner: Learner, batch: Batch, moment: Moment) -> Tensor:
        """One update; returns the loss before it."""
        if self.radius == 0.0 or moment.clock.step % self.every:
            return standard_step(learner, batch, moment)
        return sharpness_aware_step(learner, batch, moment, radius=self.radius)
