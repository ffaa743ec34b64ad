"""Where a run starts when nobody says otherwise: model, baseline, candidates and the expert's stack.

The baseline is deliberately plain, so that every trick has something to be measured against. The
expert's stack is what published recipes agree on; it competes with the stack measured on the data.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import torch

from assay.data.specification import Specification
from assay.device import multiplies_bf16
from assay.losses import loss_for
from assay.models.builder import ModelBuilder
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.optimizers import AdamW
from assay.recipe import Recipe, Trick
from assay.tricks.architecture.resnet_d import ResNetD
from assay.tricks.average.ema import EMA
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.drop.dropout import Dropout
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.initialisation.output_bias_init import OutputBiasInit
from assay.tricks.initialisation.zero_gamma import ZeroGamma
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.target.label_smoothing import LabelSmoothing

SMALL_IMAGE, LARGE_IMAGE = 16, 96
"""Shorter sides, in pixels: up to the first a small convnet, from the second a ResNet with a large stem."""


def default_model(specification: Specification) -> ModelBuilder:
    """A small ResNet for images, a convnet for tiny ones, an MLP for vectors."""
    if not specification.is_image:
        return MLP()
    side = min(specification.input_shape[1:])
    if side <= SMALL_IMAGE:
        return ConvNet(widths=(32, 64, 128))
    return ResNet(depth=8, width=32, stem="half" if side < LARGE_IMAGE else "large")


def model_sizes(specification: Specification) -> tuple[ModelBuilder, ...]:
    """The default model's family from small to large, for the overfit stage."""
    if not specification.is_image:
        return tuple(MLP(hidden=hidden) for hidden in ((16,), (64, 32), (128, 64), (512, 256)))
    if isinstance(default_model(specification), ConvNet):
        return tuple(ConvNet(widths=widths) for widths in ((8, 16), (16, 32, 64), (32, 64, 128), (64, 128, 256)))
    standard = cast(ResNet, default_model(specification))
    return tuple(replace(standard, depth=depth, width=width) for depth, width in ((8, 8), (8, 16), (8, 32), (14, 64)))


SMALLEST_SIDE = 4
"""Pixels below which moving or cutting an image leaves nothing of it."""


def default_batch_size(examples: int) -> int:
    """A power of two from 16 to 128 that gives an epoch at least 15 steps."""
    size = 128
    while size > 16 and examples // size < 15:
        size //= 2
    return size


def baseline_recipe(
    specification: Specification, examples: int, *, epochs: float = 10.0, device: torch.device | None = None
) -> Recipe:
    """AdamW at a constant rate, maximum likelihood, no augmentation, no regularisation but its decay.

    Half precision is part of it where the device has it: it buys time for everything that is compared.
    """
    recipe = Recipe(
        model=default_model(specification),
        loss=loss_for(specification.task),
        optimizer=AdamW(learning_rate=2e-3, weight_decay=0.01),
        batch_size=default_batch_size(examples),
        epochs=epochs,
    )
    for trick in precision_tricks(specification, device):
        recipe = recipe | trick
    return recipe


def expert_tricks(specification: Specification) -> tuple[Trick, ...]:
    """What published recipes agree on for this kind of data, with no regard to the data itself.

    No augmentation: what it is worth depends on the data and on the length of the training (a crop of
    4 pixels cost 2.6 points on Fashion-MNIST in 3 epochs), so it is for the ablation to propose.
    """
    tricks: list[Trick] = [OneCycle(), NoBiasDecay()]
    if specification.task == "classification":
        tricks.append(LabelSmoothing(0.1))
    return tuple(tricks)


def precision_tricks(specification: Specification, device: torch.device | None = None) -> tuple[Trick, ...]:
    """Half precision for convolutions worth the conversion, where the device multiplies bf16 natively."""
    worth_it = specification.is_image and not isinstance(default_model(specification), ConvNet)
    return (MixedPrecision("bf16"),) if worth_it and multiplies_bf16(device) else ()


def default_recipe(
    specification: Specification, examples: int, *, epochs: float = 10.0, device: torch.device | None = None
) -> Recipe:
    """The expert's stack on the baseline, for training on `device`: what `assay train` uses without a recipe."""
    recipe = baseline_recipe(specification, examples, epochs=epochs, device=device)
    rate = 1e-2 if specification.is_image else 5e-3
    recipe = recipe.change(optimizer=AdamW(learning_rate=rate, weight_decay=0.02))
    for trick in expert_tricks(specification):
        recipe = recipe | trick
    return recipe


def candidate_tricks(specification: Specification) -> tuple[Trick, ...]:
    """Tricks worth measuring on this kind of data, likeliest first: a short budget measures fewer."""
    classification, image = specification.task == "classification", specification.is_image
    tricks: list[Trick] = [OneCycle()]
    side = min(specification.input_shape[1:]) if image else 0
    if side >= SMALLEST_SIDE:
        tricks += [Crop(padding=crop_padding(specification)), Flip()]
    if classification:
        tricks += [LabelSmoothing(0.1), Mixup(0.2)]
    tricks += [EMA(decay=0.99), WeightDecay(0.1)]
    if side >= SMALLEST_SIDE:
        tricks.append(Cutout(size=max(2, side // 3)))
    if side >= SMALLEST_SIDE and classification:
        tricks.append(CutMix())
    if isinstance(default_model(specification), ResNet):
        tricks += [ZeroGamma(), ResNetD()]
    tricks += [Dropout(0.2), GradientClip(1.0), NoBiasDecay()]
    if classification:
        tricks.append(OutputBiasInit())
    return (*tricks, Cosine(), StepDecay())


def crop_padding(specification: Specification) -> int:
    """An eighth of the shorter side, as 4 pixels of 32; at least 1."""
    return max(1, round(min(specification.input_shape[1:]) / 8))
