"""Mixup in a network too small to fit its data, and in a larger one."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import accuracies, fashion

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.batch.mixup import Mixup
from assay.tricks.schedule.cosine import Cosine

SMALL, LARGE = (
    Recipe(model=ResNet(8, width, stem="half"), optimizer=SGD(0.1, weight_decay=1e-4), batch_size=128, epochs=10)
    | Cosine()
    for width in (4, 16)
)
ARMS = {
    "small, plain": SMALL,
    "small, mixup": SMALL | Mixup(1.0),
    "larger, plain": LARGE,
    "larger, mixup": LARGE | Mixup(1.0),
}


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy of both networks, and what mixup gains in each."""
    values = accuracies(ARMS, fashion(3000, 6000), seed)
    gains = {f"gain, {size}": values[f"{size}, mixup"] - values[f"{size}, plain"] for size in ("small", "larger")}
    return {**values, **gains}


EFFECT = Effect(
    name="mixup-small-network",
    claim="ImageNet top-1: MobileNetV1 73.814 -> 73.530, MobileNetV2 72.456 -> 71.844, ResNet-50 77.498 -> 77.948",
    source="mixup (Zhang et al. 2017) as reproduced",
    setting="ResNet-8 of width 4 and of width 16 (a fifteenth of the weights) on the same 3,000 Fashion-MNIST images, "
    "10 epochs of batch 128, SGD of rate 0.1, cosine; alpha 1; 6,000 held out",
    unit="accuracy",
    contrasts=(
        Contrast("mixup in the small network", "small, plain", "small, mixup", -1),
        Contrast("mixup in the larger network", "larger, plain", "larger, mixup", 1),
        Contrast("mixup's gain, small for larger", "gain, larger", "gain, small", -1),
    ),
    measure=measure,
    seeds=6,
)
