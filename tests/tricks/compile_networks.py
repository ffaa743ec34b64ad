"""Train two steps of every trick that touches the network with the network compiled; print what failed as JSON.

A program of its own: torch.compile cannot follow the shape checks that tests put around every function.
"""

from __future__ import annotations

import json
import sys

import torch
from stacks import example, home

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.recipe import Trick
from assay.training.train import Training
from assay.tricks.catalog import TRICKS


def noise() -> Data:
    """24 images of 1x8x8 in four classes."""
    shape = (1, 8, 8)
    inputs = torch.randint(0, 255, (24, *shape), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    split = Split(inputs, torch.arange(24) % 4, tuple(map(str, range(24))))
    normalization = Normalization((127.0,), (74.0,))
    specification = Specification("classification", shape, normalization, ArrayEncoder(shape=shape), tuple("abcd"),
                                  (0.25,) * 4)  # fmt: skip
    return Data("noise", specification, split, split, split)


def touches_the_network(kind: type[Trick]) -> bool:
    plain, recipe = home(kind), home(kind) | example(kind)
    return bool(recipe.model != plain.model or recipe.model_edits or recipe.calibrations or recipe.forward)


def train_compiled(kind: type[Trick], data: Data) -> None:
    """Traced forward and backward, run without generated code."""
    torch.compiler.reset()
    training = Training(home(kind) | example(kind), data, evaluations=1)
    training.learner.model.compile(backend="aot_eager")
    for step in training:
        if not torch.isfinite(step.loss):
            raise ValueError(f"the loss is {step.loss}")
        if training.step == 2:
            break


def main() -> None:
    torch.set_num_threads(1)
    data, failed, tried = noise(), {}, []
    for kind in filter(touches_the_network, TRICKS):
        tried.append(kind.__name__)
        try:
            train_compiled(kind, data)
        except Exception as error:  # whatever the tracer raises is the answer
            failed[kind.__name__] = f"{type(error).__name__}: {error}"[:300]
    json.dump({"tried": tried, "failed": failed}, sys.stdout)


if __name__ == "__main__":
    main()
