"""Trainable tensors that the outputs depend on and that nobody trains: hidden from `parameters()` in a plain container.

    hidden = leaves of the outputs' graph that want a gradient - model.parameters() - what the optimiser holds

Only what is kept within the model itself counts (a list, a dict, a plain attribute); a module there that was put in
evaluation mode, as a teacher is, is left out of training on purpose.

Source: PyTorch documentation of ModuleList and ParameterList ("can be indexed like a list, but are registered").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.batches import tensors_in
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import few_examples

DEEPEST = 4  # containers within containers
REGISTERED = ("_parameters", "_buffers", "_modules")


def hidden_parameters(pipeline: Pipeline) -> list[str]:
    """Names of such tensors, as `layers[0].weight`."""
    trial = pipeline.trial()
    held = {id(parameter) for group in trial.optimizer.param_groups for parameter in group["params"]}
    known = held | {id(parameter) for parameter in trial.model.parameters()}
    kept = {id(tensor): name for name, tensor in unregistered(trial.model) if id(tensor) not in known}
    if not kept:
        return []
    with torch.enable_grad():
        outputs = pipeline.forward(trial.model, few_examples(pipeline, pipeline.batches[0]))
    used = {id(leaf) for leaf in leaves_of(outputs)}
    return [name for identity, name in kept.items() if identity in used]


def unregistered(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Tensors that want a gradient, in attributes that PyTorch does not register."""
    for name, module in model.named_modules():
        for attribute, value in vars(module).items():
            if attribute not in REGISTERED:
                yield from _within(f"{name}.{attribute}" if name else attribute, value, DEEPEST)


def _within(name: str, value: Any, depth: int) -> Iterator[tuple[str, Tensor]]:
    if isinstance(value, Tensor):
        if value.requires_grad and value.is_leaf:
            yield name, value
    elif isinstance(value, nn.Module):
        if value.training:
            yield from ((f"{name}.{own}", parameter) for own, parameter in value.named_parameters())
    elif depth > 0 and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _within(f"{name}[{key!r}]", item, depth - 1)
    elif depth > 0 and isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _within(f"{name}[{number}]", item, depth - 1)


def leaves_of(outputs: Any) -> Iterator[Tensor]:
    """The tensors that a backward pass from these outputs ends in."""
    tree = getattr(outputs, "logits", outputs)
    waiting, seen = [tensor.grad_fn for tensor in tensors_in(tree)], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if isinstance(leaf, Tensor):
            yield leaf
        waiting += [following for following, _ in node.next_functions]
