"""Faults in layers and their first weights."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from faults.fault import Fault
from faults.network import ACTIVATIONS, replace_modules
from faults.parts import Parts
from faults.planted import AUTOENCODERS, IMAGES, LABELLED, LANGUAGE, SEQUENCES, SIGNALS, TABLES, VECTORS
from faults.planted.loss import after_head
from faults.planted.wiring import behind_features, width_of
from faults.properties import last_linear
from faults.symptoms import fits_worse, trains_worse

WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)
NORMS = frozenset({"batch_norm", "group_norm", "layer_norm"})


def initialised(edit: Callable[[Any], None]) -> Any:
    """Plants an edit of each layer with weights; not where a recurrence, which has none of them, is the network."""

    def plant(parts: Parts, chance: random.Random) -> Parts:
        def edit_all(model: nn.Module) -> nn.Module:
            with torch.no_grad():
                for module in model.modules():
                    if isinstance(module, WEIGHTED):
                        edit(module)
            return model

        return parts.edit_model(edit_all)

    return plant


def zeros(layer: Any) -> None:
    layer.weight.zero_()
    layer.bias.zero_()


def constants(layer: Any) -> None:
    layer.weight.fill_(0.05)
    layer.bias.fill_(0.05)


def huge(layer: Any) -> None:
    layer.weight.normal_(0.0, 3.0)


def tiny(layer: Any) -> None:
    layer.weight.normal_(0.0, 1e-5)
    layer.bias.zero_()


def dead(parts: Parts, chance: random.Random) -> Parts:
    """Biases of -30 in front of every ReLU."""

    def edit(model: Any) -> nn.Module:
        with torch.no_grad():
            for module in model.features.modules():
                if isinstance(module, WEIGHTED):
                    module.bias.fill_(-30.0)
        return model

    return parts.edit_model(edit)


def sure_of_one_class(parts: Parts, chance: random.Random) -> Parts:
    def edit(model: Any) -> nn.Module:
        with torch.no_grad():
            last_linear(model.head).bias[0] = 25.0
        return model

    return parts.edit_model(edit)


def without_activations(parts: Parts, chance: random.Random) -> Parts:
    def edit(model: nn.Module) -> nn.Module:
        replace_modules(model, ACTIVATIONS, lambda module: nn.Identity())
        return model

    return parts.edit_model(edit)


def many_sigmoids(model: Any) -> nn.Module:
    width = width_of(model)
    return nn.Sequential(*[layer for _ in range(6) for layer in (nn.Linear(width, width), nn.Sigmoid())])


def one_unit(model: Any) -> nn.Module:
    width = width_of(model)
    return nn.Sequential(nn.Linear(width, 1), nn.Linear(1, width))


def unstable(parts: Parts, chance: random.Random) -> Parts:
    """A ReLU recurrence with weights of twice the identity."""

    def edit(model: Any) -> nn.Module:
        old = model.features.recurrent
        own = nn.RNN(old.input_size, old.hidden_size, nonlinearity="relu", batch_first=old.batch_first)
        with torch.no_grad():
            own.weight_hh_l0.copy_(2.0 * torch.eye(old.hidden_size))
        model.features.recurrent = own
        return model

    return parts.edit_model(edit)


SCALE = frozenset({"initialization_scale"})
RECURRENT = frozenset({"recurrent"})
GONE = SCALE | {"symmetric_initialization", "vanishing_gradients", "dead_units"}
FAULTS = (
    Fault("zero_weights", "all weights start at 0", GONE | {"parameters_trained"}, initialised(zeros), trains_worse,
          (*VECTORS, AUTOENCODERS), lacks=RECURRENT | {"layer_norm"}),
    Fault("constant_weights", "all weights start at the same constant", frozenset({"symmetric_initialization"}),
          initialised(constants), trains_worse, (*VECTORS, AUTOENCODERS), lacks=RECURRENT),
    Fault("huge_weights", "weights start with a deviation of 3",
          SCALE | {"exploding_gradients", "initial_loss", "saturated_units"}, initialised(huge),
          trains_worse, (*VECTORS, AUTOENCODERS), lacks=NORMS | RECURRENT),
    Fault("tiny_weights", "weights start with a deviation of 0.00001", GONE, initialised(tiny), trains_worse,
          (*VECTORS, AUTOENCODERS), lacks=NORMS | RECURRENT),
    Fault("dead_from_the_start", "biases of -30 in front of every ReLU",
          SCALE | {"dead_units", "parameters_trained", "vanishing_gradients"}, dead, trains_worse,
          (IMAGES, TABLES, SIGNALS), needs=frozenset({"relu"}), lacks=NORMS | RECURRENT),
    Fault("sure_of_one_class", "the output bias starts at 25 for one class",
          frozenset({"output_bias", "initial_loss"}) | SCALE, sure_of_one_class, trains_worse, LABELLED,
          needs=frozenset({"classification"})),
    Fault("no_nonlinearity", "no activation between linear layers",
          frozenset({"nonlinearity", "capacity_lowers_loss"}), without_activations, trains_worse, (IMAGES, TABLES),
          needs=frozenset({"perceptron"}), one_of=frozenset({"friedman1", "shapes"})),
    Fault("six_sigmoids", "six layers of sigmoids in a row",
          SCALE | {"vanishing_gradients", "saturated_units"},
          behind_features(many_sigmoids), trains_worse, LABELLED),
    Fault("one_unit_between", "everything passes through a single unit",
          frozenset({"capacity_lowers_loss", "overfit_one_batch"}), behind_features(one_unit), fits_worse, VECTORS,
          needs=frozenset({"classification"}), lacks=frozenset({"wine"})),
    Fault("unstable_recurrence", "a ReLU recurrence that doubles at each moment",
          SCALE | {"exploding_gradients", "saturated_units", "initial_loss"}, unstable, trains_worse,
          (SEQUENCES, LANGUAGE, SIGNALS), needs=frozenset({"recurrent"}), lacks=frozenset({"both_ways"})),
    Fault("relu_on_the_output", "regression ends in ReLU, and targets are negative too",
          frozenset({"output_range", "dead_units"}), after_head(nn.ReLU), trains_worse, (TABLES, SIGNALS),
          needs=frozenset({"regression"})),
    Fault("tanh_on_the_output", "regression ends in tanh, and targets reach beyond 1",
          frozenset({"output_range", "saturated_units"}), after_head(nn.Tanh), fits_worse, (TABLES, SIGNALS),
          needs=frozenset({"regression", "squared_error"})),
    Fault("sigmoid_on_the_drawing", "the decoder ends in a sigmoid, and pixels are standardised",
          frozenset({"output_range", "saturated_units"}), after_head(nn.Sigmoid), fits_worse, (AUTOENCODERS,),
          needs=frozenset({"squared_error"}), lacks=frozenset({"variational"})),
)  # fmt: skip
