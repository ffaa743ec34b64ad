"""Residual networks, in the form for small images and in the form for large ones.

    stages=3  widths w, 2w, 4w; depth 6n + 2 with basic blocks, 9n + 2 with bottlenecks: n blocks a stage
    stages=4  widths w, 2w, 4w, 8w; depth 18 or 34 (basic), 50, 101 or 152 (bottleneck)

    ResNet(depth=20)                    CIFAR-10's ResNet-20 with projection shortcuts, 0.27 M parameters
    ResNet(depth=8, width=22)           about 150,000 parameters
    ResNet.imagenet(50, "D")            ResNet-50-D

Source: He et al. 2015 (arXiv:1512.03385), table 1 and section 4.2; He et al. 2018 (arXiv:1812.01187), section 4.
Measured: ImageNet ResNet-50 A 76.21, B 76.66, C 76.87, D 77.16 top-1; 3.8, 4.1, 4.3, 4.3 G multiply-adds
(He et al. 2018, table 5).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from torch import nn

from assay.models.image_shape import require_image
from assay.models.initialisation import initialise_convolutions
from assay.models.memory_format import store_channels_last
from assay.models.residual_block import Downsampling, NormLayer, basic_block, bottleneck_block

LARGE_FORM_BLOCKS = {
    (18, "basic"): (2, 2, 2, 2),
    (34, "basic"): (3, 4, 6, 3),
    (50, "bottleneck"): (3, 4, 6, 3),
    (101, "bottleneck"): (3, 4, 23, 3),
    (152, "bottleneck"): (3, 8, 36, 3),
}


@dataclass(frozen=True)
class ResNet:
    """A residual network.

    depth: layers with weights, on the longest path; width: channels of the first stage (of a bottleneck's
    3x3); stem: "small" is one 3x3 convolution of stride 1, "half" the same of stride 2 (a quarter of the work
    of everything after it), "large" a 7x7 of stride 2 and a 3x3 max pool of stride 2; deep_stem: three 3x3
    convolutions in place of the stem's one; downsampling: see `residual_block`; norm: "group" has at most 32
    groups; dropout: share of the pooled features set to 0 before the last layer.
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

    def __post_init__(self) -> None:
        choices = {"stages": (3, 4), "block": ("basic", "bottleneck"), "stem": ("small", "half", "large"),
                   "downsampling": ("A", "B", "D"), "norm": ("batch", "group")}  # fmt: skip
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {getattr(self, name)!r}")
        if self.width < 2 or self.width % 2:
            raise ValueError(f"width must be even and at least 2 (a deep stem halves it), got {self.width}")
        if not 0.0 <= self.dropout < 1.0:
            raise ValueError(f"dropout must be in [0, 1), got {self.dropout}; 0 turns it off")
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

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        """A network from (batch, channels, height, width) to (batch, num_outputs).

        Raises:
            InputError: the inputs are not images.
        """
        channels, _, _ = require_image(input_shape, "ResNet")
        norm = NORMS[self.norm]
        layers: OrderedDict[str, nn.Module] = OrderedDict(stem=build_stem(self, channels, norm))
        make_block, expansion = BLOCKS[self.block]
        channels = self.width
        for stage, count in enumerate(blocks_per_stage(self.depth, self.stages, self.block)):
            blocks, width = [], self.width * 2**stage
            for number in range(count):
                stride = 2 if stage > 0 and number == 0 else 1
                blocks.append(make_block(channels, width, stride, norm, self.downsampling))
                channels = width * expansion
            layers[f"stage{stage + 1}"] = nn.Sequential(*blocks)
        layers["average"] = nn.AdaptiveAvgPool2d(1)
        layers["flatten"] = nn.Flatten()
        if self.dropout:
            layers["dropout"] = nn.Dropout(self.dropout)
        layers["linear"] = nn.Linear(channels, num_outputs)
        model = nn.Sequential(layers)
        initialise_convolutions(model)
        store_channels_last(model)
        return model


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


def build_stem(options: ResNet, channels: int, norm: NormLayer) -> nn.Sequential:
    """From the image's channels to `options.width`; the half stem divides both sides by 2, the large by 4."""
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
    if options.stem == "large":
        layers += [nn.MaxPool2d(3, stride=2, padding=1)]
    return nn.Sequential(*layers)


def group_norm(channels: int) -> nn.GroupNorm:
    """32 groups, or the most that divide the channels into groups of at least two.

    Source: Wu & He 2018 (arXiv:1803.08494), table 3; 64 channels in 32 groups are its narrowest layers.
    """
    groups = next(groups for groups in range(min(32, channels // 2), 0, -1) if channels % groups == 0)
    return nn.GroupNorm(groups, channels)


NORMS: dict[str, NormLayer] = {"batch": nn.BatchNorm2d, "group": group_norm}
BLOCKS = {"basic": (basic_block, 1), "bottleneck": (bottleneck_block, 4)}
