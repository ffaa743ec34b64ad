"""Linear scaling of the rate with the batch, to where it breaks."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import accuracies, fashion

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.schedule.cosine import Cosine

MODEL, OPTIMIZER = ResNet(8, 8, stem="half"), SGD(0.1, weight_decay=1e-4)
SCALED = Recipe(model=MODEL, optimizer=OPTIMIZER, batch_size=128, epochs=6) | LinearScaling(128) | Cosine()
ARMS = {f"batch {size}": SCALED.change(batch_size=size) for size in (32, 128, 512, 2048)}


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy at each batch size, after equally many epochs."""
    return accuracies(ARMS, fashion(8192, 6000), seed)


EFFECT = Effect(
    name="linear-scaling",
    claim="CIFAR-10, cosine over 200 epochs, error: 8.00 % at batch 32, 8.09 at 128, 8.22 at 512, 8.87 at 2048",
    source="hysts/pytorch_image_classification",
    setting="ResNet-8 of width 8 on 8,192 Fashion-MNIST images, 6 epochs, SGD of rate 0.1 at batch 128 and in "
    "proportion at others, cosine, no warm-up: 24 steps at batch 2048; 6,000 held out",
    unit="accuracy",
    contrasts=(
        Contrast("batch 32 for 128", "batch 128", "batch 32", 0),
        Contrast("batch 512 for 128", "batch 128", "batch 512", 0),
        Contrast("batch 2048 for 128", "batch 128", "batch 2048", -1),
    ),
    measure=measure,
    seeds=6,
)
