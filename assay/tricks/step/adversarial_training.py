"""Adversarial training: learn each batch a second time, moved a little in the direction that hurts most.

    adversary = input + radius * gradient / norm of the gradient      of each example   (form "norm", FGM)
    adversary = input + radius * sign(gradient)                                         (form "sign", FGSM)
    gradient  <- (1 - share) * gradient at the input + share * gradient at the adversary

radius is in units of normalised inputs. `on="first-layer"` moves the first weight matrix instead (an embedding, in
the texts that FGM was made for), as it is stored, by radius along its own gradient. Both passes see the same
targets, dropout, precision and statistics; norms take in the clean one alone. Code that adds both gradients has
twice our step.

Also: FGM, FGSM.
Source: Goodfellow et al. 2014 (arXiv:1412.6572), section 6, for the sign and share 0.5; Miyato et al. 2016
(arXiv:1605.07725) for the norm.
Measured: no figure read by us.
Hurts: a step costs two; a radius that changes what an image shows.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from assay.loop import Batch, Learner, Moment, backward, compute_loss, standard_step, update_weights
from assay.recipe import Recipe
from assay.tricks.arguments import require_choice, require_range
from assay.tricks.passes import climbed, copy_buffers, draws_repeated, seen_again


def perturbation(gradient: Float[Tensor, "batch ..."], *, radius: float, form: str) -> Float[Tensor, "batch ..."]:
    """The step of each example towards a higher loss; 0 where its gradient is 0.

    Raises:
        ValueError: form is neither "norm" nor "sign".
    """
    require_choice("form", form, ("norm", "sign"))
    if form == "sign":
        return radius * gradient.sign()
    norms = gradient.flatten(1).norm(dim=1).view(-1, *[1] * (gradient.ndim - 1))
    return radius * torch.where(norms > 0, gradient / norms, torch.zeros_like(gradient))


@dataclass(frozen=True)
class AdversarialTraining:
    """Train on clean and adversarial inputs together.

    radius: at least 0; 0 turns it off. form: the length that is bounded, `norm` or `sign`. on: what is moved, `inputs`
    or `first-layer`. share: of the adversary in the gradient, in [0, 1]; usual 0.5.
    """

    radius: float = 0.1
    form: Literal["norm", "sign"] = "norm"
    on: Literal["inputs", "first-layer"] = "inputs"
    share: float = 0.5

    def __post_init__(self) -> None:
        require_range("radius", self.radius, 0.0, usual="the usual value is 0.1, and 0 turns it off")
        require_range("share", self.share, 0.0, 1.0, usual="the usual value is 0.5")
        require_choice("form", self.form, ("norm", "sign"))
        require_choice("on", self.on, ("inputs", "first-layer"))

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, stepper=self.step)

    def step(self, learner: Learner, batch: Batch, moment: Moment) -> Tensor:
        """One update; returns the clean loss before it."""
        if self.radius == 0.0:
            return standard_step(learner, batch, moment)
        clean = Batch(batch.inputs.detach().clone().requires_grad_(), batch.targets)
        before = copy_buffers(learner.model)
        with draws_repeated(learner.model):
            loss = compute_loss(learner, clean, moment)
            backward(learner, loss)
        with seen_again(learner.model, before), self._first_layer_moved(learner):
            # Weighed only now: at share 1 nothing of this gradient stays, but it gave the direction.
            gradients = [parameter.grad for parameter in learner.parameters if parameter.grad is not None]
            torch._foreach_mul_(gradients, 1.0 - self.share)
            backward(learner, self.share * compute_loss(learner, self._with_inputs_moved(clean), moment))
        update_weights(learner)
        return loss.detach()

    def _first_layer_moved(self, learner: Learner) -> AbstractContextManager[None]:
        if self.on == "inputs":
            return nullcontext()
        first = next(p for p in learner.model.parameters() if p.requires_grad and p.ndim > 1)
        return climbed([first], self.radius)

    def _with_inputs_moved(self, clean: Batch) -> Batch:
        inputs, slope = clean.inputs.detach(), clean.inputs.grad
        if self.on == "inputs" and slope is not None:
            inputs = inputs + perturbation(slope, radius=self.radius, form=self.form)
        return Batch(inputs, clean.targets)
