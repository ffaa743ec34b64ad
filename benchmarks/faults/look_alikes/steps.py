"""Unusual training steps that are right."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from faults.look_alike import LookAlike
from faults.parts import ComputeLoss, Parts, TrainingStep
from faults.planted import EVERYWHERE


def accumulating(parts: Parts, chance: random.Random) -> Parts:
    """Two backward passes of half the loss, then an update; the counter lives in the step."""
    every = chance.choice([2, 4])

    def make_step(compute: ComputeLoss) -> TrainingStep:
        seen = [0]

        def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
            loss = compute(model, batch)
            (loss / every).backward()
            seen[0] += 1
            if seen[0] % every == 0:
                optimizer.step()
                optimizer.zero_grad()
            return loss.detach()

        return training_step

    return parts.but(make_step=make_step, batch_size=max(8, parts.batch_size // every), make_scheduler=None)


def in_bfloat16(parts: Parts, chance: random.Random) -> Parts:
    """Mixed precision."""

    def make_step(compute: ComputeLoss) -> TrainingStep:
        def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = compute(model, batch)
            loss.backward()
            optimizer.step()
            return loss.detach()

        return training_step

    return parts.but(make_step=make_step)


LOOK_ALIKES = (
    LookAlike("gradient_accumulation", "an update every few batches, from the mean of their gradients", accumulating,
              EVERYWHERE),
    LookAlike("mixed_precision", "the forward pass in bfloat16", in_bfloat16, ("images", "tables")),
)  # fmt: skip
