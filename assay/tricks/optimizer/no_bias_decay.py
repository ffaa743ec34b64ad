"""No bias decay: weight decay acts on the weights of convolutions and linear layers only.

    weight_decay = 0 for biases, and for scales and shifts of norms (parameters of one dimension)

A decayed scale or shift is pulled towards 0, which bounds nothing: they are few and do not overfit.

Source: Jia et al. 2018 (arXiv:1807.11205); He et al. 2018 (arXiv:1812.01187), section 3.1.
Measured: ImageNet ResNet-50, after zero gamma: 76.19 -> 76.16 top-1 at batch 256, 76.37 -> 76.03 at batch 1024
(He et al. 2018, table 4); CUB-200 VGG-16 from scratch, after Xavier and warm-up: 66.07 -> 70.14
(weiaicunzai/Bag_of_Tricks_for_Image_Classification_with_Convolutional_Neural_Networks).
Hurts: ImageNet ResNet-50 by 0.34 at batch 1024, above; small decay: CIFAR-10 at batch 4096 error
10.81 -> 8.78 % with weight decay 5e-4, but 10.20 -> 10.38 % with 1e-4 (hysts/pytorch_image_classification).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from assay.recipe import Recipe


def no_decay_on_vectors(module: nn.Module, name: str, parameter: nn.Parameter) -> Mapping[str, float]:
    """Optimiser settings of one parameter: no decay on scalars and vectors, nothing special on others."""
    return {"weight_decay": 0.0} if parameter.ndim <= 1 else {}


@dataclass(frozen=True)
class NoBiasDecay:
    """Leave biases and norms out of weight decay."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(parameter_rules=no_decay_on_vectors)
