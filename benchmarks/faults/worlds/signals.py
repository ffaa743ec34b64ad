"""Healthy programs on vibrations: which defect a machine has, or how strong it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from faults.choices import draw_activation, draw_form, draw_optimizer, draw_schedule, draw_step
from faults.examples import Examples
from faults.network import Apply, Network
from faults.parts import Parts
from faults.tasks import classification, regression

EXAMPLES = 800


def draw(chance: random.Random) -> Parts:
    """Defects or strengths, channels, length, network, loss, optimiser and schedule at random."""
    defects, channels, length = chance.choice([3, 4, 5]), chance.choice([1, 2]), chance.choice([64, 96])
    waves, labels, strengths = vibrate(defects, channels, length)
    strength_asked, activation = chance.random() < 0.3, draw_activation(chance)
    cut, outputs = int(0.75 * EXAMPLES), 1 if strength_asked else defects
    make_model, traits = draw_network(channels, outputs, chance, activation)
    traits |= {"relu"} if activation is nn.ReLU else set()
    if strength_asked:
        targets = (strengths - strengths[:cut].mean()) / strengths[:cut].std()
        loss_fn, loss = chance.choice([(nn.MSELoss(), "squared_error"), (nn.HuberLoss(), "huber")])
        task, kind = regression(), "regression"
    else:
        targets, task, kind = labels, classification(labels[cut:], defects), "classification"
        loss_fn, loss = nn.CrossEntropyLoss(), "cross_entropy"
    mean, deviation = waves[:cut].mean((0, 2))[:, None], waves[:cut].std((0, 2))[:, None]
    return Parts(
        domain="signals", traits=frozenset({*traits, kind, loss}), task=task,
        train=Examples((waves[:cut],), targets[:cut]), validation=Examples((waves[cut:],), targets[cut:]),
        make_model=make_model, loss_fn=loss_fn,
        make_optimizer=draw_optimizer(chance, adaptive_only=strength_asked or "recurrent" in traits),
        epochs=12 if "recurrent" in traits else 10, batch_size=chance.choice([25, 32, 50]), form=draw_form(chance),
        prepare=lambda inputs: ((inputs[0] - mean) / deviation,), **draw_schedule(chance), **draw_step(chance),
    )  # fmt: skip


def vibrate(defects: int, channels: int, length: int) -> tuple[Tensor, Tensor, Tensor]:
    """Waves (n, channels, length) of a tone and its overtone in noise.

    The defect sets the pitch, its strength the size. Phases are random, so that no single moment tells anything.
    """
    labels, strengths = torch.randint(0, defects, (EXAMPLES,)), 0.5 + 1.5 * torch.rand(EXAMPLES)
    pitch = (0.06 + 0.28 * labels / defects + 0.01 * torch.randn(EXAMPLES))[:, None, None]
    phase = 6.2832 * torch.rand(EXAMPLES, channels, 1)
    time = 6.2832 * torch.arange(length).float() * pitch
    waves = strengths[:, None, None] * (torch.sin(time + phase) + 0.4 * torch.sin(2.0 * time + 2.0 * phase))
    return 3.0 + 5.0 * (waves + 0.35 * torch.randn(EXAMPLES, channels, length)), labels, strengths


class TimeMajorReader(nn.Module):
    """A GRU that takes (time, batch, channels), as PyTorch's do unless told otherwise."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.recurrent = nn.GRU(channels, width)
        self.order: Callable[[Tensor], Tensor] = time_first

    def forward(self, waves: Tensor) -> Tensor:
        answers, _ = self.recurrent(self.order(waves))
        return answers.mean(0)


def time_first(waves: Tensor) -> Tensor:
    """(batch, channels, time) -> (time, batch, channels)."""
    return waves.permute(2, 0, 1)


def draw_network(
    channels: int, outputs: int, chance: random.Random, activation: Any
) -> tuple[Callable[[], Network], set[str]]:
    """Convolutions over time, or a GRU."""
    kind = chance.choice(["convnet", "convnet", "convnet", "gru"])
    norm, drop = chance.choice(["batch", "batch", "group", "none"]), chance.choice([0.0, 0.0, 0.1])
    width, kernel = chance.choice([12, 16]), chance.choice([5, 7, 9])

    def head(entering: int) -> nn.Module:
        linear = nn.Linear(entering, outputs)
        return nn.Sequential(linear, Apply(drop_last_axis)) if outputs == 1 else linear

    if kind == "gru":
        return lambda: Network(TimeMajorReader(channels, 2 * width), head(2 * width)), {"gru", "recurrent"}

    def build() -> Network:
        norms = {"batch": nn.BatchNorm1d, "group": lambda n: nn.GroupNorm(4, n), "none": lambda n: nn.Identity()}[norm]
        return Network(nn.Sequential(
            nn.Conv1d(channels, width, kernel, padding=kernel // 2), norms(width), activation(), nn.MaxPool1d(2),
            nn.Conv1d(width, 2 * width, kernel, padding=kernel // 2), norms(2 * width), activation(),
            nn.AdaptiveAvgPool1d(2), nn.Flatten(), nn.Dropout(drop),
        ), head(4 * width))  # fmt: skip

    return build, {"convnet", "convolutions", *({f"{norm}_norm"} if norm != "none" else set()),
                   *({"dropout"} if drop else set())}  # fmt: skip


def drop_last_axis(values: Tensor) -> Tensor:
    """(batch, 1) -> (batch,)."""
    return values.squeeze(-1)
