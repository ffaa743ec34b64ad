"""Snapshots of one SGDR run, voting, against its last network and against plain cosine."""

from __future__ import annotations

from effect import Contrast, Effect
from subjects import fashion

from assay.evaluation import evaluate
from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import train
from assay.tricks.average.snapshots import Snapshots
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.sgdr import SGDR

# A tenth of the paper's 150 epochs: periods of 1, 2, 4 and 8, kept before the last three restarts.
OPTIMIZER = SGD(0.05, nesterov=False, weight_decay=5e-4)
PLAIN = Recipe(model=ResNet(8, 8, stem="half"), optimizer=OPTIMIZER, batch_size=128, epochs=15)
RESTARTED = PLAIN | SGDR(period_epochs=1, multiplier=2) | Snapshots(at=(3 / 15, 7 / 15, 1.0))


def measure(seed: int) -> dict[str, float]:
    """Held-out accuracy of the snapshots together, of the last one alone, and of plain cosine."""
    data = fashion(4000, 6000)
    run = train(RESTARTED, data, seed=seed, evaluations=1)
    return {
        "plain cosine": train(PLAIN | Cosine(), data, seed=seed, evaluations=1).validation.value,
        "last network of SGDR": evaluate(run.last_model, data.validation, data.specification).value,
        "3 snapshots of SGDR": run.validation.value,
    }


EFFECT = Effect(
    name="sgdr-snapshots",
    claim="WRN-28-10, error on CIFAR-10 / CIFAR-100: last network of an SGDR run 4.03 / 19.57, three snapshots of it "
    "3.51 / 17.75; plain cosine over 200 epochs 3.86 / 19.98",
    source="Loshchilov & Hutter 2016",
    setting="ResNet-8 of width 8 on 4,000 Fashion-MNIST images, 15 epochs of batch 128, SGD of rate 0.05 and decay "
    "5e-4; periods of 1, 2, 4 and 8 epochs, snapshots after epochs 3, 7 and 15; 6,000 held out",
    unit="accuracy",
    contrasts=(
        Contrast("snapshots for the last of them", "last network of SGDR", "3 snapshots of SGDR", 1),
        Contrast("snapshots for one plain cosine", "plain cosine", "3 snapshots of SGDR", 1),
    ),
    measure=measure,
    seeds=6,
)
