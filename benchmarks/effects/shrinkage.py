"""Deep residual shrinkage networks against the plain residual network on noisy vibration."""

from __future__ import annotations

from effect import Contrast, Effect
from vibration import LEVELS, vibration

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import train
from assay.tricks.architecture.shrinkage import Shrinkage
from assay.tricks.schedule.cosine import Cosine

OPTIMIZER = SGD(0.1, weight_decay=1e-4)
PLAIN = Recipe(model=ResNet(8, 8, stem="half"), optimizer=OPTIMIZER, batch_size=64, epochs=10) | Cosine()
ARMS = {
    "ResNet": PLAIN,
    "shared": PLAIN | Shrinkage("channel-shared"),
    "channel-wise": PLAIN | Shrinkage("channel-wise"),
}
SHOWN = tuple(f"{level:+.0f} dB" if level else "0 dB" for level in LEVELS)


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy of each network at each level of noise."""
    data, values = vibration(seed, examples=3000, held_out=1500), {}
    for arm, recipe in ARMS.items():
        correct = train(recipe, data, seed=seed, evaluations=1).validation.correct
        at_levels = correct.view(len(LEVELS), -1).double().mean(1).tolist()
        values |= {f"{arm}, {level}": value for level, value in zip(SHOWN, at_levels, strict=True)}
    return values


EFFECT = Effect(
    name="shrinkage",
    claim="planetary gearbox, 8 classes, noise of -5 to 5 dB: accuracy ResNet 86.25, thresholds shared by the channels "
    "88.55, channel-wise 89.57",
    source="Zhao et al. 2020",
    setting="ResNet-8 of width 8, 8 classes of synthetic bearing vibration (32x32 = 1,024 samples; how often the fault "
    "strikes is the class), 3,000 records in Gaussian or Laplacian noise of -5, 0 or 5 dB by chance, new ones for each "
    "seed; 10 epochs of batch 64, SGD of rate 0.1, cosine; 1,500 held out at each level",
    unit="accuracy",
    contrasts=tuple(
        Contrast(f"{name} thresholds at {level}", f"ResNet, {level}", f"{arm}, {level}", 1)
        for arm, name in (("shared", "shared"), ("channel-wise", "channel-wise"))
        for level in SHOWN
    ),
    measure=measure,
    seeds=5,
)
