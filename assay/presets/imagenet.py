"""Published recipes for ResNet-50 on ImageNet.

Figures are top-1 accuracy on ImageNet's validation split as their sources report them; none was trained here.
"""

from __future__ import annotations

from typing import Literal

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.presets.preset import Preset, stacked
from assay.recipe import Recipe
from assay.tricks.architecture.blur_pool import BlurPool
from assay.tricks.architecture.resnet_d import ResNetD
from assay.tricks.average.ema import EMA
from assay.tricks.batch.color_jitter import ColorJitter
from assay.tricks.batch.colout import ColOut
from assay.tricks.batch.fancy_pca import FancyPCA
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.batch.mixup_or_cutmix import MixupOrCutMix
from assay.tricks.batch.rand_augment import RandAugment
from assay.tricks.batch.random_area_crop import RandomAreaCrop
from assay.tricks.batch.random_erasing import RandomErasing
from assay.tricks.batch.trivial_augment import TrivialAugment
from assay.tricks.drop.stochastic_depth import StochasticDepth
from assay.tricks.inference.flip_average import FlipAverage
from assay.tricks.initialisation.zero_gamma import ZeroGamma
from assay.tricks.loss.binary_cross_entropy import BinaryCrossEntropy
from assay.tricks.optimizer.decoupled_sgd import DecoupledSGD
from assay.tricks.optimizer.lamb import LAMB
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.sampling.repeated_augmentation import RepeatedAugmentation
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.progressive_resizing import ProgressiveResizing
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.step.sam import SAM
from assay.tricks.target.label_smoothing import LabelSmoothing

HE = "He et al. 2018 (arXiv:1812.01187)"
RSB = "Wightman et al. 2021 (arXiv:2110.00476)"
TORCHVISION = "Vryniotis 2021, How to train state-of-the-art models using TorchVision's latest primitives"
MOSAIC = "MosaicML 2022, Composer's ResNet recipes"
FFCV = "Leclerc et al. 2022, ffcv-imagenet, rn50 with 88 epochs"

ONE_RESOLUTION = "images are used at the size of the data; the source crops and evaluates at other sizes"
BIASES_TOO = "biases are not decayed either; the source frees norms alone"
CLASSIC_AUGMENTATION = (RandomAreaCrop(), Flip(), ColorJitter(), FancyPCA())


def resnet50(batch_size: int, epochs: float, learning_rate: float, weight_decay: float, *,
             variant: Literal["A", "B"] = "B", nesterov: bool = True) -> Recipe:  # fmt: skip
    """The network of all of them under SGD."""
    model, optimizer = ResNet.imagenet(50, variant), SGD(learning_rate, 0.9, nesterov, weight_decay)
    return Recipe(model=model, optimizer=optimizer, batch_size=batch_size, epochs=epochs)


def bag_of_tricks() -> tuple[Preset, ...]:
    """The three of He et al. 2018, each on top of the one before."""
    # Their tables tell B, what others call ResNet-50, from the network that they start from.
    augmented = stacked(resnet50(256, 120, 0.1, 1e-4, variant="A"), *CLASSIC_AUGMENTATION)
    efficient = stacked(augmented.change(batch_size=1024), LinearScaling(), Warmup(5.0), ZeroGamma(), NoBiasDecay(),
                        MixedPrecision("fp16"))  # fmt: skip
    refined = stacked(efficient.change(epochs=200), ResNetD(), Cosine(), LabelSmoothing(0.1), Mixup(0.2))
    facts = {"source": HE, "data": "ImageNet"}
    same = (ONE_RESOLUTION, "brightness, saturation and hue vary by at most 0.4, 0.4 and 0.2 of the circle",
            "first weights are drawn as He et al. 2015 do, like the source's code; its text says Xavier")  # fmt: skip
    return (
        Preset("bag-of-tricks-baseline", augmented | StepDecay(), "75.87 top-1, 92.70 top-5", deviations=same, **facts),
        Preset("bag-of-tricks-efficient", efficient | StepDecay(), "76.21 top-1, 92.97 top-5", deviations=same,
               **facts),
        Preset("bag-of-tricks", refined, "79.29 top-1, 94.63 top-5 with distillation; 79.15, 94.58 without", **facts,
               deviations=(*same, "without a teacher; add one by --trick 'Distillation(teacher=...)', "
                           "the source's is ResNet-152-D at T = 20")),
    )  # fmt: skip


