"""Mixup on Fashion-MNIST."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import accuracies, fashion

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.batch.mixup import Mixup
from assay.tricks.schedule.cosine import Cosine

# Few images, seen often: a regulariser has something to do.
OPTIMIZER = SGD(0.1, weight_decay=1e-4)
PLAIN = Recipe(model=ResNet(8, 16, stem="half"), optimizer=OPTIMIZER, batch_size=128, epochs=20) | Cosine()
ARMS = {"plain": PLAIN, "mixup": PLAIN | Mixup(1.0)}


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy with mixup and without."""
    return accuracies(ARMS, fashion(2000, 6000), seed)


EFFECT = Effect(
    name="mixup",
    claim="error of pre-activation ResNet-18 on CIFAR-10 5.48 -> 4.17 % (tensorpack); of pre-activation ResNet-20 on "
    "Fashion-MNIST 5.04 -> 4.92 % in 200 epochs and 4.64 in 400",
    source="Zhang et al. 2017 as reproduced; a public ablation of small networks",
    setting="ResNet-8 of width 16 on 2,000 Fashion-MNIST images, 20 epochs of batch 128, SGD of rate 0.1 and decay "
    "1e-4, cosine; alpha 1, no other augmentation; 6,000 held out",
    unit="accuracy",
    contrasts=(Contrast("mixup", "plain", "mixup", 1),),
    measure=measure,
    seeds=6,
)
