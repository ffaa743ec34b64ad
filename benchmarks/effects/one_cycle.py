"""One cycle with a quarter of the epochs against step decay."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import accuracies, fashion

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.step_decay import StepDecay

MODEL, DECAY = ResNet(8, 8, stem="half"), 1e-4
STEPS = Recipe(model=MODEL, optimizer=SGD(0.1, weight_decay=DECAY), batch_size=128, epochs=12) | StepDecay((0.5, 0.75))
# Ten times the rate it starts with, as published; momentum the other way.
CYCLE = Recipe(model=MODEL, optimizer=SGD(0.5, weight_decay=DECAY), batch_size=128, epochs=3) | OneCycle(
    start_factor=0.1, momentum=(0.95, 0.85)
)
ARMS = {"steps, 12 epochs": STEPS, "steps, 3 epochs": STEPS.change(epochs=3), "one cycle, 3 epochs": CYCLE}


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy of one cycle, and of step decay in as many epochs and in four times as many."""
    return accuracies(ARMS, fashion(5000, 6000), seed)


EFFECT = Effect(
    name="one-cycle",
    claim="CIFAR-10, wide ResNet-32: step decay 86.7 in 100 epochs, one cycle 87.3 in 25 and 91.9 in 100",
    source="Smith & Topin 2017; Smith 2018",
    setting="ResNet-8 of width 8 on 5,000 Fashion-MNIST images, batch 128: SGD of rate 0.1, a tenth at half and at "
    "three quarters, or one cycle 0.05-0.5 with momentum 0.95-0.85; 6,000 held out",
    unit="accuracy",
    contrasts=(
        Contrast("one cycle for steps, a quarter of the epochs", "steps, 12 epochs", "one cycle, 3 epochs", 1),
        Contrast("one cycle for steps, as many epochs", "steps, 3 epochs", "one cycle, 3 epochs", 1),
    ),
    measure=measure,
    seeds=10,
)
