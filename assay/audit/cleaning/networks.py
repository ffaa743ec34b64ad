"""Which networks judge labels, and how long they may train: a plan made once from measured seconds.

Images: a small convnet, whose features nearest neighbours judge in too, and a ResNet that sees its images moved a
little. Anything else: a perceptron of several layers. Trainings are short, as a long one learns wrong labels by heart.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch

from assay.data.data import Data
from assay.data.specification import Specification
from assay.defaults import LARGE_IMAGE, crop_padding, default_recipe
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.training.train import Training
from assay.tricks.batch.crop import Crop

CONVNET, RESNET, PERCEPTRON = "small convnet", "ResNet", "MLP"
FEWEST_EPOCHS, MOST_EPOCHS = 3.0, 30.0
NETWORKS_SHARE = 0.75
"""Of the time that is left when networks are planned; the rest is for other members and for looks at the end."""
FOLDS, FEWEST_FOLDS = 5, 3
TIMED_SECONDS = 1.0
SMALLEST_SIDE = 8
"""Of an image, in pixels: below it a ResNet has nothing to halve."""


def network_recipes(specification: Specification, examples: int, device: torch.device) -> dict[str, Recipe]:
    """The recipe of each network by its member's name, cheapest first; their length is the plan's."""
    recipe = default_recipe(specification, examples, device=device)
    if not specification.is_image:
        return {PERCEPTRON: recipe.change(model=MLP())}
    side = min(specification.input_shape[1:])
    found = {CONVNET: recipe.change(model=ConvNet(widths=(32, 64, 128)))}
    if side >= SMALLEST_SIDE:
        stem = "small" if side < 16 else "half" if side < LARGE_IMAGE else "large"
        residual = recipe.change(model=ResNet(depth=8, width=32, stem=stem))
        found[RESNET] = residual | Crop(crop_padding(specification))
    return found


@dataclass(frozen=True)
class Plan:
    """folds: of all members. epochs: of every network. seconds: a training may take, by network that has the time."""

    folds: int
    epochs: float
    seconds: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def plan_networks(
    seconds: float, seconds_per_epoch: Mapping[str, float], *, folds: int | None = None, examples: int
) -> Plan:
    """As many epochs as there is time for; fewer folds, then fewer networks, where that is less than three.

    Args:
        seconds: left for everything.
        seconds_per_epoch: over all examples, by network.
        folds: as asked for; by default 5, or 3 where time is short.
    """
    chosen = dict(seconds_per_epoch)
    while chosen:
        for count in (folds,) if folds else (FOLDS, FEWEST_FOLDS):
            count = min(count, examples)
            pass_seconds = count * (1 - 1 / count) * sum(chosen.values())
            epochs = NETWORKS_SHARE * seconds / max(pass_seconds, 1e-9)
            if epochs >= FEWEST_EPOCHS:
                epochs = round(min(MOST_EPOCHS, epochs), 1)
                each = {name: 1.3 * epochs * (1 - 1 / count) * one for name, one in chosen.items()}
                return Plan(count, epochs, each)
        chosen.pop(max(chosen, key=lambda name: chosen[name]))
    return Plan(folds or FOLDS, 0.0, {})


def time_epoch(recipe: Recipe, data: Data, *, device: torch.device, workers: int, seconds: float) -> float:
    """Seconds of one epoch over all of `data.train`, by a throw-away network that trains for about `seconds`."""
    training = Training(recipe.change(epochs=1e6), data, device=device, evaluations=1, monitored=False, workers=workers)
    moments, started = list[float](), time.perf_counter()
    for step in training:
        # An accelerator works behind the program's back: it is waited for.
        float(step.loss)
        moments.append(time.perf_counter())
        if moments[-1] - started > seconds and len(moments) > 4:
            break
    return (moments[-1] - moments[1]) / (len(moments) - 2) * training.feed.timetable.steps_per_epoch
