"""The parts of a program: a fault changes one of them, and nothing is built before that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.data import Dataset

from faults.examples import Augment, Examples, ExampleSet, Prepare, unchanged
from faults.form import Form
from faults.tasks import Task

LossFunction = Callable[..., Tensor]
ComputeLoss = Callable[[nn.Module, Any], Tensor]
"""compute(model, batch) -> loss, before any backward pass."""
TrainingStep = Callable[[nn.Module, Any, Optimizer], Any]
MakeDataset = Callable[[Examples, Form, Augment, Prepare], Dataset[Any]]


def the_same(outputs: Any) -> Any:
    """What the network returns, as it is."""
    return outputs


@dataclass(frozen=True)
class Parts:
    """Everything that a program is put together from.

    traits: what faults may ask for ("batch_norm", "cross_entropy", "padding", ...).
    task: how its user would score it.
    make_scheduler: make(optimizer, steps_an_epoch, epochs).
    make_step: makes the program's own training step from what computes the loss; None leaves it to the tool.
    compute_loss: compute(model, batch, loss_fn), where that is not loss_fn(model(inputs), targets).
    prediction: what the task scores, out of what the network returns.
    make_train_loader, make_validation_loader: where a loader is not the usual one.
    """

    domain: str
    traits: frozenset[str]
    train: Examples
    validation: Examples
    task: Task
    make_model: Callable[[], nn.Module]
    loss_fn: LossFunction
    make_optimizer: Callable[[nn.Module], Optimizer]
    epochs: int
    batch_size: int = 32
    form: Form = field(default_factory=Form)
    make_scheduler: Callable[[Optimizer, int, int], Any] | None = None
    scheduler_interval: Literal["step", "epoch"] = "step"
    make_step: Callable[[ComputeLoss], TrainingStep] | None = None
    compute_loss: Callable[[nn.Module, Any, LossFunction], Tensor] | None = None
    augment: Augment = unchanged
    validation_augment: Augment = unchanged
    prepare: Prepare = unchanged
    validation_prepare: Prepare | None = None
    make_dataset: MakeDataset = ExampleSet
    collate: Callable[[list[Any]], Any] | None = None
    shuffle: bool = True
    drop_last: bool = False
    workers: int = 0
    prediction: Callable[[Any], Tensor] = the_same
    make_train_loader: Callable[[Parts, int], Iterable[Any]] | None = None
    make_validation_loader: Callable[[Parts, int], Iterable[Any]] | None = None

    def but(self, **changes: Any) -> Parts:
        """The same parts with some of them changed."""
        return replace(self, **changes)

    def with_traits(self, *names: str) -> Parts:
        """The same parts with more said about them."""
        return replace(self, traits=self.traits | set(names))

    def edit_model(self, edit: Callable[[Any], nn.Module]) -> Parts:
        """The same parts with `edit` applied to each new network."""
        make = self.make_model
        return replace(self, make_model=lambda: edit(make()))
