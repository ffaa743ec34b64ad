"""What networks of these builders are known to have or to take, before one is built; of others all is hoped for."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from assay.models.airbench import Airbench
from assay.models.builder import ModelBuilder
from assay.models.mlp import MLP
from assay.models.recurrent import Recurrent


@runtime_checkable
class WithHead(Protocol):
    """A builder that lets one choose what comes before the last layer."""

    @property
    def head(self) -> str: ...


def has_maps(model: ModelBuilder) -> bool:
    """Whether the network is convolutional: maps of channels, and norms of them."""
    return not isinstance(model, MLP | Recurrent)


def has_activations(model: ModelBuilder) -> bool:
    """Whether layers of their own are the network's activations; recurrent ones have them inside."""
    return not isinstance(model, Recurrent)


def takes_any_size(model: ModelBuilder) -> bool:
    """Whether images may be of another size than the network was built for."""
    return has_maps(model) and not flattens_maps(model)


def flattens_maps(model: ModelBuilder) -> bool:
    """Whether the last layer sees every pixel of the last maps."""
    return isinstance(model, WithHead) and model.head == "flatten"


def has_output_bias(model: ModelBuilder) -> bool:
    """Whether the last layer has a bias."""
    return not isinstance(model, Airbench)
