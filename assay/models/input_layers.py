"""Layers in front of a network, which travel with it: what it asks of its inputs beyond standardised pixels.

    prepare_inputs(prepare_inputs(network, contrast), whitening)      inputs -> contrast -> whitening -> network

They run in training and in evaluation alike, and their state is in the network's state dict.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification


class PreparedNetwork(nn.Module):
    """A network behind the layers that prepare its inputs."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.prepare = nn.Sequential()
        self.model = model

    def forward(self, inputs: Tensor) -> Tensor:
        return self.model(self.prepare(inputs))


class RawValues(nn.Module):
    """Standardised inputs back in the units of the data: inputs * std + mean, by channel."""

    mean: Tensor
    std: Tensor

    def __init__(self, specification: Specification) -> None:
        super().__init__()
        shape = (1, -1, *(1,) * (len(specification.input_shape) - 1))
        for name in ("mean", "std"):
            values = torch.tensor(getattr(specification.normalization, name), dtype=torch.float32)
            self.register_buffer(name, values.view(shape))

    def forward(self, inputs: Float[Tensor, "batch channels ..."]) -> Float[Tensor, "batch channels ..."]:
        return inputs * self.std + self.mean


def prepare_inputs(model: nn.Module, *layers: nn.Module) -> PreparedNetwork:
    """The network behind these layers, after those that are there already."""
    prepared = model if isinstance(model, PreparedNetwork) else PreparedNetwork(model)
    prepared.prepare.extend(layers)
    return prepared


def prepare_raw_inputs(model: nn.Module, layer: nn.Module, specification: Specification) -> PreparedNetwork:
    """As `prepare_inputs`; the first layer of all gets inputs in the units of the data."""
    first = not isinstance(model, PreparedNetwork)
    return prepare_inputs(model, *([RawValues(specification)] if first else []), layer)


@torch.no_grad()
def inputs_of(layer: nn.Module, model: nn.Module, inputs: Tensor) -> Tensor:
    """What reaches a layer of the network when it is given `inputs`; leaves no trace in it."""
    seen: list[Tensor] = []
    hook = layer.register_forward_pre_hook(lambda module, arguments: seen.append(arguments[0].detach()))
    training = model.training
    try:
        model.eval()(inputs)
    finally:
        hook.remove()
        model.train(training)
    return seen[0]
