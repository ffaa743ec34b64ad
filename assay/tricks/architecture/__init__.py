"""Tricks that change the network's shape."""

from __future__ import annotations

from assay.recipe import Trick
from assay.tricks.architecture.resnet_d import ResNetD

TRICKS: tuple[type[Trick], ...] = (ResNetD,)
