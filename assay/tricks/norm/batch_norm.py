"""Batch norm: normalise each channel over the batch; the first thing to add to a network that trains badly.

    outputs = (inputs - mean) / sqrt(variance + eps) * weight + bias
    mean, variance of each channel over the batch and all positions; in evaluation, running averages of them

It acts on W x, before the activation: after every linear layer or convolution of a `Sequential` but the
network's last, whose bias is dropped, for the norm's own takes its place. In a network that has norms it takes
the place of those that are not batch norm, and sets the momentum of those that are.

Also: BN.
Source: Ioffe & Szegedy 2015 (arXiv:1502.03167), section 3.2; Goodfellow et al. 2016, section 8.7.1 (on W x and
without bias) and section 11.2 (add it at once when optimisation is troubled; it may replace dropout).
Measured: no figure read by us that isolates it.
Hurts: batches of a few examples, and batches that are not like the data: train and evaluation then differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.abilities import has_activations
from assay.models.norms import find_norms, insert_norm, swap_norm
from assay.recipe import Recipe


class BatchNormLayer(_BatchNorm):
    """Torch's batch norm for inputs of any number of dimensions."""

    def _check_input_dim(self, input: object) -> None:
        """Any will do."""


def add_batch_norm(model: nn.Module, specification: Specification, *, momentum: float) -> nn.Module:
    """Model edit: batch norm where it belongs."""
    if find_norms(model):
        model = swap_norm(model, BatchNormLayer, keep=(_BatchNorm,))
    else:
        insert_norm(model, lambda layer, channels: BatchNormLayer(channels))
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            module.momentum = momentum
    return model


@dataclass(frozen=True)
class BatchNorm:
    """Batch norm before each activation. momentum: what a batch is worth in the running averages, in (0, 1]."""

    momentum: float = 0.1

    def __post_init__(self) -> None:
        if not 0.0 < self.momentum <= 1.0:
            raise ValueError(f"momentum must be in (0, 1], got {self.momentum}; 0.1 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(has_activations(recipe.model), self, "a network of layers that a norm can follow")
        edit = partial(add_batch_norm, momentum=self.momentum)
        return recipe.claim(self, "norm").add(model_edits=at("norms", edit))
