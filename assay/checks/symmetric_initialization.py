"""Symmetric initialisation: units that start equal and get equal gradients stay equal, and count as one unit for ever.

    w_i = w_j and dL/dw_i = dL/dw_j at every step  =>  w_i = w_j for ever

Equal weights alone are healthy where gradients tell them apart: a last layer, a residual branch or an adapter that
starts at 0. So the proof is in the gradients of several steps, and of hidden layers only: the classes of a last layer
that starts at 0 and that no batch holds get equal gradients too.

Source: Goodfellow et al. 2016, section 8.4 ("break symmetry between different units").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.updates import next_update
from assay.checks.given.batches import count_examples, take_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, Trial
from assay.checks.given.work import step_batches
from assay.finding import Finding
from assay.monitors.tracing import Operation, Tracing

SOURCE = "Goodfellow et al. 2016, section 8.4"
STEPS, STEP_EXAMPLES = 5, 32
TOLERANCE = 1e-4  # of the largest gradient; equal sums are rounded differently in different places of a product
MOST_GROUPS = 16


@dataclass(frozen=True)
class Layer:
    """A weight and the axis that counts its units."""

    name: str
    weight: nn.Parameter
    axis: int

    def rows(self, values: Tensor) -> Tensor:
        return values.detach().movedim(self.axis, 0).flatten(1)


def check(pipeline: Pipeline) -> CheckResult:
    """Find units that start equal; if there are any, see whether gradients tell them apart."""
    trial = pipeline.trial(dropout=False)
    layers = hidden_layers(pipeline, trial.model)
    groups = {layer.name: equal_rows(layer.rows(layer.weight)) for layer in layers}
    suspected = [layer for layer in layers if 2 * _covered(groups[layer.name]) >= layer.weight.shape[layer.axis]]
    if not suspected:
        return [_note(f"In none of {len(layers)} hidden layers do most units start equal.", len(layers), [])]
    left = _left_after_steps(pipeline, trial, suspected, groups)
    bad = [layer for layer in suspected if 2 * _covered(left[layer.name]) >= layer.weight.shape[layer.axis]]
    if not bad:
        names = [layer.name for layer in suspected]
        return [_note(f"Units of {_names(names)} start equal, and gradients tell them apart.", len(layers), names)]
    return [_alert(bad, left)]


def hidden_layers(pipeline: Pipeline, model: nn.Module) -> list[Layer]:
    """The weights that a forward pass multiplies by, but for the last one's, in order."""
    names = {id(parameter): name for name, parameter in model.named_parameters() if parameter.requires_grad}
    found: dict[int, Layer] = {}

    def see(operation: Operation) -> None:
        for position, weight in enumerate(_given(operation)):
            if id(weight) in names and isinstance(weight, nn.Parameter) and weight.dim() > 1:
                axis = _unit_axis(operation.name, position)
                if axis is not None and weight[0].numel():
                    found.pop(id(weight), None)
                    found[id(weight)] = Layer(names[id(weight)], weight, axis % weight.dim())

    with torch.no_grad(), Tracing(model, [see]):
        pipeline.forward(model, take_examples(pipeline.batches[0], range(min(2, count_examples(pipeline.batches[0])))))
    layers = [layer for layer in list(found.values())[:-1] if layer.weight.shape[layer.axis] > 1]
    if not layers:
        raise CannotCheckError("the network has no hidden layer whose weights are trained")
    return layers


def _given(operation: Operation) -> list[Any]:
    flat: list[Any] = []
    for value in (*operation.arguments, *operation.named.values()):
        flat += list(value) if isinstance(value, (tuple, list)) else [value]
    return flat


def _unit_axis(name: str, position: int) -> int | None:
    """Where an operation's weight counts its units."""
    if name.startswith("conv_transpose"):
        return 1
    if name in ("matmul", "__matmul__", "mm", "addmm"):
        return -1 if position >= 1 else 0
    products = ("linear", "bilinear", "lstm", "gru", "rnn_tanh", "rnn_relu", "multi_head_attention_forward")
    return 0 if name in products or name.startswith("conv") or name.endswith("_cell") else None


def equal_rows(rows: Tensor) -> list[list[int]]:
    """The rows that are exactly equal, by groups of at least two."""
    _, which = torch.unique(rows, dim=0, return_inverse=True)
    return _groups(which.tolist())


def _groups(which: list[int]) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for row, group in enumerate(which):
        groups.setdefault(group, []).append(row)
    return [group for group in groups.values() if len(group) > 1]


def _covered(groups: list[list[int]]) -> int:
    return sum(map(len, groups))


def _left_after_steps(
    pipeline: Pipeline, trial: Trial, layers: list[Layer], groups: dict[str, list[list[int]]]
) -> dict[str, list[list[int]]]:
    """The groups that no gradient of several steps has told apart."""
    left, any_gradient = {layer.name: groups[layer.name] for layer in layers}, [False]

    def split(*_: Any) -> None:
        any_gradient[0] |= any(p.grad is not None and bool(p.grad.any()) for p in trial.model.parameters())
        for layer in layers:
            gradient = layer.weight.grad
            told = [] if gradient is None else [_split(layer.rows(gradient), group) for group in left[layer.name]]
            left[layer.name] = [group for groups in told for group in groups]

    trial.optimizer.register_step_post_hook(split)
    batches = [
        take_examples(batch, range(min(STEP_EXAMPLES, count_examples(batch)))) for batch in pipeline.once(step_batches)
    ]
    for number in range(STEPS):
        next_update(trial, batches[number % len(batches) :] + batches[: number % len(batches)])
    if not any_gradient[0]:
        raise CannotCheckError("all gradients are 0; see parameters_trained")
    return left


def _split(gradients: Tensor, group: list[int]) -> list[list[int]]:
    """The parts of a group whose gradients are equal; recurrent cells have one such part for each gate."""
    scale, rest, parts = float(gradients.abs().max()), list(group), []
    if not math.isfinite(scale):
        return []
    while len(rest) > 1 and len(parts) < MOST_GROUPS:
        apart = (gradients[rest] - gradients[rest[0]]).abs().amax(1) > TOLERANCE * scale
        parts.append([row for row, away in zip(rest, apart.tolist(), strict=True) if not away])
        rest = [row for row, away in zip(rest, apart.tolist(), strict=True) if away]
    return [part for part in parts if len(part) > 1]


def _note(text: str, layers: int, equal: list[str]) -> Finding:
    return Finding("symmetric_initialization", "note", text, {"layers": layers, "start_equal": equal}, source=SOURCE)


def _alert(bad: list[Layer], left: dict[str, list[list[int]]]) -> Finding:
    told = [f"{_covered(left[layer.name])} of {layer.weight.shape[layer.axis]} units of {layer.name}" for layer in bad]
    evidence = {layer.name: {"units": layer.weight.shape[layer.axis], "equal": left[layer.name][:4]} for layer in bad}
    return Finding(
        "symmetric_initialization",
        "proved",
        f"{_names(told)} start equal and got equal gradients in all of {STEPS} steps: they stay copies of each other.",
        evidence,
        cause="Weights start at 0 or at another constant, so all units of a layer learn the same.",
        fix="Start weights at random (PyTorch's layers do by themselves); only biases, gains and last layers may be 0.",
        source=SOURCE,
    )


def _names(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
