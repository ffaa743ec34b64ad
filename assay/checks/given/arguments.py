"""What `verify` is given must be what it says: a wrong object is refused by name, before any check can misread it."""

from __future__ import annotations

from typing import Any

from torch import nn


def refuse_wrong_objects(model: Any, loss_fn: Any, optimizer: Any, training_step: Any, scheduler: Any) -> None:
    """Hold each object against what the checks will ask of it.

    Raises:
        TypeError: names the argument, what it must be, what it is and what to pass.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {_told(model)}; wrap a function in a module's forward")
    if not callable(loss_fn) or isinstance(loss_fn, type):
        raise TypeError(
            f"loss_fn must be a callable loss_fn(outputs, targets) -> one number, got {_told(loss_fn)}; "
            "pass e.g. torch.nn.CrossEntropyLoss()"
        )
    if isinstance(optimizer, type) or not all(hasattr(optimizer, name) for name in ("param_groups", "step")):
        raise TypeError(
            f"optimizer must be a torch.optim.Optimizer, got {_told(optimizer)}; pass the one that trains the model, "
            "e.g. torch.optim.AdamW(model.parameters())"
        )
    if training_step is not None and not callable(training_step):
        raise TypeError(
            f"training_step must be a callable training_step(model, batch, optimizer) -> loss or None, "
            f"got {_told(training_step)}; pass the function itself"
        )
    if scheduler is not None and (isinstance(scheduler, type) or not hasattr(scheduler, "step")):
        raise TypeError(
            f"scheduler must have a step() or be None, got {_told(scheduler)}; pass one of torch.optim.lr_scheduler"
        )


def _told(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    return "None" if value is None else f"{type(value).__name__} {value!r:.60}"
