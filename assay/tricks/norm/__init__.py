"""Tricks that normalise inputs, layers or weights."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.norm.batch_norm import BatchNorm
from assay.tricks.norm.batch_renorm import BatchRenorm
from assay.tricks.norm.cross_iteration_batch_norm import CrossIterationBatchNorm
from assay.tricks.norm.ghost_batch_norm import GhostBatchNorm
from assay.tricks.norm.global_contrast_norm import GlobalContrastNorm
from assay.tricks.norm.group_norm import GroupNorm
from assay.tricks.norm.instance_norm import InstanceNorm
from assay.tricks.norm.layer_norm import LayerNorm
from assay.tricks.norm.local_contrast_norm import LocalContrastNorm
from assay.tricks.norm.patch_whitening import PatchWhitening
from assay.tricks.norm.pca_whitening import PCAWhitening
from assay.tricks.norm.range_scaling import RangeScaling
from assay.tricks.norm.spectral_norm import SpectralNorm
from assay.tricks.norm.sync_batch_norm import SyncBatchNorm
from assay.tricks.norm.weight_standardisation import WeightStandardisation
from assay.tricks.norm.zca_whitening import ZCAWhitening

TRICKS: tuple[type[Trick], ...] = (
    *(RangeScaling, GlobalContrastNorm, LocalContrastNorm, PCAWhitening, ZCAWhitening, PatchWhitening),
    *(BatchNorm, GhostBatchNorm, SyncBatchNorm, CrossIterationBatchNorm, BatchRenorm),
    *(GroupNorm, LayerNorm, InstanceNorm),
    *(WeightStandardisation, SpectralNorm),
)