def resnet_strikes_back() -> tuple[Preset, ...]:
    """A1, A2 and A3 of Wightman et al. 2021."""

    def procedure(epochs: float, rate: float, decay: float, magnitude: float, *more: object) -> Recipe:
        base = Recipe(model=ResNet.imagenet(50), batch_size=2048, epochs=epochs)
        cosine = Cosine(warmup_epochs=5, floor=1e-6 / rate)
        augmentation = RandomAreaCrop(), Flip(), RandAugment(2, magnitude, 0.5)
        return stacked(base, LAMB(rate, weight_decay=decay), NoBiasDecay(), cosine,
                       BinaryCrossEntropy(threshold=0.2), *augmentation, *more)  # fmt: skip

    facts = {"source": RSB, "data": "ImageNet"}
    same = (ONE_RESOLUTION,
            "a class whose share of a mixed image is above 0.2 counts as present, in full; the source sets every class "
            "present to 1")  # fmt: skip
    undone = "label smoothing moves shares below that threshold, which undoes it"
    a1 = procedure(600, 5e-3, 0.01, 7, LabelSmoothing(0.1), MixupOrCutMix(0.2, 1.0), RepeatedAugmentation(3),
                   StochasticDepth(0.05))  # fmt: skip
    a2 = procedure(300, 5e-3, 0.02, 7, MixupOrCutMix(0.1, 1.0), RepeatedAugmentation(3), StochasticDepth(0.05))
    a3 = procedure(100, 8e-3, 0.02, 6, MixupOrCutMix(0.1, 1.0))
    return (
        Preset("rsb-a1", a1, "80.38 top-1 at 224 pixels", deviations=(*same, undone), **facts),
        Preset("rsb-a2", a2, "79.83 top-1 at 224 pixels", deviations=same, **facts),
        Preset("rsb-a3", a3, "78.05 top-1 at 224 pixels, trained at 160", deviations=same, **facts),
    )


def torchvision() -> tuple[Preset, ...]:
    """The second weights of torchvision's ResNet-50."""
    recipe = stacked(
        resnet50(1024, 600, 0.5, 2e-5, nesterov=False), NoBiasDecay(), Cosine(warmup_epochs=5), RandomAreaCrop(),
        Flip(), TrivialAugment(), RandomErasing(0.1), LabelSmoothing(0.1), MixupOrCutMix(0.2, 1.0),
        RepeatedAugmentation(4), EMA(0.99998),
    )  # fmt: skip
    notes = (ONE_RESOLUTION,
             "the decay of the average is ours",
             BIASES_TOO,
             "repeated augmentation of 4 is quoted from memory of the source")  # fmt: skip
    return (Preset("torchvision-v2", recipe, "80.858 top-1", TORCHVISION, notes, "ImageNet"),)


def composer() -> tuple[Preset, ...]:
    """Mild, medium and hot."""

    def recipe(epochs: float, smoothing: float, *more: object) -> Recipe:
        base = Recipe(model=ResNet.imagenet(50), batch_size=2048, epochs=epochs)
        # Composer's decay is what a step at the full rate takes off the weights; ours is multiplied by the rate.
        optimizer = DecoupledSGD(2.048, 0.875, 5e-4 / 2.048, nesterov=False)
        return stacked(base, optimizer, Cosine(warmup_epochs=8), RandomAreaCrop(), Flip(), BinaryCrossEntropy(),
                       LabelSmoothing(smoothing), BlurPool(), EMA(0.9999), *more)  # fmt: skip

    facts = {"source": MOSAIC, "data": "ImageNet"}
    same = (ONE_RESOLUTION, "the decay of the average is ours",
            "channels-last memory is no trick here: convolutions are stored so")  # fmt: skip
    medium = recipe(135, 0.1, Mixup(0.2), SAM(radius=0.5, every=10))
    hot = recipe(
        270, 0.13, Mixup(0.25), SAM(radius=0.5, every=5), ColOut(0.05), RandAugment(1, 9), StochasticDepth(0.1)
    )
    return (
        Preset("composer-mild", recipe(36, 0.08, ProgressiveResizing()), "75 to 78.1 top-1", deviations=same, **facts),
        Preset("composer-medium", medium, "78.1 to 79.5 top-1", deviations=same, **facts),
        Preset("composer-hot", hot, "no figure at hand", deviations=same, **facts),
    )


def ffcv() -> tuple[Preset, ...]:
    """The 88 epochs of ffcv."""
    triangle = OneCycle(start_factor=0.0, end_factor=0.0, peak_progress=2 / 88, shape="linear")
    sizes = ProgressiveResizing(first=160 / 192, start=65 / 88, end=76 / 88)
    recipe = stacked(resnet50(512, 88, 1.7, 1e-4, nesterov=False), NoBiasDecay(), triangle, sizes, RandomAreaCrop(),
                     Flip(), LabelSmoothing(0.1), BlurPool(), FlipAverage())  # fmt: skip
    notes = ("sizes are shares of the data's own size, which stands for the source's 192 pixels", BIASES_TOO)
    return (Preset("ffcv-rn50-88", recipe, "78.4 top-1", FFCV, notes, "ImageNet"),)


IMAGENET: tuple[Preset, ...] = (*bag_of_tricks(), *resnet_strikes_back(), *torchvision(), *composer(), *ffcv())
