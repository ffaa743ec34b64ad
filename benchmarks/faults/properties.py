"""Proofs by exact properties: what a faulty program does and its healthy sibling does not."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from faults.assembly import assemble, count_batches, loss_computer
from faults.program import Program
from faults.proof import Proof
from faults.training import usual_step


def features_without_gradient(faulty: Program, sibling: Program) -> Proof:
    """No parameter of the features gets any gradient, where the sibling's do."""
    sick, well = _feature_gradient(faulty), _feature_gradient(sibling)
    return Proof(sick == 0.0 and well > 0.0, f"gradient norm of the features {sick:.2g}, healthy {well:.2g}",
                 {"faulty": sick, "healthy": well})  # fmt: skip


def _feature_gradient(program: Program) -> float:
    model: Any = program.arguments["model"].train()
    compute, batch = loss_computer(program.parts), next(iter(program.arguments["train_loader"]))
    compute(model, batch).backward()
    gradients = [value.grad for value in model.features.parameters() if value.grad is not None]
    return sum(gradient.abs().sum().item() for gradient in gradients)


def first_inputs(program: Program) -> tuple[Tensor, ...]:
    """The inputs of the first training batch."""
    return program.parts.form.unpack(next(iter(program.arguments["train_loader"])))[0]


def examples_of(program: Program, loader: str = "train_loader") -> tuple[list[tuple[Tensor, ...]], Tensor]:
    """Every batch's inputs and all targets of one pass over a loader."""
    batches = [program.parts.form.unpack(batch) for batch in program.arguments[loader]]
    return [inputs for inputs, _ in batches], torch.cat([targets for _, targets in batches])


def steps_taken(program: Program, steps: int = 3) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """All weights before and after some steps of the program's own."""
    model, optimizer = program.arguments["model"].train(), program.arguments["optimizer"]
    step = program.arguments.get("training_step") or usual_step(program.parts)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    for count, batch in enumerate(program.arguments["train_loader"]):
        if count == steps:
            break
        step(model, batch, optimizer)
    return before, {name: value.detach().clone() for name, value in model.named_parameters()}


def unmoved(program: Program) -> set[str]:
    """Names of the parameters that some steps leave exactly as they were."""
    before, after = steps_taken(program)
    return {name for name in before if torch.equal(before[name], after[name])}


def parameters_stand_still(faulty: Program, sibling: Program) -> Proof:
    """Parameters that move in the sibling do not move at all."""
    stuck = unmoved(faulty) - unmoved(sibling)
    return Proof(bool(stuck), f"{len(stuck)} parameter tensors never move", {"tensors": sorted(stuck)})


def leaks_over_batch(faulty: Program, sibling: Program) -> Proof:
    """In evaluation mode, the last example's output changes with the examples before it."""
    sick, well = _leak(faulty), _leak(sibling)
    return Proof(sick > 1e-6 and well <= 1e-6, f"the last output moves by {sick:.2g}, healthy {well:.2g}",
                 {"faulty": sick, "healthy": well})  # fmt: skip


@torch.no_grad()
def _leak(program: Program) -> float:
    inputs, model = first_inputs(program), program.arguments["model"].eval()
    changed = tuple(values[-1:].expand_as(values).clone() for values in inputs)
    return _distance(model(*inputs), model(*changed), last_only=True)


def _distance(one: Any, other: Any, *, last_only: bool = False) -> float:
    """Largest difference between two outputs, or between their last examples."""
    pairs = [(one, other)] if isinstance(one, Tensor) else list(zip(one, other, strict=True))
    return max(((a[-1:] - b[-1:]) if last_only else (a - b)).abs().max().item() for a, b in pairs)


def evaluation_varies(faulty: Program, sibling: Program) -> Proof:
    """The same inputs twice in evaluation mode give two answers."""
    sick, well = _repeat(faulty), _repeat(sibling)
    return Proof(sick > 1e-6 and well == 0.0, f"the same inputs differ by {sick:.2g}, healthy {well:.2g}",
                 {"faulty": sick, "healthy": well})  # fmt: skip


@torch.no_grad()
def _repeat(program: Program) -> float:
    inputs, model = first_inputs(program), program.arguments["model"].eval()
    return _distance(model(*inputs), model(*inputs))


def validation_changes(faulty: Program, sibling: Program) -> Proof:
    """Two passes over the validation loader give different inputs."""
    sick, well = (not _same_passes(program) for program in (faulty, sibling))
    return Proof(sick and not well, f"two passes differ: {sick}, in the sibling: {well}")


def _same_passes(program: Program) -> bool:
    passes = [torch.cat([inputs[0] for inputs in examples_of(program, "val_loader")[0]]) for _ in range(2)]
    return torch.equal(*passes)


def shares_examples(faulty: Program, sibling: Program) -> Proof:
    """More validation examples are in the training data than in the sibling."""
    sick, well = _shared(faulty), _shared(sibling)
    return Proof(sick > well + 0.05, f"{sick:.0%} of the validation examples are trained on, healthy {well:.0%}",
                 {"faulty": sick, "healthy": well})  # fmt: skip


def _shared(program: Program) -> float:
    known = set(_rows(program.parts.train.inputs[0]))
    rows = _rows(program.parts.validation.inputs[0])
    return sum(row in known for row in rows) / len(rows)


def _rows(values: Tensor) -> list[bytes]:
    return [row.numpy().tobytes() for row in values]


def repeats_examples(faulty: Program, sibling: Program) -> Proof:
    """One pass over the training loader shows fewer different examples than the sibling's."""
    sick, well = _different(faulty), _different(sibling)
    return Proof(sick < 0.8 * well, f"{sick:.0%} of the examples of a pass are different, healthy {well:.0%}",
                 {"faulty": sick, "healthy": well})  # fmt: skip


def _different(program: Program) -> float:
    rows = [row for inputs in examples_of(program)[0] for row in _rows(inputs[0])]
    return len(set(rows)) / len(rows)


def rates(program: Program) -> list[float]:
    """The learning rate at every step of the planned training, as its scheduler sets it."""
    fresh = assemble(program.parts, name="rates", seed=program.seed)
    scheduler, optimizer = fresh.arguments["scheduler"], fresh.arguments["optimizer"]
    batches, found = count_batches(program.parts, fresh.arguments["train_loader"]), []
    optimizer.zero_grad()
    optimizer.step()
    for _ in range(program.parts.epochs):
        for _ in range(batches):
            found.append(optimizer.param_groups[0]["lr"])
            if program.parts.scheduler_interval == "step":
                scheduler.step()
        if program.parts.scheduler_interval == "epoch":
            scheduler.step()
    return found


def last_linear(network: nn.Module) -> nn.Linear:
    """The linear layer that makes the outputs."""
    return [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
