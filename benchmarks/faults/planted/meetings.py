"""Faults where two networks meet, and in autoencoders: who learns from whom, and from what."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, softplus

from faults.examples import Examples
from faults.fault import Fault
from faults.parts import Parts
from faults.planted import AUTOENCODERS, TWO_NETWORKS
from faults.program import Program
from faults.proof import Proof
from faults.properties import steps_taken
from faults.symptoms import trains_worse
from faults.worlds.autoencoders import VariationalLoss
from faults.worlds.distillation import asked_at_rest

APART = frozenset({"labels_follow_inputs", "label_noise", "input_independent_baseline"})


def divergence_rewarded(parts: Parts, chance: random.Random) -> Parts:
    """The divergence is subtracted."""
    usual: Any = parts.loss_fn
    return parts.but(loss_fn=VariationalLoss(usual.loss, -3.0 * usual.weight))


def drawn_without_gradient(mean: Tensor, log_variance: Tensor) -> Tensor:
    """torch.normal, which passes no gradient on."""
    return torch.normal(mean.detach(), (0.5 * log_variance).exp().detach())


def not_reparameterised(parts: Parts, chance: random.Random) -> Parts:
    def edit(model: Any) -> nn.Module:
        model.head.sample = drawn_without_gradient
        return model

    return parts.edit_model(edit)


def another_example_drawn(parts: Parts, chance: random.Random) -> Parts:
    return parts.but(train=Examples(parts.train.inputs, parts.train.targets.roll(1, 0)))


def teacher_learns(parts: Parts, chance: random.Random) -> Parts:
    """The teacher is neither frozen nor under no_grad, and the optimiser holds it."""

    def edit(model: Any) -> nn.Module:
        model.teacher.requires_grad_(True)
        return model

    return asking(parts.edit_model(edit), lambda teacher, inputs: teacher(inputs))


def teacher_of_others(parts: Parts, chance: random.Random) -> Parts:
    """The teacher's answers belong to the batch in another order."""
    return asking(parts, lambda teacher, inputs: asked_at_rest(teacher, inputs.flip(0)))


def asking(parts: Parts, ask: Callable[[nn.Module, Tensor], Tensor]) -> Parts:
    """The same distillation, with the teacher asked otherwise."""
    usual: Any = parts.compute_loss
    return parts.but(compute_loss=replace(usual, ask=ask))


def pairs_inverted(parts: Parts, chance: random.Random) -> Parts:
    """1 for pairs of two classes where the loss takes 1 for pairs of one."""
    return parts.but(train=Examples(parts.train.inputs, 1.0 - parts.train.targets))


def same_twin(parts: Parts, chance: random.Random) -> Parts:
    """Both pictures of a training pair are the first."""
    first = parts.train.inputs[0]
    return parts.but(train=Examples((first, first), parts.train.targets))


def views_of_others(parts: Parts, chance: random.Random) -> Parts:
    """The second view is another picture's."""
    first, second = parts.train.inputs
    return parts.but(train=Examples((first, second.roll(1, 0)), parts.train.targets))


class OwnLikeness(nn.Module):
    """Each first view is compared with all first views, itself among them; the second is never used."""

    def forward(self, outputs: tuple[Tensor, Tensor], labels: Tensor) -> Tensor:
        return cross_entropy(outputs[0] @ outputs[0].T / 0.2, torch.arange(len(labels)))


def critic_teaches_both(model: Any, batch: Any, _: Any) -> Tensor:
    """The critic's loss reaches the generator, and the generator's reaches the critic: they cancel out."""
    noise, real = batch
    drawn = model(noise)
    said = model.critic(drawn)
    return softplus(-model.critic(real)).mean() + softplus(said).mean() + softplus(-said).mean()


def teacher_moves(faulty: Program, sibling: Program) -> Proof:
    """The teacher's weights change, and the sibling's do not."""
    sick, well = _teacher_change(faulty), _teacher_change(sibling)
    return Proof(sick > 0.0 and well == 0.0, f"the teacher's weights move by {sick:.2g}, healthy {well:.2g}")


def _teacher_change(program: Program) -> float:
    before, after = steps_taken(program)
    return max((after[name] - before[name]).abs().max().item() for name in before if name.startswith("teacher"))


MEETING = frozenset({"loss_pairing", "batch_dependency"})
FAULTS = (
    Fault("divergence_rewarded", "the variational loss subtracts the divergence",
          frozenset({"initial_loss", "step_direction", "loss_pairing"}), divergence_rewarded, trains_worse,
          (AUTOENCODERS,), needs=frozenset({"variational"})),
    Fault("code_not_reparameterised", "the code is drawn by torch.normal: the encoder learns nothing from the drawing",
          frozenset({"parameters_trained", "gradient_check", "input_independent_baseline"}), not_reparameterised,
          trains_worse, (AUTOENCODERS,), needs=frozenset({"variational"})),
    Fault("another_example_drawn", "the drawing is compared with another example", APART | {"loss_pairing"},
          another_example_drawn, trains_worse, (AUTOENCODERS,)),
    Fault("teacher_learns", "the teacher is trained along with its student",
          frozenset({"parameters_trained", "loss_pairing"}), teacher_learns, teacher_moves, (TWO_NETWORKS,),
          needs=frozenset({"distillation"})),
    Fault("teacher_of_others", "the teacher's answers are another example's", APART | MEETING,
          teacher_of_others, trains_worse, (TWO_NETWORKS,), needs=frozenset({"mostly_taught"})),
    Fault("pairs_inverted", "pairs of one class are labelled as pairs of two",
          frozenset({"labels_follow_inputs", "loss_pairing", "step_direction", "train_validation_shift"}),
          pairs_inverted, trains_worse, (TWO_NETWORKS,), needs=frozenset({"siamese"})),
    Fault("same_twin", "both pictures of each pair are the same", APART | {"duplicate_examples"}, same_twin,
          trains_worse, (TWO_NETWORKS,), needs=frozenset({"siamese"})),
    Fault("views_of_others", "the second view belongs to another picture", APART, views_of_others, trains_worse,
          (TWO_NETWORKS,), needs=frozenset({"contrastive"})),
    Fault("own_view_as_answer", "each view is compared with itself, which is always the nearest",
          frozenset({"loss_pairing", "initial_loss", "input_independent_baseline"}),
          lambda parts, chance: parts.but(loss_fn=OwnLikeness()), trains_worse, (TWO_NETWORKS,),
          needs=frozenset({"contrastive"})),
    Fault("critic_not_detached", "drawn points are not detached for the critic, nor is the critic frozen",
          frozenset({"gradients_cleared", "step_direction", "parameters_trained"}),
          lambda parts, chance: parts.but(compute_loss=critic_teaches_both), trains_worse, (TWO_NETWORKS,),
          needs=frozenset({"adversarial"})),
)  # fmt: skip
