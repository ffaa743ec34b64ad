"""Which module of a network gives other outputs for the same inputs? Two passes with other seeds, seen from inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.batches import tensors_in
from assay.checks.given.pipeline import Pipeline


@dataclass(frozen=True)
class Call:
    """One call of a module: its name, how often it was called before, and the tensors that went in and came out."""

    name: str
    number: int
    inputs: list[Tensor]
    outputs: list[Tensor]


def first_random_module(pipeline: Pipeline, batch: Any, differ: Callable[[list[Tensor], list[Tensor]], bool]) -> str:
    """The innermost module that ends first with equal inputs and other outputs; "" where no module can be named.

    Args:
        differ: whether two lists of tensors differ by more than the device's own noise.
    """
    first, second = (_calls(pipeline, batch, number) for number in (0, 1))
    others = {(call.name, call.number): call for call in second}
    for call in first:
        other = others.get((call.name, call.number))
        if other and not differ(call.inputs, other.inputs) and differ(call.outputs, other.outputs):
            return call.name or "the model's own forward"
    return ""


def _calls(pipeline: Pipeline, batch: Any, seed: int) -> list[Call]:
    """All calls of a pass, in the order in which they end: a module's parts before the module."""
    model, calls, begun, numbers = pipeline.evaluation_copy(), [], [], {}

    def begin(name: str) -> Callable[..., None]:
        return lambda module, inputs, named: begun.append((name, _values((inputs, named))))

    def end(name: str) -> Callable[..., None]:
        def note(_module: nn.Module, _inputs: Any, outputs: Any) -> None:
            inputs = begun.pop()[1]
            numbers[name] = numbers.get(name, -1) + 1
            calls.append(Call(name, numbers[name], inputs, _values(getattr(outputs, "logits", outputs))))

        return note

    for name, module in model.named_modules():
        if not isinstance(module, torch.jit.ScriptModule):  # those take no hooks
            module.register_forward_pre_hook(begin(name), with_kwargs=True)
            module.register_forward_hook(end(name))
    pipeline.seed_for(f"evaluation pass {seed}")
    with torch.no_grad():
        pipeline.forward(model, batch)
    return calls


def _values(tree: Any) -> list[Tensor]:
    return [tensor.detach().clone() for tensor in tensors_in(tree)]
