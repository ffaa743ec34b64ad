"""Cutout on Fashion-MNIST."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import accuracies, fashion

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.batch.cutout import Cutout
from assay.tricks.schedule.cosine import Cosine

# Few images, seen often: a regulariser has something to do.
OPTIMIZER = SGD(0.1, weight_decay=5e-4)
PLAIN = Recipe(model=ResNet(8, 16, stem="half"), optimizer=OPTIMIZER, batch_size=128, epochs=20) | Cosine()
ARMS = {"plain": PLAIN, "cutout": PLAIN | Cutout(16)}


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy with cutout and without."""
    return accuracies(ARMS, fashion(2000, 6000), seed)


EFFECT = Effect(
    name="cutout",
    claim="error of ResNet-18 on CIFAR-10 4.72 -> 3.99 %; of pre-activation ResNet-20 on Fashion-MNIST, squares of 16 "
    "pixels, 5.04 -> 4.49 %",
    source="DeVries & Taylor 2017; a public ablation of small networks",
    setting="ResNet-8 of width 16 on 2,000 Fashion-MNIST images, 20 epochs of batch 128, SGD of rate 0.1 and decay "
    "5e-4, cosine; squares of 16 pixels, no other augmentation; 6,000 held out",
    unit="accuracy",
    contrasts=(Contrast("cutout", "plain", "cutout", 1),),
    measure=measure,
    seeds=6,
)
