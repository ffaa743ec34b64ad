"""A Hugging Face Trainer as a plain program: network, loaders, loss, optimiser, step and schedule.

    assay.verify(**assay.from_trainer(trainer))

Nothing of transformers is imported: the trainer is used by the methods it has, and stays as it was. The step is its
own: clear the gradients, `compute_loss`, backward, clip to `max_grad_norm`, update.

Source: transformers documentation, Trainer, "compute_loss" and "create_optimizer_and_scheduler".
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.errors import InputError

IGNORED = -100


def from_trainer(trainer: Any) -> dict[str, Any]:
    """The arguments of `assay.verify` for a Trainer, whose own optimiser and schedule stay what they were.

    Raises:
        InputError: the trainer has no training data set, or its batches no labels.
    """
    if getattr(trainer, "train_dataset", None) is None:
        raise InputError("trainer: train_dataset is None, and there is nothing to verify on; give the Trainer its data")
    train_loader = trainer.get_train_dataloader()
    require_labels(next(iter(train_loader)))
    steps, epochs = planned_length(trainer, train_loader)
    shifts = _shifts(trainer.model)
    validation = HookedLoader(trainer.get_eval_dataloader(), shifts) if trainer.eval_dataset is not None else None
    optimizer, scheduler = _optimizer_and_schedule(trainer, steps)
    return {
        "model": trainer.model,
        "train_loader": HookedLoader(train_loader, shifts),
        "loss_fn": _loss_of(trainer),
        "optimizer": optimizer,
        "val_loader": validation,
        "training_step": _step(trainer),
        "scheduler": scheduler,
        "scheduler_interval": "step",
        "epochs": epochs,
    }


@dataclass
class TrainerBatch:
    """A batch with the hooks that checks ask for; `labels` as the data set gives them.

    shifts: the targets are the labels of the next place, and none at the last.
    """

    inputs: dict[str, Any]
    labels: Tensor
    shifts: bool

    @property
    def batch_inputs(self) -> dict[str, Any]:
        return self.inputs

    @property
    def batch_targets(self) -> Tensor:
        return F.pad(self.labels[..., 1:], (0, 1), value=IGNORED) if self.shifts else self.labels


@dataclass
class HookedLoader:
    """The trainer's loader, its batches with hooks."""

    loader: Any
    shifts: bool

    @property
    def dataset(self) -> Any:
        return self.loader.dataset

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[TrainerBatch]:
        for batch in self.loader:
            inputs = {name: value for name, value in batch.items() if name != "labels"}
            yield TrainerBatch(inputs, batch["labels"], self.shifts)


def require_labels(batch: Any) -> None:
    """Raises:
    InputError: the batch is no mapping with labels.
    """
    if not isinstance(batch, Mapping) or "labels" not in batch:
        names = ", ".join(batch) if isinstance(batch, Mapping) else type(batch).__name__
        raise InputError(f"trainer: a batch must hold labels, got {names}; name the data set's target column 'labels'")


def is_trainer(value: Any) -> bool:
    """Whether it has the methods of a Hugging Face Trainer that are used here."""
    return all(hasattr(value, name) for name in ("get_train_dataloader", "compute_loss", "create_optimizer", "model"))


def planned_length(trainer: Any, train_loader: Iterable[Any]) -> tuple[int, float]:
    """Updates and epochs of the planned training: `max_steps` where it is set, else `num_train_epochs`."""
    arguments = trainer.args
    batches = len(train_loader)  # type: ignore[arg-type]
    updates_per_epoch = max(1, batches // arguments.gradient_accumulation_steps)
    if arguments.max_steps > 0:
        return arguments.max_steps, arguments.max_steps / updates_per_epoch
    return math.ceil(arguments.num_train_epochs * updates_per_epoch), float(arguments.num_train_epochs)


def _optimizer_and_schedule(trainer: Any, steps: int) -> tuple[Optimizer, Any]:
    before = trainer.optimizer, trainer.lr_scheduler
    try:
        trainer.create_optimizer_and_scheduler(num_training_steps=steps)
        return trainer.optimizer, trainer.lr_scheduler
    finally:
        trainer.optimizer, trainer.lr_scheduler = before


def _loss_of(trainer: Any) -> Callable[[Any, Tensor], Tensor]:
    """The loss as a function of the network's outputs and the labels, as `compute_loss` would have it.

    Raises:
        InputError: the model keeps its loss to itself.
    """
    own, model = getattr(trainer, "compute_loss_func", None), trainer.model
    function = own or getattr(model, "loss_function", None)
    if function is None:
        raise InputError(
            f"trainer: {type(model).__name__} has no loss_function, so its loss cannot be told from its outputs; pass "
            "compute_loss_func to the Trainer"
        )
    if own is not None:
        return own
    if _shifts(model):
        return _token_loss
    return _with_config(function, model.config)


def _shifts(model: Any) -> bool:
    """Whether the model's loss compares each place with the label of the next one."""
    return getattr(getattr(model, "loss_function", None), "__name__", "") == "ForCausalLMLoss"


def _token_loss(outputs: Any, labels: Tensor) -> Tensor:
    logits = getattr(outputs, "logits", outputs)
    return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)


def _with_config(function: Callable[..., Tensor], config: Any) -> Callable[[Any, Tensor], Tensor]:
    names = inspect.signature(function).parameters
    known = {"config": config, "vocab_size": getattr(config, "vocab_size", None)}
    settings = {name: value for name, value in known.items() if name in names}
    scores = "pooled_logits" if "pooled_logits" in names else "logits"

    def loss_fn(outputs: Any, labels: Tensor) -> Tensor:
        return function(labels=labels, **{scores: getattr(outputs, "logits", outputs)}, **settings)

    return loss_fn


def _step(trainer: Any) -> Callable[[nn.Module, Any, Optimizer], Tensor]:
    largest_norm = trainer.args.max_grad_norm

    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Tensor:
        optimizer.zero_grad()
        loss = trainer.compute_loss(model, {**batch.inputs, "labels": batch.labels})
        loss.backward()
        if largest_norm:
            torch.nn.utils.clip_grad_norm_(model.parameters(), largest_norm)
        optimizer.step()
        return loss.detach()

    return training_step
