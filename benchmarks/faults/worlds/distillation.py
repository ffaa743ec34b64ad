"""A small student that learns from labels and from a teacher that stays as it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import kl_div, log_softmax, softmax

from faults.choices import clipped_step, draw_activation, draw_optimizer, draw_schedule, late_step, plain_step
from faults.examples import Examples
from faults.form import Form
from faults.network import Network
from faults.parts import Parts
from faults.tasks import classification
from faults.worlds.pictures import read_digits
from faults.worlds.tables import make


class WithTeacher(Network):
    """The student answers; the teacher is only there for the loss."""

    def __init__(self, features: nn.Module, head: nn.Module, teacher: nn.Module) -> None:
        super().__init__(features, head)
        self.teacher = teacher.requires_grad_(False)


def asked_at_rest(teacher: nn.Module, inputs: Tensor) -> Tensor:
    """What it says, without a gradient."""
    with torch.no_grad():
        return teacher(inputs)


@dataclass(frozen=True)
class Distilling:
    """(1 - share) * loss + share * temperature^2 * KL(the teacher's softened answers || the student's).

    ask: the teacher's answers to a batch; a fault may put another in its place, and leaves the rest as drawn.
    """

    share: float
    temperature: float
    ask: Callable[[nn.Module, Tensor], Tensor] = asked_at_rest

    def __call__(self, model: Any, batch: Any, loss_fn: Any) -> Tensor:
        inputs, targets = batch
        answers, taught = model(inputs), softmax(self.ask(model.teacher, inputs) / self.temperature, -1)
        soft = kl_div(log_softmax(answers / self.temperature, -1), taught, reduction="batchmean") * self.temperature**2
        return (1.0 - self.share) * loss_fn(answers, targets) + self.share * soft


def draw(chance: random.Random) -> Parts:
    """Digits or drawn clusters; share and temperature of the teacher's part at random."""
    if chance.random() < 0.5:
        pixels, labels = read_digits()
        order = torch.randperm(len(labels))[:1200]
        columns, labels = pixels[order].flatten(1), labels[order]
    else:
        columns, labels = make("blobs", chance)
        labels = labels.long()
    columns, cut = (columns - columns.mean()) / columns.std(), 900 if len(labels) > 1000 else 750
    classes, width, activation = int(labels.max()) + 1, chance.choice([32, 64]), draw_activation(chance)
    weights = fit_teacher(columns[:cut], labels[:cut], classes)
    share, temperature = chance.uniform(0.3, 0.95), chance.choice([1.0, 2.0, 4.0])

    def make_model() -> nn.Module:
        teacher = nn.Linear(columns.shape[1], classes)
        teacher.weight.data, teacher.bias.data = weights[:-1].T.clone(), weights[-1].clone()
        features = nn.Sequential(
            nn.Linear(columns.shape[1], width), activation(), nn.Linear(width, width), activation()
        )
        return WithTeacher(features, nn.Linear(width, classes), teacher)

    traits = {"distillation", "classification", "cross_entropy", "own_step", "perceptron"}
    traits |= {"mostly_taught"} if share > 0.75 else set()
    return Parts(
        domain="two_networks", traits=frozenset(traits | ({"relu"} if activation is nn.ReLU else set())),
        task=classification(labels[cut:], classes), train=Examples((columns[:cut],), labels[:cut]),
        validation=Examples((columns[cut:],), labels[cut:]), make_model=make_model, loss_fn=nn.CrossEntropyLoss(),
        make_optimizer=draw_optimizer(chance), epochs=10, batch_size=chance.choice([32, 50]), form=Form(),
        compute_loss=Distilling(share, temperature),
        make_step=chance.choice([plain_step, late_step, clipped_step]), **draw_schedule(chance),
    )  # fmt: skip


def fit_teacher(columns: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Least squares on one-hot labels, sharpened: weights, and the bias in the last row."""
    design = torch.cat([columns, torch.ones(len(columns), 1)], 1).double()
    wanted = nn.functional.one_hot(labels, classes).double()
    ridge = design.T @ design + 5.0 * torch.eye(design.shape[1], dtype=torch.float64)
    return (6.0 * torch.linalg.solve(ridge, design.T @ wanted)).float()
