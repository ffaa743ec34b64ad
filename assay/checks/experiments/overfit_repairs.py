"""Repairs to try on a network that learns nothing by heart: the one that helps names the cause.

Each is a change of a copy or of the batch that leaves the task as it is; a repair that makes the network learn is the
counterfactual that tells this cause from the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.redraws import draw_anew, own_draw
from assay.checks.given.batches import map_tensors, replace_inputs, split_batch
from assay.checks.given.pipeline import Pipeline


@dataclass(frozen=True)
class Repair:
    """What is changed of the network's copy, what of the batch, and what it means if that helps."""

    cause: str
    fix: str
    network: Callable[[nn.Module], None] = lambda model: None
    batch: Callable[[Any], Any] = lambda batch: batch


def repairs_for(pipeline: Pipeline, batch: Any) -> tuple[Repair, ...]:
    """Those that change anything here."""
    found = []
    if _standardised(batch) is not batch:
        found.append(_SCALE)
    if any(own_draw(module) is not None for module in pipeline.model.modules()):
        found.append(_WEIGHTS)
    name = last_activation(pipeline, batch)
    if name:
        found.append(_without_last(name))
    return tuple(found)


def _standardised(batch: Any) -> Any:
    """Floating-point inputs at mean 0 and deviation 1; the batch itself where they are near that already."""
    changed = False

    def standardise(tensor: Tensor) -> Tensor:
        nonlocal changed
        if not tensor.is_floating_point() or tensor.numel() < 2:
            return tensor
        centre, spread = tensor.mean(), tensor.std()
        if not bool(spread > 0) or (0.1 < float(spread) < 10.0 and abs(float(centre)) < 10.0 * float(spread)):
            return tensor
        changed = True
        return (tensor - centre) / spread

    edited = replace_inputs(batch, map_tensors(standardise, split_batch(batch)[0]))
    return edited if changed else batch


def last_activation(pipeline: Pipeline, batch: Any) -> str:
    """The name of the activation that makes the model's output, or nothing."""
    model, made = pipeline.evaluation_copy(), []

    def note(name: str) -> Callable[..., None]:
        return lambda module, inputs, output: made.append((name, output))

    for name, module in model.named_modules():
        kind = type(module).__module__
        if kind == "torch.nn.modules.activation" and not any(True for _ in module.parameters()):
            module.register_forward_hook(note(name))
    with torch.no_grad():
        outputs = pipeline.forward(model, batch)
    return next((name for name, output in made if output is outputs), "")


def _without_last(name: str) -> Repair:
    def remove(model: nn.Module) -> None:
        model.get_submodule(name).register_forward_hook(lambda module, inputs, output: inputs[0])

    return Repair(
        f"The activation after the last layer ({name}): the network learns without it.",
        "Remove it, or take a loss that is made for its range.",
        network=remove,
    )


_SCALE = Repair(
    "The scale of the inputs: the same network learns them standardised; see input_scale.",
    "Normalise the inputs to mean 0 and deviation 1.",
    batch=_standardised,
)
_WEIGHTS = Repair(
    "The first weights: the same network learns from PyTorch's own; see initialization_scale and "
    "symmetric_initialization.",
    "Draw the weights by He's or Glorot's rule, and not all alike.",
    network=draw_anew,
)
