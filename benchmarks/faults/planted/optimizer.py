"""Faults in the optimiser: what it holds, how fast it goes, and where to."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from torch import nn
from torch.optim import Optimizer

from faults.fault import Fault
from faults.parts import Parts
from faults.planted import AUTOENCODERS, EVERYWHERE, LABELLED, LANGUAGE, TWO_NETWORKS, VECTORS
from faults.properties import parameters_stand_still
from faults.symptoms import trains_worse


def head_only(parts: Parts, chance: random.Random) -> Parts:
    """The features were forgotten."""
    make = parts.make_optimizer
    return parts.but(make_optimizer=lambda model: make(getattr(model, "head")))  # noqa: B009


def of_another_network(parts: Parts, chance: random.Random) -> Parts:
    """The network was made anew after its optimiser."""
    make = parts.make_optimizer
    return parts.but(make_optimizer=lambda model: make(parts.make_model()))


def in_groups(edit: Callable[[dict[str, Any]], Any]) -> Any:
    """Plants an edit of every parameter group."""

    def plant(parts: Parts, chance: random.Random) -> Parts:
        make = parts.make_optimizer

        def make_edited(model: nn.Module) -> Optimizer:
            optimizer = make(model)
            for group in optimizer.param_groups:
                edit(group)
            return optimizer

        return parts.but(make_optimizer=make_edited)

    return plant


def features_at_rest(parts: Parts, chance: random.Random) -> Parts:
    """A group of their own, with a rate of 0."""
    make = parts.make_optimizer

    def make_edited(model: Any) -> Optimizer:
        optimizer = make(model.head)
        optimizer.add_param_group({"params": list(model.features.parameters()), "lr": 0.0})
        return optimizer

    return parts.but(make_optimizer=make_edited)


def faster(factor: float) -> Any:
    return in_groups(lambda group: group.update(lr=factor * group["lr"]))


def decayed_away(group: dict[str, Any]) -> None:
    """Three tenths of each weight go at each step; where decay enters the gradient, it rules it."""
    in_gradient = "alpha" in group or ("betas" in group and not group.get("decoupled_weight_decay"))
    group["weight_decay"] = 100.0 if in_gradient else 0.3 / group["lr"]


MISSING = frozenset({"parameters_trained"})
RATE = frozenset({"learning_rate", "update_ratio"})
FAULTS = (
    Fault("features_not_in_optimizer", "only the head was handed to the optimiser", MISSING, head_only,
          parameters_stand_still, (*EVERYWHERE, TWO_NETWORKS)),
    Fault("optimizer_of_another_network", "the network was made anew after its optimiser", MISSING,
          of_another_network, parameters_stand_still, EVERYWHERE),
    Fault("features_at_rate_zero", "the features' group has a rate of 0", MISSING | RATE, features_at_rest,
          parameters_stand_still, EVERYWHERE, lacks=frozenset({"scheduled"})),
    Fault("rate_too_large", "a rate 1,000 times too large", RATE | {"exploding_gradients"}, faster(1000.0),
          trains_worse, (*LABELLED, LANGUAGE, AUTOENCODERS)),
    Fault("rate_too_small", "a rate a million times too small", RATE, faster(1e-6), trains_worse,
          (*LABELLED, LANGUAGE, AUTOENCODERS)),
    Fault("maximized", "maximize=True", frozenset({"step_direction"}),
          in_groups(lambda group: group.update(maximize=True)), trains_worse, EVERYWHERE),
    Fault("decayed_away", "weight decay takes the weights away at each step", frozenset({"weight_decay_strength"}),
          in_groups(decayed_away), trains_worse, VECTORS),
    Fault("adam_epsilon_too_large", "Adam's epsilon is 10,000", RATE, in_groups(lambda group: group.update(eps=1e4)),
          trains_worse, (*VECTORS, AUTOENCODERS), one_of=frozenset({"adam", "adamw"})),
)  # fmt: skip
