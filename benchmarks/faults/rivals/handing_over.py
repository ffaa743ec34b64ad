"""A program in the terms that others ask for: inputs and targets, loss_fn(model(inputs), targets), a pair loader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from torch import Tensor, nn

from faults.assembly import loss_computer
from faults.program import Program


class InputsOn(nn.Module):
    """Hands its inputs on: the loss function runs the network, whose parameters are seen here under their own names."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        for name, child in network.named_children():
            self.add_module(name, child)
        for name, parameter in network.named_parameters(recurse=False):
            self.register_parameter(name, parameter)

    def forward(self, inputs: Any) -> Any:
        return inputs


class PairLoader:
    """(inputs, targets) from batches of any form; of several inputs the first, and the others behind the targets."""

    def __init__(self, program: Program, loader: Iterable[Any]) -> None:
        self.unpack, self.loader = program.parts.form.unpack, loader
        if hasattr(loader, "dataset"):
            self.dataset = loader.dataset  # type: ignore[attr-defined]

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        for batch in self.loader:
            inputs, targets = self.unpack(batch)
            yield (inputs[0], targets, *inputs[1:])


def first_batch(program: Program) -> tuple[Any, Tensor]:
    """Inputs, a tensor or a tuple of several, and targets of the first training batch."""
    inputs, targets = program.parts.form.unpack(next(iter(program.arguments["train_loader"])))
    return (inputs[0] if len(inputs) == 1 else inputs), targets


def model_and_loss(program: Program) -> tuple[nn.Module, Callable[[Any, Any], Tensor]]:
    """A model and a loss function such that loss_fn(model(inputs), targets) is what the program minimises."""
    model, parts = program.arguments["model"], program.parts
    if parts.compute_loss is None:
        return model, program.arguments["loss_fn"]
    compute = loss_computer(parts)

    def loss_fn(inputs: Any, targets: Any) -> Tensor:
        several = inputs if isinstance(inputs, tuple) else (inputs,)
        return compute(model, parts.form.pack(several, targets))

    return InputsOn(model), loss_fn
