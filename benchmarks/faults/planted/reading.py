"""Faults in reading sequences: the future seen, padding read, targets that are the inputs."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor, nn

from faults.examples import Examples
from faults.fault import Fault
from faults.parts import Parts
from faults.planted import LANGUAGE, SEQUENCES
from faults.program import Program
from faults.proof import Proof
from faults.properties import first_inputs, leaks_over_batch
from faults.symptoms import trains_worse
from faults.worlds.language import IGNORED
from faults.worlds.sequence_networks import masked_mean

TIME = frozenset({"time_dependency"})


def mask_forgotten(parts: Parts, chance: random.Random) -> Parts:
    def edit(model: Any) -> nn.Module:
        model.features.causal = False
        return model

    return parts.edit_model(edit)


def both_directions(parts: Parts, chance: random.Random) -> Parts:
    """A reader of the next character that reads from right to left as well."""

    def edit(model: Any) -> nn.Module:
        old = model.features.recurrent
        model.features.recurrent = type(old)(old.input_size, old.hidden_size // 2, batch_first=True, bidirectional=True)
        return model

    return parts.edit_model(edit)


def not_shifted(parts: Parts, chance: random.Random) -> Parts:
    """The target at each position is the character that is read there."""
    own = [Examples(part.inputs, torch.where(part.targets == IGNORED, IGNORED, part.inputs[0]))
           for part in (parts.train, parts.validation)]  # fmt: skip
    return parts.but(train=own[0], validation=own[1])


def pooled_by(pool: Any) -> Any:
    """Plants another way to sum a sequence up."""

    def plant(parts: Parts, chance: random.Random) -> Parts:
        def edit(model: Any) -> nn.Module:
            model.features.pool = pool
            return model

        return parts.edit_model(edit)

    return plant


def last_column(answers: Tensor, mask: Tensor) -> Tensor:
    """answers[:, -1], which is padding for most."""
    return answers[:, -1]


def mask_inverted(answers: Tensor, mask: Tensor) -> Tensor:
    return masked_mean(answers, ~mask)


def softmax_over_the_batch(answers: Tensor, mask: Tensor) -> Tensor:
    """Attention whose weights sum to 1 over the batch."""
    weights = answers.mean(-1).masked_fill(~mask, -30.0).softmax(0)
    return (answers * weights[..., None]).sum(1)


def sees_the_future(faulty: Program, sibling: Program) -> Proof:
    """Other tokens from the third on change the outputs at the first two positions."""
    sick, well = _future(faulty), _future(sibling)
    return Proof(sick > 1e-6 and well <= 1e-6, f"the first positions move by {sick:.2g}, healthy {well:.2g}")


@torch.no_grad()
def _future(program: Program) -> float:
    (tokens,), model = first_inputs(program), program.arguments["model"].eval()
    changed = tokens.clone()
    changed[:, 2:] = tokens[:, 2:] % 20 + 1
    return (model(tokens)[:, :2] - model(changed)[:, :2]).abs().max().item()


def copies_its_input(faulty: Program, sibling: Program) -> Proof:
    """Each target equals the token at its own position; the sibling's do not."""
    sick, well = _copied(faulty), _copied(sibling)
    return Proof(sick == 1.0 and well < 0.5, f"{sick:.0%} of the targets are the inputs, healthy {well:.0%}")


def _copied(program: Program) -> float:
    train = program.parts.train
    return (train.inputs[0] == train.targets)[train.targets != IGNORED].float().mean().item()


PADDED = TIME | {"input_independent_baseline"}
FAULTS = (
    Fault("causal_mask_forgotten", "the language model's attention sees the future", TIME, mask_forgotten,
          sees_the_future, (LANGUAGE,), needs=frozenset({"transformer"})),
    Fault("language_model_reads_both_ways", "the language model's recurrence runs both ways", TIME, both_directions,
          sees_the_future, (LANGUAGE,), needs=frozenset({"recurrent"})),
    Fault("targets_not_shifted", "the target is the token that is read, not the next one",
          TIME | {"loss_pairing", "labels_follow_inputs", "labels_valid", "initial_loss"}, not_shifted,
          copies_its_input, (LANGUAGE,)),
    Fault("last_column_is_padding", "a padded sequence is summed up by its last column", PADDED,
          pooled_by(last_column), trains_worse, (SEQUENCES,), needs=frozenset({"recurrent"})),
    Fault("mask_inverted", "the mean is taken over padding", PADDED, pooled_by(mask_inverted), trains_worse,
          (SEQUENCES,), needs=frozenset({"recurrent", "mean_pooling"})),
    Fault("pooling_over_batch", "attention weights sum to 1 over the batch, not over time",
          frozenset({"batch_dependency"}), pooled_by(softmax_over_the_batch), leaks_over_batch, (SEQUENCES,)),
)  # fmt: skip
