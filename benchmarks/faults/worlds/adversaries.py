"""A generator and its critic on points in the plane, in one step under one optimiser."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus
from torch.optim import Optimizer

from faults.choices import clipped_step, late_step, plain_step
from faults.examples import Examples
from faults.form import Form
from faults.network import Network
from faults.parts import Parts
from faults.tasks import Task

NOISE = 4


class Adversaries(Network):
    """Noise in, points out; the critic is only there for the loss."""

    def __init__(self, features: nn.Module, head: nn.Module, critic: nn.Module) -> None:
        super().__init__(features, head)
        self.critic = critic


class EnergyDistance(nn.Module):
    """2 E|x - y| - E|x - x'| - E|y - y'|: how far drawn points are from real ones, as a whole."""

    def forward(self, drawn: Tensor, real: Tensor) -> Tensor:
        return 2.0 * distance(drawn, real) - distance(drawn, drawn) - distance(real, real)


def distance(one: Tensor, other: Tensor) -> Tensor:
    """Mean distance over all pairs."""
    return (one[:, None] - other[None]).square().sum(-1).add(1e-12).sqrt().mean()


def adversarial(model: Any, batch: Any, _: Any) -> Tensor:
    """The critic's loss plus the generator's; neither sends gradients into the other."""
    noise, real = batch
    drawn = model(noise)
    critic = softplus(-model.critic(real)).mean() + softplus(model.critic(drawn.detach())).mean()
    model.critic.requires_grad_(False)
    fooled = softplus(-model.critic(drawn)).mean()
    model.critic.requires_grad_(True)
    return critic + fooled


def slow_generator(model: nn.Module, rate: float) -> Optimizer:
    """Adam, the generator at a fifth of the critic's rate: at the same one they may run around each other for ever.

    Source: Heusel et al. 2017, section 2 (arXiv:1706.08500).
    """
    critic, generator = [], []
    for name, weight in model.named_parameters():
        (critic if name.startswith("critic") else generator).append(weight)
    groups = [{"params": generator, "lr": rate / 5.0}, {"params": critic, "lr": rate}]
    return torch.optim.Adam([group for group in groups if group["params"]], betas=(0.5, 0.99))


def saved_distance(drawn: Tensor, real: Tensor) -> float:
    """1 - distance to the real points / that of their mean alone."""
    energy = EnergyDistance()
    alone = real.mean(0, keepdim=True).expand_as(real)
    return 1.0 - (energy(drawn, real) / energy(alone, real)).item()


def draw(chance: random.Random) -> Parts:
    """Two moons, a ring, or clusters."""
    points, width = draw_points(chance.choice(["moons", "ring", "clusters"])), chance.choice([48, 64])
    noise, cut = torch.randn(len(points), NOISE), 1000
    rate = chance.uniform(1.5e-3, 2.5e-3)

    def make_model() -> nn.Module:
        def hidden(entering: int) -> list[nn.Module]:
            return [nn.Linear(entering, width), nn.LeakyReLU(0.2), nn.Linear(width, width), nn.LeakyReLU(0.2)]

        return Adversaries(nn.Sequential(*hidden(NOISE)), nn.Linear(width, 2),
                           nn.Sequential(*hidden(2), nn.Linear(width, 1)))  # fmt: skip

    return Parts(
        domain="two_networks", traits=frozenset({"adversarial", "batch_loss"}),
        task=Task("distance saved", saved_distance, 0.0, 0.1),
        train=Examples((noise[:cut],), points[:cut]), validation=Examples((noise[cut:],), points[cut:]),
        make_model=make_model, loss_fn=EnergyDistance(), epochs=12, batch_size=50, form=Form(),
        make_optimizer=lambda model: slow_generator(model, rate),
        compute_loss=adversarial, make_step=chance.choice([plain_step, late_step, clipped_step]),
    )  # fmt: skip


def draw_points(kind: str) -> Tensor:
    """1,300 points of about unit deviation."""
    turn = 6.2832 * torch.rand(1300)
    if kind == "ring":
        points = torch.stack([turn.cos(), turn.sin()], 1) * 1.4
    elif kind == "clusters":
        corner = (6.2832 * torch.randint(0, 4, (1300,)) / 4).float()
        points = torch.stack([corner.cos(), corner.sin()], 1) * 1.4
    else:
        upper = torch.rand(1300) < 0.5
        half = 0.5 * turn
        points = torch.stack([torch.where(upper, half.cos(), 1.0 - half.cos()) - 0.5,
                              torch.where(upper, half.sin(), 0.5 - half.sin()) - 0.25], 1) * 1.3  # fmt: skip
    return points + 0.08 * torch.randn(1300, 2)
