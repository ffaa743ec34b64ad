"""Parts put together: seeded network and loaders, and the arguments of `assay.verify`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from faults.parts import ComputeLoss, Parts
from faults.program import Program


def assemble(parts: Parts, *, name: str, seed: int, causes: frozenset[str] = frozenset(), fault: str = "") -> Program:
    """A program whose first weights and order of examples come from `seed`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = parts.make_model()
        optimizer = parts.make_optimizer(model)
    train_loader = (parts.make_train_loader or train_loader_of)(parts, seed)
    validation_loader = (parts.make_validation_loader or validation_loader_of)(parts, seed)
    arguments: dict[str, Any] = {
        "model": model, "train_loader": train_loader, "loss_fn": parts.loss_fn, "optimizer": optimizer,
        "val_loader": validation_loader, "epochs": parts.epochs,
    }  # fmt: skip
    if parts.make_step is not None:
        arguments["training_step"] = parts.make_step(loss_computer(parts))
    if parts.make_scheduler is not None:
        steps = max(1, count_batches(parts, train_loader))
        arguments["scheduler"] = parts.make_scheduler(optimizer, steps, parts.epochs)
        arguments["scheduler_interval"] = parts.scheduler_interval
    return Program(name, parts.domain, seed, arguments, causes, fault, parts)


def loss_computer(parts: Parts) -> ComputeLoss:
    """compute(model, batch) -> loss, as the program's own step has it."""
    loss_fn, form, compute = parts.loss_fn, parts.form, parts.compute_loss

    def compute_loss(model: nn.Module, batch: Any) -> Tensor:
        if compute is not None:
            return compute(model, batch, loss_fn)
        inputs, targets = form.unpack(batch)
        return loss_fn(model(*inputs), targets)

    return compute_loss


def train_loader_of(parts: Parts, seed: int) -> Iterable[Any]:
    """The usual loader: shuffled, from a generator of its own."""
    return DataLoader(
        parts.make_dataset(parts.train, parts.form, parts.augment, parts.prepare),
        batch_size=parts.batch_size, shuffle=parts.shuffle, collate_fn=parts.collate, num_workers=parts.workers,
        drop_last=parts.drop_last, generator=torch.Generator().manual_seed(seed),
    )  # fmt: skip


def validation_loader_of(parts: Parts, seed: int) -> Iterable[Any]:
    """The usual loader, in order."""
    prepare = parts.validation_prepare or parts.prepare
    return DataLoader(
        parts.make_dataset(parts.validation, parts.form, parts.validation_augment, prepare),
        batch_size=2 * parts.batch_size, shuffle=False, collate_fn=parts.collate,
        generator=torch.Generator().manual_seed(seed),
    )  # fmt: skip


def count_batches(parts: Parts, loader: Any) -> int:
    """Batches of one pass; reckoned where a loader has no length."""
    try:
        return len(loader)
    except TypeError:
        return -(-len(parts.train) // parts.batch_size)
