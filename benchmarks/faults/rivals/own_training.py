"""The program's own training, for whoever watches one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from faults.assembly import assemble
from faults.program import Program
from faults.training import usual_step

STEPS = 300


def train_as_planned(program: Program, after_step: Callable[[Any], None], steps: int = STEPS) -> None:
    """The planned epochs with the program's own step and schedule, `steps` steps of them at most.

    after_step(loss): called after each step with what the step returned.
    """
    torch.manual_seed(program.seed)
    arguments, parts, done = program.arguments, program.parts, 0
    step, scheduler = arguments.get("training_step") or usual_step(parts), arguments.get("scheduler")
    for _ in range(parts.epochs):
        arguments["model"].train()
        for batch in arguments["train_loader"]:
            loss = step(arguments["model"], batch, arguments["optimizer"])
            if scheduler is not None and parts.scheduler_interval == "step":
                scheduler.step()
            after_step(loss)
            done += 1
            if done == steps:
                return
        if scheduler is not None and parts.scheduler_interval == "epoch":
            scheduler.step()


def fails_alone(program: Program) -> str:
    """The error with which the program ends when nobody watches; empty where it runs.

    Tells a rival's failure from the program's own.
    """
    fresh = assemble(program.parts, name=program.name, seed=program.seed)
    try:
        train_as_planned(fresh, lambda loss: None)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
