"""Networks for small pictures: perceptrons, plain convolutions, residual blocks."""

from __future__ import annotations

import random
from collections.abc import Callable

from torch import Tensor, nn

from faults.network import Network

MakeActivation = Callable[[], nn.Module]
Shape = tuple[int, int, int]


def norm_of(kind: str, width: int) -> nn.Module:
    """A norm over channels."""
    if kind == "batch":
        return nn.BatchNorm2d(width)
    return nn.GroupNorm(4, width) if kind == "group" else nn.Identity()


class Residual(nn.Module):
    """activation(x + norm(conv(activation(norm(conv(x)))))), projected where the width changes."""

    def __init__(self, entering: int, leaving: int, stride: int, norm: str, activation: MakeActivation) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(entering, leaving, 3, stride, 1), norm_of(norm, leaving), activation(),
            nn.Conv2d(leaving, leaving, 3, 1, 1), norm_of(norm, leaving),
        )  # fmt: skip
        same = entering == leaving and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(entering, leaving, 1, stride)
        self.activation = activation()

    def forward(self, values: Tensor) -> Tensor:
        return self.activation(self.shortcut(values) + self.branch(values))


def perceptron(shape: Shape, classes: int, widths: list[int], activation: MakeActivation, drop: float) -> Network:
    layers: list[nn.Module] = [nn.Flatten()]
    entering = shape[0] * shape[1] * shape[2]
    for width in widths:
        layers += [nn.Linear(entering, width), activation(), *([nn.Dropout(drop)] if drop else [])]
        entering = width
    return Network(nn.Sequential(*layers), nn.Linear(entering, classes))


def convnet(
    shape: Shape, classes: int, widths: list[int], norm: str, activation: MakeActivation, drop: float
) -> Network:
    layers: list[nn.Module] = []
    entering, side = shape[0], shape[1]
    for width in widths:
        layers += [nn.Conv2d(entering, width, 3, padding=1), norm_of(norm, width), activation(), nn.MaxPool2d(2)]
        entering, side = width, side // 2
    layers += [nn.Flatten(), *([nn.Dropout(drop)] if drop else [])]
    return Network(nn.Sequential(*layers), nn.Linear(entering * side * side, classes))


def residual_network(shape: Shape, classes: int, width: int, norm: str, activation: MakeActivation) -> Network:
    features = nn.Sequential(
        nn.Conv2d(shape[0], width, 3, padding=1), norm_of(norm, width), activation(),
        Residual(width, width, 1, norm, activation), Residual(width, 2 * width, 2, norm, activation),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(),
    )  # fmt: skip
    return Network(features, nn.Linear(8 * width, classes))


def draw_network(
    shape: Shape, classes: int, chance: random.Random, activation: MakeActivation
) -> tuple[Callable[[], Network], set[str]]:
    """A maker of networks, and what is in them."""
    kind, drop = chance.choice(["convnet", "convnet", "residual", "perceptron"]), chance.choice([0.0, 0.0, 0.2])
    norm = chance.choice(["batch", "batch", "group", "none"])
    traits = {kind, *({f"{norm}_norm"} if norm != "none" and kind != "perceptron" else set())}
    traits |= {"convolutions"} if kind != "perceptron" else set()
    if kind == "residual":
        width = chance.choice([8, 12])
        return lambda: residual_network(shape, classes, width, norm, activation), traits
    traits |= {"dropout"} if drop else set()
    if kind == "convnet":
        widths = [chance.choice([12, 16]), chance.choice([24, 32])]
        return lambda: convnet(shape, classes, widths, norm, activation, drop), traits
    widths = [chance.choice([64, 96, 128])] * chance.choice([1, 2])
    return lambda: perceptron(shape, classes, widths, activation, drop), {*traits, "perceptron"}
