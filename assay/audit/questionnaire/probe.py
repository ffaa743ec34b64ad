"""The probe: a small convolutional network, and the sample of the data that it is trained and judged on.

It need not be good, only good enough that what the inputs lose shows in what it reaches.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.audit.questionnaire.changes import like
from assay.data.data import Data
from assay.data.loader import order_for_epoch, raw_batches
from assay.data.split import Split
from assay.data.statistics import normalization_of
from assay.defaults import default_batch_size
from assay.losses import loss_for
from assay.models.convnet import ConvNet
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.training.train import Training
from assay.tricks.schedule.one_cycle import OneCycle

WIDTHS = (16, 32, 64, 64, 64, 64, 64)
LAST_SIDE = 4
"""Pixels of the last maps, at most: each of them has seen a good part of the image."""
RATE, DECAY = 5e-3, 0.02
MOST_BATCH = 64
CHUNK, LAZY_CHUNK = 1024, 64


def probe_recipe(data: Data, *, epochs: float = 1.0) -> Recipe:
    """Adam with decoupled decay over one cycle of the rate, no augmentation; the last layer sees every pixel."""
    longest = max(data.specification.input_shape[1:])
    stages = 1 + max(0, math.ceil(math.log2(longest / LAST_SIDE)))
    recipe = Recipe(
        model=ConvNet(widths=WIDTHS[:stages], head="flatten"),
        loss=loss_for(data.specification.task),
        optimizer=AdamW(learning_rate=RATE, weight_decay=DECAY),
        batch_size=min(MOST_BATCH, default_batch_size(len(data.train))),
        epochs=epochs,
    )
    return recipe | OneCycle()


def draw_probe_data(
    data: Data, *, train: int, validation: int, side: int, length: int, seed: int, seconds: float = math.inf
) -> Data:
    """At most so many examples of two splits in memory, as (channels, height, width); the test split is left out.

    Args:
        side: images with a longer side are scaled down to it by averages. length: the same, of a signal.
        seconds: inputs that are decoded from files are read no longer than this, a chunk of each split at least.
    """
    shares = train / (train + validation), validation / (train + validation)
    drawn = [
        _in_memory(split, order_for_epoch(len(split), seed, -4)[:most], side, length, share * seconds)
        for split, most, share in zip((data.train, data.validation), (train, validation), shares, strict=True)
    ]
    return _with_splits(data, *drawn)


def shrink_data(data: Data, side: int, length: int) -> Data:
    """The same examples with images no larger than `side`."""
    splits = (data.train, data.validation)
    return _with_splits(data, *(replace(s, inputs=shrink(cast(Tensor, s.inputs), side, length)) for s in splits))


def _with_splits(data: Data, train: Split, validation: Split) -> Data:
    shape = tuple(cast(Tensor, train.inputs).shape[1:])
    empty = train.select(torch.arange(0))
    specification = replace(data.specification, input_shape=shape, normalization=normalization_of(train))
    return replace(data, specification=specification, train=train, validation=validation, test=empty)


def _in_memory(split: Split, chosen: Tensor, side: int, length: int, seconds: float) -> Split:
    rows, deadline = list[Tensor](), time.monotonic() + seconds
    for raw in raw_batches(split, chosen.split(CHUNK if split.in_memory else LAZY_CHUNK)):
        rows.append(shrink(as_images(raw), side, length))
        if not split.in_memory and time.monotonic() > deadline:
            break
    inputs = torch.cat(rows)
    chosen = chosen[: len(inputs)]
    return Split(inputs, split.targets[chosen], tuple(split.ids[index] for index in chosen.tolist()))


def as_images(inputs: Tensor) -> Tensor:
    """Signals (n, channels, length) and vectors (n, length) as images of one row; images as they are."""
    return inputs if inputs.dim() == 4 else inputs.reshape(len(inputs), -1, 1, inputs.shape[-1])


def shrink(inputs: Tensor, side: int, length: int) -> Tensor:
    """Images whose longer side is at most `side`, in proportion; of one row, at most `length`."""
    height, width = inputs.shape[2:]
    scale = (length if height == 1 else side) / max(height, width)
    if scale >= 1:
        return inputs
    sides = [max(1, round(scale * height)), max(1, round(scale * width))]
    return like(inputs, F.interpolate(inputs.float(), sides, mode="area"))


def measure_step(data: Data, *, seconds: float = 1.0, device: torch.device | str | None = None) -> float:
    """Mean seconds of a step of the probe, over so many; the first steps, which warm caches, do not count."""
    training = Training(probe_recipe(data, epochs=1e6), data, device=device, evaluations=1, monitored=False)
    moments = list[float]()
    for step in training:
        # An accelerator works behind the program's back: its steps are timed by waiting for what they compute.
        float(step.loss)
        moments.append(time.perf_counter())
        if len(moments) > 4 and moments[-1] - moments[1] > seconds:
            break
    return (moments[-1] - moments[1]) / (len(moments) - 2)
