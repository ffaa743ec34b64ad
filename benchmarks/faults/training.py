"""Training a program as its user would, and its score on validation data after each epoch."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from faults.assembly import assemble, loss_computer
from faults.parts import Parts, TrainingStep
from faults.program import Program


def usual_step(parts: Parts) -> TrainingStep:
    """The step of a program that brings none of its own."""
    compute = loss_computer(parts)

    def step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        optimizer.zero_grad()
        loss = compute(model, batch)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def train(parts: Parts, *, seed: int, epochs: int | None = None) -> list[float]:
    """The validation score after each epoch of a newly assembled program; NaN once training broke down."""
    torch.manual_seed(seed)
    program = assemble(parts, name="training", seed=seed)
    return train_program(program, epochs=epochs)


def train_program(program: Program, *, epochs: int | None = None) -> list[float]:
    """Train the program itself, which keeps what it learned."""
    arguments, parts, scores = program.arguments, program.parts, []
    step, scheduler = arguments.get("training_step") or usual_step(parts), arguments.get("scheduler")
    for _ in range(epochs or parts.epochs):
        arguments["model"].train()
        for batch in arguments["train_loader"]:
            step(arguments["model"], batch, arguments["optimizer"])
            if scheduler is not None and parts.scheduler_interval == "step":
                scheduler.step()
        if scheduler is not None and parts.scheduler_interval == "epoch":
            scheduler.step()
        scores.append(evaluate(program))
    return scores


@torch.no_grad()
def evaluate(program: Program) -> float:
    """The task's score over the program's own validation loader, in evaluation mode."""
    outputs, targets, model = [], [], program.arguments["model"].eval()
    for batch in program.arguments["val_loader"]:
        inputs, wanted = program.parts.form.unpack(batch)
        outputs.append(program.parts.prediction(model(*inputs)))
        targets.append(wanted)
    said = torch.cat(outputs)
    return program.parts.task.score(said, torch.cat(targets)) if said.isfinite().all() else math.nan
