"""What every world draws alike: optimiser, schedule, the program's own step, names of a mapping."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer, lr_scheduler

from faults.form import Form
from faults.parts import ComputeLoss, TrainingStep

MakeOptimizer = Callable[[nn.Module], Optimizer]
NAMES = (("inputs", "targets"), ("x", "y"), ("image", "label"), ("features", "target"), ("data", "labels"))


def draw_optimizer(chance: random.Random, *, adaptive_only: bool = False) -> MakeOptimizer:
    """An optimiser at a rate that suits small networks of any kind."""
    kinds = ["adam", "adamw", "rmsprop"] if adaptive_only else ["adam", "adamw", "sgd", "rmsprop", "adam", "sgd"]
    kind, rate, momentum = chance.choice(kinds), chance.uniform(1.5e-3, 4e-3), chance.choice([0.9, 0.9, 0.8])
    decay = chance.choice([0.0, 1e-4, 1e-3])
    if kind == "adam":
        return lambda model: torch.optim.Adam(model.parameters(), lr=rate)
    if kind == "adamw":
        return lambda model: torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=10.0 * decay)
    if kind == "rmsprop":
        return lambda model: torch.optim.RMSprop(model.parameters(), lr=rate / 2.0)
    nesterov, slow = chance.random() < 0.5, chance.uniform(0.02, 0.06)
    return lambda model: torch.optim.SGD(
        model.parameters(), lr=slow, momentum=momentum, weight_decay=decay, nesterov=nesterov
    )


def draw_schedule(chance: random.Random) -> dict[str, Any]:
    """make_scheduler and scheduler_interval, or neither."""
    kind = chance.choice(["none", "none", "cosine", "one-cycle", "steps", "warmup", "exponential"])
    if kind == "none":
        return {}
    if kind == "cosine":
        return {"make_scheduler": lambda optimizer, steps, epochs: lr_scheduler.CosineAnnealingLR(
            optimizer, T_max=steps * epochs), "scheduler_interval": "step"}  # fmt: skip
    if kind == "one-cycle":
        return {"make_scheduler": lambda optimizer, steps, epochs: lr_scheduler.OneCycleLR(
            optimizer, max_lr=1.5 * optimizer.param_groups[0]["lr"], total_steps=steps * epochs + 1,
            cycle_momentum=False), "scheduler_interval": "step"}  # fmt: skip
    if kind == "steps":
        return {"make_scheduler": lambda optimizer, steps, epochs: lr_scheduler.StepLR(
            optimizer, step_size=max(1, epochs // 2), gamma=0.3), "scheduler_interval": "epoch"}  # fmt: skip
    if kind == "exponential":
        return {"make_scheduler": lambda optimizer, steps, epochs: lr_scheduler.ExponentialLR(
            optimizer, gamma=0.05 ** (1.0 / epochs)), "scheduler_interval": "epoch"}  # fmt: skip
    return {"make_scheduler": warmup_cosine, "scheduler_interval": "step"}


def warmup_cosine(optimizer: Optimizer, steps: int, epochs: int) -> lr_scheduler.LambdaLR:
    """From a twentieth up over a tenth of the training, then half a cosine down to 0."""
    total = steps * epochs
    warm = max(1, total // 10)

    def factor(step: int) -> float:
        if step < warm:
            return 0.05 + 0.95 * step / warm
        return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (step - warm) / max(1, total - warm))))

    return lr_scheduler.LambdaLR(optimizer, factor)


def draw_step(chance: random.Random) -> dict[str, Any]:
    """make_step, or nothing: half of the programs leave the step to the tool."""
    kind = chance.choice(["none", "none", "none", "plain", "late", "clipped"])
    makers = {"plain": plain_step, "late": late_step, "clipped": clipped_step}
    return {} if kind == "none" else {"make_step": makers[kind]}


def plain_step(compute: ComputeLoss) -> TrainingStep:
    """zero_grad, backward, step."""

    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        optimizer.zero_grad()
        loss = compute(model, batch)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return training_step


def late_step(compute: ComputeLoss) -> TrainingStep:
    """backward, step, zero_grad: as right as the other order."""

    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        loss = compute(model, batch)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        return loss.detach()

    return training_step


def clipped_step(compute: ComputeLoss) -> TrainingStep:
    """Gradients clipped to a norm that early steps exceed now and then."""

    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        model.train()
        optimizer.zero_grad(set_to_none=True)
        loss = compute(model, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        return loss.item()

    return training_step


def draw_form(chance: random.Random) -> Form:
    """Pairs for most programs, mappings for the others."""
    names = chance.choice([None, None, *NAMES])
    return Form() if names is None else Form((names[0],), names[1])


def draw_activation(chance: random.Random) -> Callable[[], nn.Module]:
    """One that trains well anywhere."""
    return chance.choice([nn.ReLU, nn.ReLU, nn.GELU, nn.SiLU, lambda: nn.LeakyReLU(0.1)])
