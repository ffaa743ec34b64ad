"""Mish against ReLU."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import accuracies, fashion

from assay.models.resnet import ResNet
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.tricks.activation.mish import Mish
from assay.tricks.schedule.one_cycle import OneCycle

PLAIN = Recipe(model=ResNet(8, 8, stem="half"), optimizer=AdamW(1e-2), batch_size=128, epochs=6) | OneCycle()
ARMS = {"ReLU": PLAIN, "Mish": PLAIN | Mish()}


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy of both."""
    return accuracies(ARMS, fashion(4000, 6000), seed)


EFFECT = Effect(
    name="mish",
    claim="SqueezeNet on CIFAR-10, 23 runs: Mish 87.48, ReLU 86.66 (p < 1e-4)",
    source="Misra 2019, its repository",
    setting="ResNet-8 of width 8 on 4,000 Fashion-MNIST images, 6 epochs of batch 128, one-cycle AdamW to 1e-2; "
    "6,000 held out",
    unit="accuracy",
    contrasts=(Contrast("Mish for ReLU", "ReLU", "Mish", 1),),
    measure=measure,
    seeds=10,
)
