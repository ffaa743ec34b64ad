"""A LightningModule with its data as a plain program: network, loaders, loss, optimiser, step and schedule.

    assay.verify(**assay.from_lightning(module, datamodule))

Nothing of Lightning is imported: its objects are used by the methods they have. The step is that of automatic
optimisation: clear the gradients, `training_step`, backward, clip as the trainer does, update.

Source: Lightning documentation, LightningModule, "Optimization" and "configure_optimizers".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.checks.given.batches import split_batch
from assay.checks.given.model_call import call_model
from assay.checks.given.usable_model import copy_of_model
from assay.errors import InputError
from assay.programs.observed_loss import observe_loss


def from_lightning(
    module: nn.Module,
    datamodule: Any,
    *,
    trainer: Any = None,
    loss_fn: Callable[[Any, Any], Tensor] | None = None,
) -> dict[str, Any]:
    """The arguments of `assay.verify` for a LightningModule.

    Args:
        datamodule: a LightningDataModule, or a training loader.
        trainer: tells the planned epochs and gradient clipping; it is not run.
        loss_fn: loss_fn(outputs, targets); found by watching one `training_step` if None.

    Raises:
        InputError: several optimisers, a module that cannot be copied, or a loss that is none of PyTorch's on the
            module's own outputs.
    """
    train_loader, val_loader = _loaders(datamodule)
    optimizer, scheduler, interval = _optimizer_and_schedule(module)
    return {
        "model": module,
        "train_loader": train_loader,
        "loss_fn": loss_fn or _loss_of(module, train_loader),
        "optimizer": optimizer,
        "val_loader": val_loader,
        "training_step": _step(trainer),
        "scheduler": scheduler,
        "scheduler_interval": interval,
        "epochs": _epochs(trainer),
    }


def is_lightning(value: Any) -> bool:
    """Whether it is a module with the two methods that Lightning trains by."""
    return isinstance(value, nn.Module) and hasattr(value, "training_step") and hasattr(value, "configure_optimizers")


def _loaders(datamodule: Any) -> tuple[Iterable[Any], Iterable[Any] | None]:
    if not hasattr(datamodule, "train_dataloader"):
        return datamodule, None
    if hasattr(datamodule, "setup"):
        datamodule.prepare_data()
        datamodule.setup("fit")
    found = datamodule.val_dataloader() if hasattr(datamodule, "val_dataloader") else None
    if isinstance(found, (list, tuple)):
        found = found[0] if found else None
    return datamodule.train_dataloader(), found


def _optimizer_and_schedule(module: Any) -> tuple[Optimizer, Any, str]:
    """The one optimiser and its schedule, of all the forms that `configure_optimizers` may return."""
    if not getattr(module, "automatic_optimization", True):
        raise InputError(
            f"{type(module).__name__}: automatic_optimization is off, so its steps are its own; call assay.verify with "
            "a training_step(model, batch, optimizer) that does what they do"
        )
    configured = module.configure_optimizers()
    optimizers, schedules = configured, []
    if isinstance(configured, Mapping):
        optimizers = configured["optimizer"]
        schedules = [configured["lr_scheduler"]] if configured.get("lr_scheduler") else []
    elif isinstance(configured, Sequence) and len(configured) == 2 and isinstance(configured[0], (list, tuple)):
        optimizers, schedules = configured
        schedules = schedules if isinstance(schedules, (list, tuple)) else [schedules]
    optimizers = list(optimizers) if isinstance(optimizers, (list, tuple)) else [optimizers]
    if len(optimizers) != 1 or not hasattr(optimizers[0], "param_groups"):
        raise InputError(
            f"{type(module).__name__}.configure_optimizers must give one optimiser, got {configured!r:.100}; call "
            "assay.verify with a training_step of your own for several"
        )
    schedule = schedules[0] if schedules else None
    if isinstance(schedule, Mapping):
        return optimizers[0], schedule["scheduler"], schedule.get("interval", "epoch")
    return optimizers[0], schedule, "epoch"


def _loss_of(module: nn.Module, train_loader: Iterable[Any]) -> Callable[[Tensor, Tensor], Tensor]:
    batch = next(iter(train_loader))
    model = copy_of_model(module).eval()  # without dropout, one batch gives the same outputs again
    with torch.no_grad():
        outputs = call_model(model, split_batch(batch)[0])
        found = observe_loss(lambda: loss_in(model.training_step(batch, 0)), outputs)  # type: ignore[operator]
    if found is None:
        raise InputError(
            f"{type(module).__name__}: training_step applies no loss of torch.nn.functional to what forward returns; "
            "pass loss_fn=, a function of outputs and targets"
        )
    return found


def loss_in(returned: Any) -> Tensor:
    """The loss that a `training_step` returned: itself, or the item or attribute of that name."""
    if isinstance(returned, Mapping):
        return returned["loss"]
    return returned if isinstance(returned, Tensor) else returned.loss


def _step(trainer: Any) -> Callable[[nn.Module, Any, Optimizer], Tensor]:
    largest_norm = getattr(trainer, "gradient_clip_val", None)
    by_value = str(getattr(trainer, "gradient_clip_algorithm", "norm") or "norm").endswith("value")
    clip = torch.nn.utils.clip_grad_value_ if by_value else torch.nn.utils.clip_grad_norm_

    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Tensor:
        optimizer.zero_grad()
        loss = loss_in(model.training_step(batch, 0))  # type: ignore[operator]
        loss.backward()
        if largest_norm:
            clip(model.parameters(), largest_norm)
        optimizer.step()
        return loss.detach()

    return training_step


def _epochs(trainer: Any) -> float | None:
    planned = getattr(trainer, "max_epochs", None)
    return float(planned) if planned and planned > 0 else None
