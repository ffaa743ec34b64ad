"""What `verify` is given must be what it says: a wrong object is refused by name, before any check can misread it."""

from __future__ import annotations

import math
from typing import Any

from torch import nn

from assay.checks.given.usable_loss import refuse_wrong_call


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
    refuse_wrong_call("loss_fn", loss_fn, ("outputs", "targets"))
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
    if training_step is not None:
        refuse_wrong_call("training_step", training_step, ("model", "batch", "optimizer"))
    if scheduler is not None and (isinstance(scheduler, type) or not hasattr(scheduler, "step")):
        raise TypeError(
            f"scheduler must have a step() or be None, got {_told(scheduler)}; pass one of torch.optim.lr_scheduler"
        )


def refuse_wrong_budget(budget_seconds: Any) -> None:
    """Raises:
    TypeError: it is no number.
    ValueError: it is not positive.
    """
    _refuse_no_number("budget_seconds", budget_seconds)
    if not budget_seconds > 0:
        raise ValueError(f"budget_seconds must be positive, got {budget_seconds}; the usual value is 60")


def refuse_wrong_plan(scheduler_interval: Any, epochs: Any) -> None:
    """Raises:
    TypeError: epochs is neither a number nor None.
    ValueError: either is out of its range.
    """
    if scheduler_interval not in ("step", "epoch"):
        raise ValueError(f"scheduler_interval must be 'step' or 'epoch', got {scheduler_interval!r}; choose one")
    if epochs is None:
        return
    _refuse_no_number("epochs", epochs)
    if not 0 < epochs < math.inf:
        raise ValueError(f"epochs must be positive and finite, got {epochs}; pass the planned length of the training")


def _refuse_no_number(name: str, value: Any) -> None:
    if not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number, got {type(value).__name__} {value!r:.40}; pass e.g. 60")


def refuse_wrong_seed(seed: Any) -> None:
    """Raises:
    TypeError: it is no whole number.
    ValueError: it is negative, which NumPy and torch's generators do not agree on.
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed must be a whole number, got {_told(seed)}; pass e.g. 0")
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, got {seed}; pass e.g. 0")


def _told(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__} itself"
    return "None" if value is None else f"{type(value).__name__} {value!r:.60}"
