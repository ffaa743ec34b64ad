"""Faults between the outputs and the loss: wrong pairs, wrong shapes, wrong sign, wrong size."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from faults.choices import plain_step
from faults.fault import Fault
from faults.network import Apply
from faults.parts import LossFunction, Parts
from faults.planted import AUTOENCODERS, EVERYWHERE, LABELLED, LANGUAGE, SIGNALS, TABLES, VECTORS
from faults.program import Program
from faults.proof import Proof
from faults.properties import leaks_over_batch
from faults.symptoms import fits_worse, loss_below_floor, trains_worse
from faults.worlds.language import TokenLoss

PAIRING = frozenset({"softmax_twice", "loss_pairing", "output_range"})
CLASSES = frozenset({"classification", "cross_entropy"})


def after_head(make: Callable[[], nn.Module], loss_fn: LossFunction | None = None) -> Any:
    """Plants a module behind the head, and another loss if given."""

    def plant(parts: Parts, chance: random.Random) -> Parts:
        def edit(model: Any) -> nn.Module:
            model.head = nn.Sequential(model.head, make())
            return model

        return parts.edit_model(edit).but(loss_fn=loss_fn or parts.loss_fn)

    return plant


class Edited(nn.Module):
    """edit(loss)."""

    def __init__(self, loss_fn: LossFunction, edit: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.loss_fn, self.edit = loss_fn, edit

    def forward(self, outputs: Any, targets: Tensor) -> Tensor:
        return self.edit(self.loss_fn(outputs, targets))


def with_edited_loss(edit: Callable[[Tensor], Tensor]) -> Any:
    """Plants a change of the finished loss."""
    return lambda parts, chance: parts.but(loss_fn=Edited(parts.loss_fn, edit))


def with_loss(loss_fn: LossFunction) -> Any:
    """Plants another loss."""
    return lambda parts, chance: parts.but(loss_fn=loss_fn)


def clamped_probability(logits: Tensor, labels: Tensor) -> Tensor:
    """-log(max(p, .5)): whoever is wrong learns nothing."""
    chosen = logits.softmax(-1).gather(-1, labels[..., None]).squeeze(-1)
    return -chosen.clamp_min(0.5).log().mean()


def divergence_of_probabilities(logits: Tensor, labels: Tensor) -> Tensor:
    """nn.KLDivLoss given probabilities where it takes their logarithm."""
    wanted = nn.functional.one_hot(labels, logits.shape[-1]).float()
    return nn.functional.kl_div(logits.softmax(-1), wanted, reduction="batchmean")


def padding_counted(parts: Parts, chance: random.Random) -> Parts:
    """Padding is a target like others."""
    changed = [part.__class__(part.inputs, part.targets.clamp_min(0)) for part in (parts.train, parts.validation)]
    return parts.but(train=changed[0], validation=changed[1], loss_fn=TokenLoss(-1_000_000))


def weights_punished(parts: Parts, chance: random.Random) -> Parts:
    """Ten times the sum of all squared weights on top of the loss."""
    usual = parts.compute_loss

    def compute(model: nn.Module, batch: Any, loss_fn: Any) -> Tensor:
        inputs, targets = parts.form.unpack(batch)
        loss = usual(model, batch, loss_fn) if usual else loss_fn(model(*inputs), targets)
        return loss + 10.0 * torch.stack([weight.square().sum() for weight in model.parameters()]).sum()

    return parts.but(compute_loss=compute, make_step=plain_step)


def padding_has_a_price(faulty: Program, sibling: Program) -> Proof:
    """Outputs at padded positions change the loss; in the sibling they do not."""
    sick, well = _price(faulty), _price(sibling)
    return Proof(sick > 1e-3 and well == 0.0, f"padding moves the loss by {sick:.3f}, healthy {well:.3f}")


@torch.no_grad()
def _price(program: Program) -> float:
    inputs, targets = program.parts.form.unpack(next(iter(program.arguments["train_loader"])))
    outputs = program.arguments["model"].eval()(*inputs)
    other = outputs + torch.randn_like(outputs) * (inputs[0] == 0)[..., None]
    loss_fn = program.arguments["loss_fn"]
    return abs((loss_fn(other, targets) - loss_fn(outputs, targets)).item())


FAULTS = (
    Fault("softmax_before_cross_entropy", "the network ends in softmax, and cross-entropy takes it again", PAIRING,
          after_head(lambda: nn.Softmax(-1)), fits_worse, LABELLED, needs=CLASSES),
    Fault("sigmoid_before_cross_entropy", "the network ends in a sigmoid under cross-entropy",
          PAIRING | {"saturated_units"}, after_head(nn.Sigmoid), fits_worse, LABELLED, needs=CLASSES),
    Fault("sigmoid_before_logits_loss", "the network ends in a sigmoid, and the loss takes it again", PAIRING,
          after_head(nn.Sigmoid), fits_worse, LABELLED, needs=frozenset({"binary_cross_entropy"})),
    Fault("negative_log_likelihood_of_logits", "NLLLoss on raw outputs", frozenset({"loss_pairing", "initial_loss"}),
          with_loss(nn.NLLLoss()), loss_below_floor, LABELLED, needs=CLASSES),
    Fault("divergence_of_probabilities", "KLDivLoss on probabilities, not on their logarithm",
          frozenset({"loss_pairing", "initial_loss", "output_range"}), with_loss(divergence_of_probabilities),
          loss_below_floor, LABELLED, needs=CLASSES),
    Fault("broadcast_loss", "outputs (batch, 1) against targets (batch,): every output meets every target",
          frozenset({"loss_shapes"}), after_head(lambda: Apply(lambda values: values.unsqueeze(-1))), trains_worse,
          (TABLES, SIGNALS), needs=frozenset({"regression"})),
    Fault("loss_negated", "the loss has the wrong sign", frozenset({"step_direction", "initial_loss", "loss_pairing"}),
          with_edited_loss(lambda loss: -loss), trains_worse, EVERYWHERE),
    Fault("loss_summed", "the loss is the sum over the batch at a rate for means",
          frozenset({"loss_reduction", "learning_rate", "update_ratio", "exploding_gradients"}),
          with_loss(nn.CrossEntropyLoss(reduction="sum")), trains_worse, VECTORS, needs=CLASSES | {"sgd"},
          lacks=frozenset({"batch_norm"})),
    Fault("loss_divided_away", "the loss is divided by the size of the data set once more",
          frozenset({"loss_reduction", "learning_rate", "update_ratio", "initial_loss", "vanishing_gradients"}),
          with_edited_loss(lambda loss: loss / 2000.0), trains_worse, VECTORS, needs=frozenset({"sgd"})),
    Fault("loss_clamped", "the loss is clamped at .5, below where it starts", frozenset({"loss_clipping"}),
          with_edited_loss(lambda loss: loss.clamp(max=0.5)), trains_worse, (*LABELLED, LANGUAGE),
          needs=frozenset({"cross_entropy"})),
    Fault("probabilities_clamped", "probabilities are clamped at .5 before the logarithm",
          frozenset({"loss_clipping", "loss_pairing", "initial_loss"}), with_loss(clamped_probability), trains_worse,
          LABELLED, needs=CLASSES),
    Fault("padding_counted", "the loss counts padding as if it were text",
          frozenset({"loss_reduction", "class_balance", "labels_valid"}), padding_counted, padding_has_a_price,
          (LANGUAGE,), needs=frozenset({"padding"})),
    Fault("softmax_over_batch", "log-softmax over the batch instead of the classes",
          frozenset({"batch_dependency", "loss_pairing", "initial_loss"}),
          after_head(lambda: nn.LogSoftmax(0), nn.NLLLoss()), leaks_over_batch, LABELLED, needs=CLASSES),
    Fault("weights_punished", "ten times the sum of squared weights is added to the loss",
          frozenset({"weight_decay_strength", "initial_loss"}), weights_punished, trains_worse,
          (*VECTORS, AUTOENCODERS)),
)  # fmt: skip
