"""Patch whitening: a frozen first convolution turns small patches into their whitened components and negatives.

    components = eigenvectors of the patches' covariance / sqrt(eigenvalues + eps)
    outputs    = gelu(convolution of inputs with (components, -components), + bias)

The filters are fitted once on the first batch, and saved with the network; the bias, which starts at 0, is trained
for `bias_epochs` (airbench: 3) and then held where it is. There is no padding, so images lose size - 1 pixels a
side. The network's own first convolution is built anew for the 2 channels size^2 that come. Defaults: patches of
2x2, eps 5e-4.

Source: Jordan 2024 (arXiv:2404.00498), `airbench94`; it takes the layer from Page 2019, "How to train your
ResNet 8: Bag of tricks".
Measured: no figure read by us that isolates it; airbench94 as a whole has 94.01 % on CIFAR-10 in 9.9 epochs.
Hurts: no case read by us.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.errors import InputError
from assay.models.abilities import has_maps, takes_any_size
from assay.models.initialisation import initialise_convolutions
from assay.models.input_layers import inputs_of, prepare_inputs
from assay.models.memory_format import store_channels_last
from assay.models.norms import replace_modules
from assay.models.whitening import whitening_map
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_above_zero, require_range


class PatchWhiteningLayer(nn.Module):
    """A convolution whose filters no optimiser and no initialisation sees; patches as they are until it is fitted."""

    filters: Tensor

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        self.register_buffer("filters", both_signs(torch.eye(channels * size**2), channels, size))
        self.bias = nn.Parameter(torch.zeros(2 * channels * size**2))

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch filters rows columns"]:
        return F.conv2d(images, self.filters, self.bias)


def both_signs(components: Tensor, channels: int, size: int) -> Float[Tensor, "filters channels size size"]:
    """(components, values) as filters, then their negatives."""
    return torch.cat([components, -components]).reshape(-1, channels, size, size)


def widen_first_convolution(model: nn.Module, *, channels: int, wanted: int) -> None:
    """Build the network's first convolution anew, for inputs of `wanted` channels.

    Raises:
        InputError: there is none for images of `channels`, or its weight is reshaped already.
    """
    first = next((module for module in model.modules() if isinstance(module, nn.Conv2d)), None)
    if first is None or first.in_channels != channels or first.groups != 1 or hasattr(first, "parametrizations"):
        raise InputError(
            f"PatchWhitening needs a network whose first convolution takes {channels} channels, got {first}; "
            "take PatchWhitening out"
        )
    new = copy.deepcopy(first)
    new.in_channels = wanted
    new.weight = nn.Parameter(first.weight.new_empty(first.out_channels, wanted, *first.kernel_size))
    initialise_convolutions(new)
    store_channels_last(new)
    replace_modules(model, lambda module: new if module is first else None)


def fit_patches(model: nn.Module, inputs: Tensor, *, eps: float) -> None:
    """Calibration: whiten the patches of what reaches the layer of these inputs."""
    layer = whitening_layer(model)
    channels, size = layer.filters.shape[1:3]
    patches = F.unfold(inputs_of(layer, model, inputs), size).transpose(1, 2).flatten(0, 1)
    _, components = whitening_map(patches, form="pca", eps=eps, shrink=False)
    layer.filters.copy_(both_signs(components, channels, size))


@dataclass(frozen=True)
class HeldBias:
    """Weight edit: after this many epochs the layer's bias stays as it was."""

    at_moments: ClassVar[bool] = False
    epochs: float

    def start(self, model: nn.Module) -> dict[str, Tensor]:
        """The bias as it was last trained."""
        return {"bias": whitening_layer(model).bias.detach().clone()}

    @torch.no_grad()
    def edit(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> None:
        """Remember the bias while it is trained, and put it back later."""
        bias = whitening_layer(model).bias
        if clock.epoch < self.epochs:
            state["bias"].copy_(bias)
        else:
            bias.copy_(state["bias"])


def whitening_layer(model: nn.Module) -> PatchWhiteningLayer:
    """The network's one such layer."""
    (layer,) = (module for module in model.modules() if isinstance(module, PatchWhiteningLayer))
    return layer


@dataclass(frozen=True)
class PatchWhitening:
    """Whiten patches in a frozen first convolution.

    size: pixels a side; eps: added to variances; bias_epochs: how long the bias is trained, infinity throughout.
    """

    images_only: ClassVar[bool] = True
    size: int = 2
    eps: float = 5e-4
    bias_epochs: float = math.inf

    def __post_init__(self) -> None:
        require_range("size", self.size, 1, 16, usual="2 is usual")
        require_range("eps", self.eps, 0.0, usual="5e-4 is usual")
        require_above_zero("bias_epochs", self.bias_epochs, usual="airbench's is 3, and infinity trains it throughout")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(has_maps(recipe.model), self, "a network with convolutions")
        recipe.require(self.size == 1 or takes_any_size(recipe.model), self, "a network that takes images of any size")
        if math.isfinite(self.bias_epochs):
            recipe = recipe.add(weight_edits=HeldBias(self.bias_epochs))
        recipe = recipe.claim(self, "whitening").add(model_edits=at("first convolution", self.make_room))
        fit = partial(fit_patches, eps=self.eps)
        return recipe.add(model_edits=at("patches of inputs", self.put_in_front), calibrations=at("fit to inputs", fit))

    def make_room(self, model: nn.Module, specification: Specification) -> nn.Module:
        """Model edit: a first convolution that takes what the layer gives."""
        channels = specification.input_shape[0]
        widen_first_convolution(model, channels=channels, wanted=2 * channels * self.size**2)
        return model

    def put_in_front(self, model: nn.Module, specification: Specification) -> nn.Module:
        """Model edit: the layer, not fitted yet."""
        return prepare_inputs(model, PatchWhiteningLayer(specification.input_shape[0], self.size), nn.GELU())
