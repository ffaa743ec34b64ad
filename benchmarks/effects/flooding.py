"""Flooding of a network that fits its training images."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import fashion

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import train
from assay.tricks.loss.flooding import Flooding
from assay.tricks.schedule.cosine import Cosine

# So few images that the training loss comes near zero: above its level flooding changes nothing.
PLAIN = Recipe(model=ResNet(8, 16, stem="half"), optimizer=SGD(0.05), batch_size=64, epochs=40) | Cosine()
ARMS = {"plain": PLAIN, "level 0.02": PLAIN | Flooding(0.02), "level 0.1": PLAIN | Flooding(0.1)}


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy and loss of each level."""
    values = {}
    for arm, recipe in ARMS.items():
        result = train(recipe, fashion(1000, 6000), seed=seed, evaluations=1).validation
        values[f"accuracy, {arm}"], values[f"loss, {arm}"] = result.value, result.loss
    return values


EFFECT = Effect(
    name="flooding",
    claim="up to about 1 point more accuracy on SVHN and CIFAR, and a test loss that falls a second time (from memory)",
    source="Ishida et al. 2020, from memory",
    setting="ResNet-8 of width 16 on 1,000 Fashion-MNIST images, 40 epochs of batch 64, SGD of rate 0.05 without "
    "decay, cosine; 6,000 held out",
    unit="(accuracy, or nats)",
    contrasts=(
        Contrast("accuracy at level 0.02", "accuracy, plain", "accuracy, level 0.02", 1),
        Contrast("accuracy at level 0.1", "accuracy, plain", "accuracy, level 0.1", 1),
        Contrast("held-out loss at level 0.02", "loss, plain", "loss, level 0.02", -1),
        Contrast("held-out loss at level 0.1", "loss, plain", "loss, level 0.1", -1),
    ),
    measure=measure,
    seeds=5,
)
