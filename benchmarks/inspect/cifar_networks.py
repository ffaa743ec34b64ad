"""Networks trained on CIFAR-10's 50,000 training images, and what they say of the 10,000 test images; kept in a folder.

A training writes a checkpoint every half minute, so that a bench that is killed goes on where it was. Recipes were
fixed before the first training, lengths by the machine's hours; no label of the test split is read here.

    cifar_networks.py --keep FOLDER [NAME ...]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

sys.path[:0] = [str(Path(__file__).parent.parent)]

from cifar10 import joined  # noqa: E402

from assay.data.data import Data  # noqa: E402
from assay.data.open import open_data  # noqa: E402
from assay.models.resnet import ResNet  # noqa: E402
from assay.optimizers import SGD  # noqa: E402
from assay.presets.catalog import find_preset  # noqa: E402
from assay.recipe import Recipe  # noqa: E402
from assay.training.train import Training  # noqa: E402
from assay.tricks.batch.crop import Crop  # noqa: E402
from assay.tricks.batch.flip import Flip  # noqa: E402
from assay.tricks.inference.flip_average import FlipAverage  # noqa: E402
from assay.tricks.precision.mixed_precision import MixedPrecision  # noqa: E402
from assay.tricks.schedule.one_cycle import OneCycle  # noqa: E402
from assay.tricks.target.label_smoothing import LabelSmoothing  # noqa: E402

SEED = 400


def resnet_recipe() -> Recipe:
    """A ResNet of eight layers and 48, 96 and 192 channels on a stem that halves the images, in one cycle."""
    network, optimizer = ResNet(depth=8, width=48, stem="half"), SGD(0.4, 0.9, True, 5e-4)
    recipe = Recipe(model=network, optimizer=optimizer, batch_size=256, epochs=14.0)
    for trick in (OneCycle(), LabelSmoothing(0.1), Crop(4), Flip(), FlipAverage(shift=0), MixedPrecision("bf16")):
        recipe = recipe | trick
    return recipe


RECIPES = {
    "airbench": lambda: find_preset("airbench94").recipe | MixedPrecision("bf16"),
    "resnet": resnet_recipe,
}


def load() -> Data:
    """All training images to train on; `validation` is the first hundred of them, as no choice is made on it."""
    data = open_data(Path(os.environ["ASSAY_DATA_DIR"]) / "cifar10-jpeg.zip")
    everything = joined(data.train, data.validation)
    return replace(data, train=everything, validation=everything.select(torch.arange(100)))


def end_early(training: Training, wish: Path) -> None:
    """End after so many steps as a file says, where the machine has fewer hours than the recipe has epochs."""
    if wish.is_file():
        steps = max(training.step + 1, int(wish.read_text()))
        if training.step < training.total_steps and steps < training.total_steps:
            training.end_after(steps)


def trained(name: str, data: Data, keep: Path) -> nn.Module:
    """The network of this name, gone on with where its checkpoint stands."""
    training = Training(
        RECIPES[name](), data, seed=SEED, evaluations=1, monitored=False,
        checkpoint=keep / f"{name}.checkpoint", checkpoint_seconds=30.0,
    )  # fmt: skip
    started = time.perf_counter()
    for step in training:
        end_early(training, keep / f"{name}.end")
        if step.number % 25 == 0:
            passed = time.perf_counter() - started
            print(
                f"  {name} {step.number}/{training.total_steps} loss {float(step.loss):.3f}, {passed:.0f} s", flush=True
            )
    training.save()
    return training.finish().model.eval()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(RECIPES))
    parser.add_argument("--keep", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = load()
    for name in options.names:
        trained(name, data, options.keep)
