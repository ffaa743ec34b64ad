"""Faults in the training step: gradients kept, thrown away, or made after the update."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from faults.choices import plain_step
from faults.fault import Fault
from faults.parts import ComputeLoss, Parts, TrainingStep
from faults.planted import EVERYWHERE, LABELLED, VECTORS
from faults.program import Program
from faults.proof import Proof
from faults.properties import parameters_stand_still
from faults.symptoms import trains_worse


def gradients_kept(compute: ComputeLoss) -> TrainingStep:
    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        loss = compute(model, batch)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return training_step


def cleared_after_backward(compute: ComputeLoss) -> TrainingStep:
    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        loss = compute(model, batch)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        return loss.detach()

    return training_step


def updated_before_backward(compute: ComputeLoss) -> TrainingStep:
    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        optimizer.zero_grad()
        loss = compute(model, batch)
        optimizer.step()
        loss.backward()
        return loss.detach()

    return training_step


def never_updated(compute: ComputeLoss) -> TrainingStep:
    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        optimizer.zero_grad()
        loss = compute(model, batch)
        loss.backward()
        return loss.detach()

    return training_step


def loss_made_anew(compute: ComputeLoss) -> TrainingStep:
    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        optimizer.zero_grad()
        loss = torch.tensor(compute(model, batch).item(), requires_grad=True)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return training_step


def evaluating(compute: ComputeLoss) -> TrainingStep:
    step = plain_step(compute)

    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        model.eval()
        return step(model, batch, optimizer)

    return training_step


def clipped_to_nothing(compute: ComputeLoss) -> TrainingStep:
    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        optimizer.zero_grad()
        loss = compute(model, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1e-6)
        optimizer.step()
        return loss.detach()

    return training_step


def born_again(compute: ComputeLoss) -> TrainingStep:
    step = plain_step(compute)

    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        for module in model.modules():
            if isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d)):
                module.reset_parameters()
        return step(model, batch, optimizer)

    return training_step


def shrunk_at_each_step(compute: ComputeLoss) -> TrainingStep:
    """Not beside a schedule: those that set the rate outright undo it at every step."""
    step = plain_step(compute)

    def training_step(model: nn.Module, batch: Any, optimizer: Optimizer) -> Any:
        loss = step(model, batch, optimizer)
        for group in optimizer.param_groups:
            group["lr"] *= 0.7
        return loss

    return training_step


def with_step(make_step: Any) -> Any:
    """Plants a training step."""

    def plant(parts: Parts, chance: random.Random) -> Parts:
        return parts.but(make_step=make_step)

    return plant


def sgd_with_step(make_step: Any) -> Any:
    """Plants a training step, under an optimiser that does not take the gradient's size away."""

    def plant(parts: Parts, chance: random.Random) -> Parts:
        return parts.but(make_step=make_step, make_optimizer=lambda model: torch.optim.SGD(
            model.parameters(), lr=0.05, momentum=0.9))  # fmt: skip

    return plant


def gradients_add_up(faulty: Program, sibling: Program) -> Proof:
    """After a second step on the same batch with a rate of 0, the gradient is twice a single one."""
    model, optimizer = faulty.arguments["model"], faulty.arguments["optimizer"]
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    for module in model.modules():
        if isinstance(module, (nn.Dropout, nn.modules.batchnorm._BatchNorm)):
            module.eval()
    batch, norms = next(iter(faulty.arguments["train_loader"])), []
    for _ in range(2):
        faulty.arguments["training_step"](model, batch, optimizer)
        norms.append(sum(p.grad.square().sum().item() for p in model.parameters() if p.grad is not None) ** 0.5)
    ratio = norms[1] / norms[0]
    return Proof(ratio > 1.5, f"the second step's gradient is {ratio:.2f} times the first one's on the same batch",
                 {"norms": norms})  # fmt: skip


def stays_in_evaluation_mode(faulty: Program, sibling: Program) -> Proof:
    """After a step the modules that behave differently in training are in evaluation mode."""
    kinds = (nn.Dropout, nn.modules.batchnorm._BatchNorm)
    model, batch = faulty.arguments["model"].train(), next(iter(faulty.arguments["train_loader"]))
    faulty.arguments["training_step"](model, batch, faulty.arguments["optimizer"])
    off = [name for name, module in model.named_modules() if isinstance(module, kinds) and not module.training]
    return Proof(bool(off), f"{len(off)} dropout or batch norm layers train in evaluation mode", {"modules": off})


STILL = frozenset({"gradients_cleared", "parameters_trained"})
FAULTS = (
    Fault("forgotten_zero_grad", "the step never clears gradients", frozenset({"gradients_cleared"}),
          with_step(gradients_kept), gradients_add_up, EVERYWHERE),
    Fault("zero_grad_after_backward", "gradients are cleared between backward and the update", STILL,
          with_step(cleared_after_backward), parameters_stand_still, EVERYWHERE),
    Fault("step_before_backward", "the update is made before the backward pass, from cleared gradients",
          STILL | {"step_direction"}, with_step(updated_before_backward), parameters_stand_still, EVERYWHERE),
    Fault("step_never_called", "backward, but no update", frozenset({"parameters_trained", "update_ratio"}),
          with_step(never_updated), parameters_stand_still, EVERYWHERE),
    Fault("loss_made_anew", "torch.tensor(loss.item(), requires_grad=True).backward()",
          frozenset({"parameters_trained"}), with_step(loss_made_anew), parameters_stand_still, EVERYWHERE),
    Fault("training_in_eval_mode", "the step calls model.eval() and nothing calls train()",
          frozenset({"train_eval_mode"}), with_step(evaluating), stays_in_evaluation_mode, VECTORS,
          needs=frozenset({"batch_norm"})),
    Fault("gradients_clipped_to_nothing", "gradients are clipped to a norm of 1e-6 under plain SGD",
          frozenset({"update_ratio", "learning_rate", "vanishing_gradients"}), sgd_with_step(clipped_to_nothing),
          trains_worse, VECTORS),
    Fault("weights_drawn_again", "the step initialises the layers again before each update",
          frozenset({"parameters_trained", "step_direction", "update_ratio"}),
          with_step(born_again), trains_worse, VECTORS),
    Fault("rate_shrinks_each_step", "the step multiplies the rate by 0.7, meant for each epoch",
          frozenset({"learning_rate", "learning_rate_schedule", "update_ratio"}), with_step(shrunk_at_each_step),
          trains_worse, LABELLED, lacks=frozenset({"scheduled"})),
)  # fmt: skip
