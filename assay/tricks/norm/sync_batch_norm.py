"""Synchronised batch norm: one mean and variance for the parts of a batch that several processes hold.

    mean, variance over all processes' examples, in place of each process's own

Torch's conversion, for batch norm layers; in one process it is batch norm, exactly. It needs a process group
on devices that torch synchronises (CUDA); without one nothing is exchanged.

Also: SyncBN.
Source: Zhang et al. 2018 (arXiv:1803.08904); `torch.nn.SyncBatchNorm`.
Measured: no figure read by us.
Hurts: the time of one exchange a layer and pass; parts that are large enough gain nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from assay.data.specification import Specification
from assay.edit_order import at
from assay.errors import InputError
from assay.models.abilities import has_maps
from assay.recipe import Recipe


def synchronise_norms(model: nn.Module, specification: Specification) -> nn.Module:
    """Model edit: every batch norm becomes one that exchanges its statistics.

    Raises:
        InputError: the network has no batch norm.
    """
    if not any(isinstance(module, _BatchNorm) for module in model.modules()):
        raise InputError(
            f"SyncBatchNorm needs batch norms, got {type(model).__name__} without any; take SyncBatchNorm out"
        )
    return nn.SyncBatchNorm.convert_sync_batchnorm(model)


@dataclass(frozen=True)
class SyncBatchNorm:
    """Exchange batch norm's statistics between processes."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(has_maps(recipe.model), self, "a network with batch norms")
        return recipe.claim(self, "norm").add(model_edits=at("norms", synchronise_norms))
