"""Mish against ReLU."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import fashion

from assay.models.resnet import ResNet
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.training import train
from assay.tricks.activation.mish import Mish
from assay.tricks.schedule.one_cycle import OneCycle


def measure(seed: int) -> dict[str, float]:
    """Validation accuracy of both."""
    plain = Recipe(model=ResNet(8, 16, stem="half"), optimizer=AdamW(5e-3), batch_size=64, epochs=8) | OneCycle()
    arms = {"ReLU": plain, "Mish": plain | Mish()}
    return {arm: train(recipe, fashion(), seed=seed, evaluations=1).validation.value for arm, recipe in arms.items()}


EFFECT = Effect(
    name="mish",
    claim="SqueezeNet on CIFAR-10, 23 runs: Mish 87.48, ReLU 86.66 (p < 1e-4)",
    source="Misra 2019, its repository",
    setting="ResNet-8 of width 16 on 4,000 Fashion-MNIST images, 8 epochs, one-cycle AdamW",
    unit="accuracy",
    contrasts=(Contrast("Mish for ReLU", "ReLU", "Mish", 1),),
    measure=measure,
)
