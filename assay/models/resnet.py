"""Residual networks, in the form for small images and in the form for large ones.

    stages=3  widths w, 2w, 4w; depth 6n + 2 with basic blocks, 9n + 2 with bottlenecks: n blocks a stage
    stages=4  widths w, 2w, 4w, 8w; depth 18 or 34 (basic), 26, 50, 101 or 152 (bottleneck)

    ResNet(depth=20)                    CIFAR-10's ResNet-20 with projection shortcuts, 0.27 M parameters
    ResNet(depth=8, width=22)           about 150,000 parameters
    ResNet.cifar(110, "D")              the same refinements as ResNet-50-D's, for small images
    ResNet.imagenet(50, "D")            ResNet-50-D
    ResNet.wide(28, 10)                 WRN-28-10, 36.5 M parameters

Source: He et al. 2015 (arXiv:1512.03385), table 1 and section 4.2; He et al. 2018 (arXiv:1812.01187), section 4;
wide: Zagoruyko & Komodakis 2016 (arXiv:1605.07146), table 1.
Measured: ImageNet ResNet-50 A 76.21, B 76.66, C 76.87, D 77.16 top-1; 3.8, 4.1, 4.3, 4.3 G multiply-adds
(He et al. 2018, table 5; `assay.models.counting` counts 3.86, 4.09, 4.33, 4.33).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from torch import nn

from assay.models.arguments import require_dropout
from assay.models.cross_stage_partial import PartialStage, normed_convolution
from assay.models.image_shape import require_image
from assay.models.initialisation import initialise_convolutions
from assay.models.memory_format import store_channels_last
from assay.models.norms import group_count
from assay.models.pyramid_pooling import PyramidPool
from assay.models.residual_block import Downsampling, NormLayer, Unit, basic_block, bottleneck_block
from assay.models.shrinkage import ShrinkageLayer
from assay.models.spatial_attention import PixelAttention
from assay.models.squeeze_excitation import ChannelAttention

LARGE_FORM_BLOCKS = {
    (18, "basic"): (2, 2, 2, 2),
    (34, "basic"): (3, 4, 6, 3),
    (26, "bottleneck"): (2, 2, 2, 2),
    (50, "bottleneck"): (3, 4, 6, 3),
    (101, "bottleneck"): (3, 4, 23, 3),
    (152, "bottleneck"): (3, 8, 36, 3),
}
Attention = Literal["none", "channel", "spatial", "shrinkage", "shared-shrinkage"]
CHOICES = {
    "stages": (3, 4), "block": ("basic", "bottleneck"), "stem": ("small", "half", "large"),
    "downsampling": ("A", "B", "D"), "norm": ("batch", "group"),
    "unit": ("original", "preactivation", "pyramid"),
    "attention": ("none", "channel", "spatial", "shrinkage", "shared-shrinkage"),
    "pooling": ("average", "pyramid"),
}  # fmt: skip
"""The words each option may be."""


@dataclass(frozen=True)
class ResNet:
    """A residual network.

    depth: layers with weights, on the longest path; width: channels of the first stage (of a bottleneck's
    3x3); stem: "small" is one 3x3 convolution of stride 1, "half" the same of stride 2 (a quarter of the work
    of everything after it), "large" a 7x7 of stride 2 and a 3x3 max pool of stride 2; deep_stem: three 3x3
    convolutions in place of the stem's one; downsampling: see `residual_block`; norm: "group" has at most 32
    groups; dropout: share of the pooled features set to 0 before the last layer; widen: factor on the widths
    of all stages, not of the stem; unit: see `residual_block`; attention: what ends each branch, "shrinkage" has
    a threshold for each channel, "shared-shrinkage" one for all; cross_stage_partial: half the channels of each
    stage go round its blocks; pooling: "pyramid" keeps the maxima of 1x1, 2x2 and 4x4 cells for the last layer.
    """

    depth: int = 8
    width: int = 16
    stages: Literal[3, 4] = 3
    block: Literal["basic", "bottleneck"] = "basic"
    stem: Literal["small", "half", "large"] = "small"
    deep_stem: bool = False
    downsampling: Downsampling = "B"
    norm: Literal["batch", "group"] = "batch"
    dropout: float = 0.0
    widen: int = 1
    unit: Unit = "original"
    attention: Attention = "none"
    cross_stage_partial: bool = False
    pooling: Literal["average", "pyramid"] = "average"

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {getattr(self, name)!r}")
        if self.width < 2 or self.width % 2:
            raise ValueError(f"width must be even and at least 2 (a deep stem halves it), got {self.width}")
        if self.widen < 1:
            raise ValueError(f"widen must be a factor of at least 1, got {self.widen}; 4 and 10 are published")
        require_dropout(self.dropout)
        blocks_per_stage(self.depth, self.stages, self.block)

    @classmethod
    def imagenet(cls, depth: int = 50, variant: Literal["A", "B", "C", "D"] = "B") -> ResNet:
        """The form for 224-pixel images: A as published, B, C and D as He et al. 2018 refine it, one on the other."""
        if variant not in ("A", "B", "C", "D"):
            raise ValueError(f"variant must be 'A', 'B', 'C' or 'D', got {variant!r}")
        block = "basic" if depth < 50 else "bottleneck"
        downsampling = "B" if variant == "C" else variant
        deep_stem = variant in ("C", "D")
        return cls(depth, 64, 4, block, stem="large", deep_stem=deep_stem, downsampling=downsampling)

    @classmethod
    def cifar(cls, depth: int = 20, variant: Literal["A", "B", "C", "D"] = "B") -> ResNet:
        """The form for 32-pixel images, 20, 32, 44, 56 or 110 layers deep; with basic blocks A and B are equal."""
        if variant not in ("A", "B", "C", "D"):
            raise ValueError(f"variant must be 'A', 'B', 'C' or 'D', got {variant!r}")
        return cls(depth, deep_stem=variant in ("C", "D"), downsampling="B" if variant == "C" else variant)

    @classmethod
    def wide(cls, depth: int = 16, factor: int = 4) -> ResNet:
        """WRN-`depth`-`factor` for 32-pixel images: 6n + 4 counts three projections and leaves out the last layer."""
        return cls(depth - 2, 16, widen=factor, unit="preactivation")

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        """A network from (batch, channels, height, width) to (batch, num_outputs).

        Raises:
            InputError: the inputs are not images.
        """
        image_channels, _, _ = require_image(input_shape, "ResNet")
        layers: OrderedDict[str, nn.Module] = OrderedDict(stem=build_stem(self, image_channels))
        channels = self.width
        for number, count in enumerate(blocks_per_stage(self.depth, self.stages, self.block)):
            layers[f"stage{number + 1}"], channels = build_stage(self, number, count, channels)
        if self.unit != "original":
            layers["activation"] = nn.Sequential(NORMS[self.norm](channels), nn.ReLU())
        pool = nn.AdaptiveAvgPool2d(1) if self.pooling == "average" else PyramidPool()
        layers["pool"], bins = pool, pool.bins if isinstance(pool, PyramidPool) else 1
        layers["flatten"] = nn.Flatten()
        if self.dropout:
            layers["dropout"] = nn.Dropout(self.dropout)
        layers["linear"] = nn.Linear(channels * bins, num_outputs)
        model = nn.Sequential(layers)
        initialise_convolutions(model)
        store_channels_last(model)
        return model


def build_stage(options: ResNet, number: int, count: int, channels: int) -> tuple[nn.Module, int]:
    """Stage `number`, from 0, of `count` blocks, and the channels it gives; all but the first halve both sides."""
    stride, width = 2 if number else 1, options.width * options.widen * 2**number
    if not options.cross_stage_partial:
        return build_blocks(options, count, channels, width, stride)
    _, expansion = BLOCKS[options.block]
    norm, outputs = NORMS[options.norm], width * expansion
    # The blocks keep size and channels here, so a convolution before them changes both.
    before = (
        nn.Identity() if (stride, channels) == (1, outputs) else normed_convolution(channels, outputs, 3, stride, norm)
    )
    blocks, _ = build_blocks(options, count, outputs // 2, width // 2, 1)
    return nn.Sequential(before, PartialStage(outputs, blocks, norm)), outputs


def build_blocks(options: ResNet, count: int, channels: int, width: int, stride: int) -> tuple[nn.Sequential, int]:
    """`count` residual blocks one on the other, the first of this stride, and the channels they give."""
    make_block, expansion = BLOCKS[options.block]
    blocks = []
    for number in range(count):
        step = stride if number == 0 else 1
        block = make_block(channels, width, step, NORMS[options.norm], options.downsampling, options.unit)
        channels = width * expansion
        if options.attention != "none":
            block.attention = ATTENTIONS[options.attention](channels)
        blocks.append(block)
    return nn.Sequential(*blocks), channels


def blocks_per_stage(depth: int, stages: int, block: str) -> tuple[int, ...]:
    """How many residual blocks each stage has.

    Raises:
        ValueError: no network of this form has this depth.
    """
    if stages == 3:
        layers_per_block = 2 if block == "basic" else 3
        count, rest = divmod(depth - 2, 3 * layers_per_block)
        if count < 1 or rest:
            raise ValueError(
                f"depth of three stages of {block} blocks must be {3 * layers_per_block} n + 2, got {depth}; "
                f"the nearest is {3 * layers_per_block * max(1, round((depth - 2) / (3 * layers_per_block))) + 2}"
            )
        return (count,) * 3
    if (depth, block) not in LARGE_FORM_BLOCKS:
        known = ", ".join(f"{known_depth} ({known_block})" for known_depth, known_block in LARGE_FORM_BLOCKS)
        raise ValueError(f"depth of four stages must be one of {known}, got {depth} ({block})")
    return LARGE_FORM_BLOCKS[depth, block]


def build_stem(options: ResNet, channels: int) -> nn.Sequential:
    """From the image's channels to `options.width`; the half stem divides both sides by 2, the large by 4."""
    norm = NORMS[options.norm]
    stride, kernel = {"small": (1, 3), "half": (2, 3), "large": (2, 7)}[options.stem]
    width, half = options.width, options.width // 2
    if options.deep_stem:
        plan = [(channels, half, 3, stride), (half, half, 3, 1), (half, width, 3, 1)]
    else:
        plan = [(channels, width, kernel, stride)]
    layers: list[nn.Module] = []
    for before, after, size, step in plan:
        layers += [nn.Conv2d(before, after, size, step, padding=size // 2, bias=False), norm(after)]
        layers += [nn.ReLU(inplace=True)]
    if options.unit != "original":
        # The first block's own norm and ReLU follow.
        del layers[-2:]
    if options.stem == "large":
        layers += [nn.MaxPool2d(3, stride=2, padding=1)]
    return nn.Sequential(*layers)


def group_norm(channels: int) -> nn.GroupNorm:
    """32 groups, or the most that divide the channels into groups of at least two.

    Source: Wu & He 2018 (arXiv:1803.08494), table 3; 64 channels in 32 groups are its narrowest layers.
    """
    return nn.GroupNorm(group_count(channels, 32), channels)


NORMS: dict[str, NormLayer] = {"batch": nn.BatchNorm2d, "group": group_norm}
BLOCKS = {"basic": (basic_block, 1), "bottleneck": (bottleneck_block, 4)}
ATTENTIONS: dict[str, Callable[[int], nn.Module]] = {
    "channel": ChannelAttention,
    "spatial": PixelAttention,
    "shrinkage": partial(ShrinkageLayer, shared=False),
    "shared-shrinkage": partial(ShrinkageLayer, shared=True),
}
