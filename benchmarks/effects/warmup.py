"""Warm-up at a large batch and at a small one, the rate scaled with the batch."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import accuracies, fashion

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.warmup import Warmup

MODEL, OPTIMIZER = ResNet(8, 8, stem="half"), SGD(0.1, weight_decay=1e-4)
SCALED = Recipe(model=MODEL, optimizer=OPTIMIZER, batch_size=128, epochs=6) | LinearScaling(128) | Cosine()
ARMS = {
    "batch 128, plain": SCALED,
    "batch 128, warm-up": SCALED | Warmup(1),
    "batch 1024, plain": SCALED.change(batch_size=1024),
    "batch 1024, warm-up": SCALED.change(batch_size=1024) | Warmup(1),
}


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy at both batch sizes, with warm-up and without."""
    return accuracies(ARMS, fashion(8000, 6000), seed)


EFFECT = Effect(
    name="warmup",
    claim="ImageNet ResNet-50, linear scaling: warm-up of 5 in 120 epochs 75.17 -> 75.93 top-1 at batch 1024, "
    "75.87 -> 76.03 at batch 256",
    source="He et al. 2018, table 4",
    setting="ResNet-8 of width 8 on 8,000 Fashion-MNIST images, 6 epochs, the first one warm-up; SGD of rate "
    "0.1 at batch 128 and 0.8 at 1024, cosine; 6,000 held out",
    unit="accuracy",
    contrasts=(
        Contrast("warm-up at batch 1024", "batch 1024, plain", "batch 1024, warm-up", 1),
        Contrast("warm-up at batch 128", "batch 128, plain", "batch 128, warm-up", 1),
    ),
    measure=measure,
    seeds=6,
)
