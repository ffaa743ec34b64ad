"""Tricks that change the network's shape."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.architecture.blur_pool import BlurPool
from assay.tricks.architecture.bottleneck import Bottleneck
from assay.tricks.architecture.cross_stage_partial import CrossStagePartial
from assay.tricks.architecture.deepen import Deepen
from assay.tricks.architecture.global_average_pooling import GlobalAveragePooling
from assay.tricks.architecture.last_layer_only import LastLayerOnly
from assay.tricks.architecture.pre_activation import PreActivation
from assay.tricks.architecture.pyramid_unit import PyramidUnit
from assay.tricks.architecture.resnet_b import ResNetB
from assay.tricks.architecture.resnet_c import ResNetC
from assay.tricks.architecture.resnet_d import ResNetD
from assay.tricks.architecture.shrinkage import Shrinkage
from assay.tricks.architecture.small_input import SmallInput
from assay.tricks.architecture.spatial_attention import SpatialAttention
from assay.tricks.architecture.spatial_pyramid_pooling import SpatialPyramidPooling
from assay.tricks.architecture.squeeze_excitation import SqueezeExcitation
from assay.tricks.architecture.widen import Widen

TRICKS: tuple[type[Trick], ...] = (
    *(ResNetB, ResNetC, ResNetD),
    *(PreActivation, PyramidUnit, Bottleneck, Widen, Deepen, CrossStagePartial),
    *(SqueezeExcitation, SpatialAttention, Shrinkage),
    *(GlobalAveragePooling, SpatialPyramidPooling, BlurPool, SmallInput, LastLayerOnly),
)
