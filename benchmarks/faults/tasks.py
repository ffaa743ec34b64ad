"""What a program is for, and how its user would score it on validation data: higher is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Score = Callable[[Tensor, Tensor], float]


@dataclass(frozen=True)
class Task:
    """score(outputs, targets); prior: the score of knowing nothing; margin: what must be between, beyond chance."""

    name: str
    score: Score
    prior: float
    margin: float


def accuracy(outputs: Tensor, targets: Tensor) -> float:
    """Share of examples (or positions) whose largest output is the target's."""
    targets = targets.argmax(-1) if targets.is_floating_point() and targets.dim() > 1 else targets
    return (outputs.argmax(-1) == targets).float().mean().item()


def area_under_curve(outputs: Tensor, targets: Tensor) -> float:
    """Probability that a positive example gets the higher output; the mean over columns."""
    outputs, targets = outputs.double().reshape(len(targets), -1), targets.reshape(len(targets), -1) > 0.5
    areas = []
    for scores, positive in zip(outputs.T, targets.T, strict=True):
        if positive.any() and not positive.all():
            differences = scores[positive][:, None] - scores[~positive][None, :]
            areas.append(((differences > 0).double() + 0.5 * (differences == 0).double()).mean().item())
    return sum(areas) / len(areas) if areas else 0.5


def explained_variance(outputs: Tensor, targets: Tensor) -> float:
    """1 - squared error / squared error of the targets' own mean."""
    outputs, targets = outputs.double().reshape(len(targets), -1), targets.double().reshape(len(targets), -1)
    if outputs.shape != targets.shape:
        return float("nan")
    centred = targets - targets.mean(0)
    return 1.0 - ((outputs - targets).square().sum() / centred.square().sum().clamp_min(1e-12)).item()


def classification(validation_targets: Tensor, num_classes: int) -> Task:
    """Accuracy against always the commonest class."""
    counts = torch.bincount(validation_targets.flatten().clamp_min(0), minlength=num_classes)
    prior, n = (counts.max() / counts.sum()).item(), validation_targets.numel()
    return Task("accuracy", accuracy, prior, 3.0 * (prior * (1.0 - prior) / n) ** 0.5)


def ranking() -> Task:
    """Area under the curve against chance."""
    return Task("area under the curve", area_under_curve, 0.5, 0.1)


def regression() -> Task:
    """Explained variance against the mean."""
    return Task("explained variance", explained_variance, 0.0, 0.1)


def language(unigram_nats: float, ignored: int = -100) -> Task:
    """Share of the unigram model's nats that the network saves on the next token."""

    def score(outputs: Tensor, targets: Tensor) -> float:
        loss = torch.nn.functional.cross_entropy(outputs.flatten(0, -2), targets.flatten(), ignore_index=ignored)
        return 1.0 - loss.item() / unigram_nats

    return Task("nats saved", score, 0.0, 0.03)
