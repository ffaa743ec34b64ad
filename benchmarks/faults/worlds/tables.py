"""Healthy programs on tables: real ones from scikit-learn, and Friedman's functions."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from faults.choices import draw_activation, draw_form, draw_optimizer, draw_schedule, draw_step
from faults.examples import Examples
from faults.network import Apply, Network
from faults.parts import Parts
from faults.tasks import Task, classification, ranking, regression

Rows = tuple[Tensor, ...]
REGRESSIONS = ("diabetes", "friedman1", "friedman2", "friedman1")
KINDS = {"breast_cancer": 2, "wine": 3, "digits": 10, "blobs": 5}


@lru_cache(maxsize=8)
def read(name: str) -> tuple[Tensor, Tensor]:
    """Raw columns and targets of an embedded table."""
    from sklearn import datasets

    loaders = {
        "breast_cancer": datasets.load_breast_cancer, "wine": datasets.load_wine, "digits": datasets.load_digits,
        "diabetes": lambda: datasets.load_diabetes(scaled=False),
    }  # fmt: skip
    table: Any = loaders[name]()
    return torch.tensor(table.data, dtype=torch.float32), torch.tensor(table.target)


def make(name: str, chance: random.Random) -> tuple[Tensor, Tensor]:
    """Raw columns and targets, in random order."""
    from sklearn import datasets

    seed = chance.randrange(10**6)
    if name == "friedman1":
        made = datasets.make_friedman1(1000, noise=0.5, random_state=seed)
    elif name == "friedman2":
        made = datasets.make_friedman2(1000, noise=20.0, random_state=seed)
    elif name == "blobs":
        made = datasets.make_classification(
            1000, 16, n_informative=8, n_classes=KINDS[name], class_sep=1.5, random_state=seed
        )
    else:
        made = read(name)
    columns, targets = torch.as_tensor(made[0]).float(), torch.as_tensor(made[1])
    order = torch.randperm(len(targets))
    return columns[order], targets[order]


def draw(chance: random.Random) -> Parts:
    """Table, network, loss, optimiser, schedule and form at random."""
    task = chance.choice(["classes", "two", "numbers", "numbers"])
    name = {"classes": chance.choice(["wine", "digits", "blobs", "blobs"]), "two": "breast_cancer",
            "numbers": chance.choice(REGRESSIONS)}[task]  # fmt: skip
    columns, targets = make(name, chance)
    cut = int(0.75 * len(targets))
    small = len(targets) < 500
    activation = draw_activation(chance)
    loss_fn, loss, outputs, targets, goal = draw_task(task, name, targets, cut, chance)
    make_model, traits = draw_network(columns.shape[1], outputs, chance, activation)
    if task == "two" or (task == "numbers" and outputs == 1):
        # As most people do: one output, flattened to match the targets.
        make_model = flattened(make_model)
    mean, deviation = columns[:cut].mean(0), columns[:cut].std(0).clamp_min(1e-6)
    traits |= {name, loss, *({"relu"} if activation is nn.ReLU else set())}
    traits |= {"regression"} if task == "numbers" else {"classification"} if task == "classes" else {"binary"}
    return Parts(
        domain="tables", traits=frozenset(traits), task=goal,
        train=Examples((columns[:cut],), targets[:cut]), validation=Examples((columns[cut:],), targets[cut:]),
        make_model=make_model, loss_fn=loss_fn, make_optimizer=draw_optimizer(chance),
        epochs=30 if small else 14, batch_size=chance.choice([16, 32] if small else [32, 50]), form=draw_form(chance),
        prepare=lambda inputs: ((inputs[0] - mean) / deviation,), **draw_schedule(chance), **draw_step(chance),
    )  # fmt: skip


def draw_task(
    task: str, name: str, targets: Tensor, cut: int, chance: random.Random
) -> tuple[Callable[..., Tensor], str, int, Tensor, Task]:
    """Loss, its name, number of outputs, targets as the loss wants them, and the score."""
    if task == "classes":
        targets = targets.long()
        goal = classification(targets[cut:], KINDS[name])
        return nn.CrossEntropyLoss(), "cross_entropy", KINDS[name], targets, goal
    if task == "two":
        return nn.BCEWithLogitsLoss(), "binary_cross_entropy", 1, targets.float(), ranking()
    targets = targets.float()
    targets = (targets - targets[:cut].mean()) / targets[:cut].std()
    loss_fn, loss = chance.choice([(nn.MSELoss(), "squared_error"), (nn.MSELoss(), "squared_error"),
                                   (nn.SmoothL1Loss(), "huber"), (nn.L1Loss(), "absolute_error")])  # fmt: skip
    return loss_fn, loss, 1, targets, regression()


def draw_network(
    columns: int, outputs: int, chance: random.Random, activation: Callable[[], nn.Module]
) -> tuple[Callable[[], Network], set[str]]:
    """A perceptron: depth, width, norm and dropout at random."""
    widths = [chance.choice([32, 48, 64, 96])] * chance.choice([1, 2, 2, 3])
    norm, drop = chance.choice(["none", "none", "batch", "layer"]), chance.choice([0.0, 0.0, 0.0, 0.1])
    traits = {"perceptron", *({f"{norm}_norm"} if norm != "none" else set()), *({"dropout"} if drop else set())}

    def build() -> Network:
        layers: list[nn.Module] = []
        entering = columns
        for width in widths:
            layers.append(nn.Linear(entering, width))
            layers += {"none": [], "batch": [nn.BatchNorm1d(width)], "layer": [nn.LayerNorm(width)]}[norm]
            layers += [activation(), *([nn.Dropout(drop)] if drop else [])]
            entering = width
        return Network(nn.Sequential(*layers), nn.Linear(entering, outputs))

    return build, traits


def flattened(make_model: Callable[[], Network]) -> Callable[[], Network]:
    """(batch, 1) -> (batch,) after the head."""

    def build() -> Network:
        network = make_model()
        network.head = nn.Sequential(network.head, Apply(drop_last_axis))
        return network

    return build


def drop_last_axis(values: Tensor) -> Tensor:
    """(batch, 1) -> (batch,)."""
    return values.squeeze(-1)
