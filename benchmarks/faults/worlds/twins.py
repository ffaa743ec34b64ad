"""One network that reads two pictures: pairs that belong together or not, and two views of one picture."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from faults.choices import clipped_step, draw_activation, draw_optimizer, draw_schedule, late_step, plain_step
from faults.examples import Examples
from faults.form import Form
from faults.network import spread
from faults.parts import Parts
from faults.tasks import Task, ranking
from faults.worlds.pictures import draw_shapes, read_digits

PAIRS = 1200


class Twins(nn.Module):
    """The same features and head for both; returns both embeddings, of length 1."""

    def __init__(self, features: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.features, self.head = features, head

    def forward(self, *inputs: Any, **named: Any) -> tuple[Tensor, Tensor]:
        one, other = spread(inputs, named, ("first", "second"))
        return self.embed(one), self.embed(other)

    def embed(self, pictures: Tensor) -> Tensor:
        return nn.functional.normalize(self.head(self.features(pictures)), dim=-1)


class PairLoss(nn.Module):
    """same * distance^2 + (1 - same) * max(0, margin - distance)^2."""

    def __init__(self, margin: float = 1.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, outputs: tuple[Tensor, Tensor], same: Tensor) -> Tensor:
        distance = (outputs[0] - outputs[1]).square().sum(-1).add(1e-8).sqrt()
        return (same * distance.square() + (1.0 - same) * (self.margin - distance).clamp_min(0.0).square()).mean()


class ViewLoss(nn.Module):
    """InfoNCE: among all second views of the batch, each first view must find its own; labels are not looked at."""

    def __init__(self, temperature: float = 0.2) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, outputs: tuple[Tensor, Tensor], labels: Tensor) -> Tensor:
        likeness = outputs[0] @ outputs[1].T / self.temperature
        return nn.functional.cross_entropy(likeness, torch.arange(len(likeness), device=likeness.device))


def minus_distance(outputs: tuple[Tensor, Tensor]) -> Tensor:
    """High where two pictures are said to belong together."""
    return -(outputs[0] - outputs[1]).square().sum(-1)


def both_views(outputs: tuple[Tensor, Tensor]) -> Tensor:
    """(batch, 2, width)."""
    return torch.stack(outputs, 1)


def found_again(views: Tensor, _: Tensor) -> float:
    """Share of first views whose nearest second view, among all, is their own."""
    likeness = views[:, 0] @ views[:, 1].T
    return (likeness.argmax(1) == torch.arange(len(likeness))).float().mean().item()


def pictures_of(chance: random.Random) -> tuple[Tensor, Tensor]:
    """Standardised pictures and their classes."""
    pixels, labels = read_digits() if chance.random() < 0.6 else draw_shapes(1200, chance)
    order = torch.randperm(len(labels))
    return (pixels[order] - pixels.mean()) / pixels.std(), labels[order]


def maker(shape: tuple[int, int, int], chance: random.Random) -> tuple[Callable[[], nn.Module], set[str]]:
    """Perceptrons or convolutions under a linear head."""
    activation, width, code = draw_activation(chance), chance.choice([64, 96]), chance.choice([8, 16])
    entering, traits = shape[0] * shape[1] * shape[2], {"relu"} if activation is nn.ReLU else set()
    if chance.random() < 0.5:
        return lambda: Twins(
            nn.Sequential(
                nn.Flatten(), nn.Linear(entering, width), activation(), nn.Linear(width, width), activation(),
            ),
            nn.Linear(width, code),
        ), traits  # fmt: skip
    half = shape[1] // 2
    return lambda: Twins(nn.Sequential(
        nn.Conv2d(shape[0], 16, 3, padding=1), activation(), nn.MaxPool2d(2), nn.Conv2d(16, 16, 3, padding=1),
        activation(), nn.Flatten(),
    ), nn.Linear(16 * half * half, code)), {*traits, "convolutions"}  # fmt: skip


def draw_pairs(chance: random.Random) -> Parts:
    """Do two pictures show the same class?"""
    pixels, labels = pictures_of(chance)
    cut = int(0.75 * len(labels))
    train, validation = pair_up(pixels[:cut], labels[:cut], PAIRS), pair_up(pixels[cut:], labels[cut:], PAIRS // 3)
    make_model, traits = maker((pixels.shape[1], pixels.shape[2], pixels.shape[3]), chance)
    return Parts(
        domain="two_networks", traits=frozenset({*traits, "siamese", "pairs"}), task=ranking(),
        train=train, validation=validation, make_model=make_model, loss_fn=PairLoss(chance.choice([1.0, 1.2])),
        make_optimizer=draw_optimizer(chance, adaptive_only=True), epochs=10, batch_size=chance.choice([32, 50]),
        form=chance.choice([Form(), Form(("first", "second"), "label")]), prediction=minus_distance,
        make_step=chance.choice([plain_step, late_step, clipped_step]), **draw_schedule(chance),
    )  # fmt: skip


def pair_up(pixels: Tensor, labels: Tensor, count: int) -> Examples:
    """As many pairs of one class as of two."""
    first = torch.randint(0, len(labels), (count,))
    same = torch.arange(count) % 2 == 0
    second = torch.randint(0, len(labels), (count,))
    for row in torch.nonzero(same).flatten().tolist():
        fitting = torch.nonzero(labels == labels[first[row]]).flatten()
        second[row] = fitting[int(torch.randint(0, len(fitting), ()))]
    order, same = torch.randperm(count), labels[first] == labels[second]
    return Examples((pixels[first][order], pixels[second][order]), same[order].float())


def draw_views(chance: random.Random) -> Parts:
    """Which two noisy, shifted views come from the same picture?"""
    pixels, labels = pictures_of(chance)
    first, second = noisy(pixels), noisy(pixels)
    cut, count = 900, 1200
    make_model, traits = maker((pixels.shape[1], pixels.shape[2], pixels.shape[3]), chance)
    return Parts(
        domain="two_networks", traits=frozenset({*traits, "contrastive", "batch_loss"}),
        task=Task("found again", found_again, 1.0 / (count - cut), 0.03),
        train=Examples((first[:cut], second[:cut]), labels[:cut]),
        validation=Examples((first[cut:count], second[cut:count]), labels[cut:count]), make_model=make_model,
        loss_fn=ViewLoss(chance.choice([0.1, 0.2])), make_optimizer=draw_optimizer(chance, adaptive_only=True),
        epochs=8, batch_size=chance.choice([32, 50]), form=chance.choice([Form(), Form(("first", "second"), "label")]),
        prediction=both_views, make_step=chance.choice([plain_step, late_step, clipped_step]), **draw_schedule(chance),
    )  # fmt: skip


def noisy(pixels: Tensor) -> Tensor:
    """Another view of each picture."""
    moved = pixels.roll((int(torch.randint(-1, 2, ())), int(torch.randint(-1, 2, ()))), (-2, -1))
    return moved + 0.3 * torch.randn_like(pixels)
