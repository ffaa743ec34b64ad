"""Base losses on target distributions: what every recipe starts from.

A loss takes the network's outputs and either class indices, as PyTorch does, or one target
distribution per row, which is what mixing and smoothing make of them. It returns the mean over the
batch, or with `reduction="none"` one value per example.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, runtime_checkable

import torch.nn.functional as F
from jaxtyping import Float, Shaped
from torch import Tensor

from assay.data.specification import Task

Reduction = Literal["mean", "none"]
LossFunction = Callable[..., Tensor]

Probabilities = Literal["softmax", "sigmoid"]
"""How a classification loss reads outputs: its attribute `probabilities`."""


@runtime_checkable
class WithTask(Protocol):
    """A loss that says what it is for."""

    @property
    def task(self) -> Task: ...


@runtime_checkable
class WithProbabilities(Protocol):
    """A loss that says how it reads outputs; None where another loss that it is made of does not."""

    @property
    def probabilities(self) -> Probabilities | None: ...


@dataclass(frozen=True)
class CrossEntropy:
    """-sum(targets * log_softmax(outputs)): maximum likelihood for classes.

    Source: Goodfellow et al. 2016, section 6.2.1.1.
    """

    probabilities: ClassVar[Probabilities] = "softmax"
    task: Task = "classification"

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        return F.cross_entropy(outputs, targets, reduction=reduction)


@dataclass(frozen=True)
class MeanSquaredError:
    """(outputs - targets)^2 averaged over output columns: maximum likelihood under Gaussian noise.

    Source: Goodfellow et al. 2016, section 6.2.1.2.
    """

    task: Task = "regression"

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        require_one_shape(outputs, targets)
        errors = F.mse_loss(outputs, targets, reduction="none").flatten(1).mean(1)
        return errors.mean() if reduction == "mean" else errors


@runtime_checkable
class OfAnotherLoss(Protocol):
    """A loss that makes another of what one loss says of each example of a batch."""

    @property
    def loss(self) -> LossFunction: ...


LOSSES = (CrossEntropy, MeanSquaredError)


def task_of(loss: LossFunction) -> Task:
    """What the loss is for; one that does not say is for classification."""
    return loss.task if isinstance(loss, WithTask) else "classification"


def probabilities_of(loss: LossFunction) -> Probabilities | None:
    """How the loss reads outputs; None where it does not say."""
    return loss.probabilities if isinstance(loss, WithProbabilities) else None


def loss_of_each(loss: LossFunction) -> LossFunction:
    """What says how much each example of a batch costs, where `loss` picks from them or adds them up."""
    return loss_of_each(loss.loss) if isinstance(loss, OfAnotherLoss) else loss


def loss_for(task: Task) -> CrossEntropy | MeanSquaredError:
    """Maximum likelihood for the task: what a recipe starts from."""
    return CrossEntropy() if task == "classification" else MeanSquaredError()


def require_one_shape(outputs: Tensor, targets: Tensor) -> None:
    """Refuse a column against a row, which PyTorch would broadcast to a square.

    Raises:
        ValueError: shows both shapes.
    """
    if outputs.shape != targets.shape:
        shapes = f"{tuple(outputs.shape)} and {tuple(targets.shape)}"
        raise ValueError(f"outputs and targets must have one shape, got {shapes}; broadcasting would train on noise")


def as_rows(
    targets: Shaped[Tensor, " batch"] | Float[Tensor, "batch classes"], outputs: Float[Tensor, "batch classes"]
) -> Float[Tensor, "batch classes"]:
    """One target distribution per row, in the outputs' type: class indices become one-hot rows."""
    if not targets.is_floating_point():
        targets = F.one_hot(targets, outputs.shape[1])
    return targets.to(outputs.dtype)
