"""Tricks that replace the network's activation function."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.activation.elu import ELU
from assay.tricks.activation.gelu import GELU
from assay.tricks.activation.leaky_relu import LeakyReLU
from assay.tricks.activation.mish import Mish
from assay.tricks.activation.noisy_relu import NoisyReLU
from assay.tricks.activation.prelu import PReLU
from assay.tricks.activation.rrelu import RReLU
from assay.tricks.activation.selu import SELU
from assay.tricks.activation.soft_threshold import SoftThreshold
from assay.tricks.activation.swish import Swish

TRICKS: tuple[type[Trick], ...] = (
    *(LeakyReLU, NoisyReLU, PReLU, RReLU),
    *(Swish, Mish, GELU, ELU, SELU),
    SoftThreshold,
)
