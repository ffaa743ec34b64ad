"""Input scale: the range, mean and deviation of what enters the network.

Inputs that do not vary at all are an exact fault: nothing can be learned from them. Raw pixels, 0..255, are suspect
where they reach the weights of a linear, convolutional or recurrent layer and no norm takes their scale away again.
Columns of a table in units far apart are suspect where they hold the user's own training back: standardised, the same
network has less than half as much left to learn after a fifth of the updates, or tells decisively more of unseen ones.
Other magnitudes never alert: z-scored, unit-range and byte inputs all train with the right first layer.

Source: LeCun et al. 1998, Efficient BackProp, section 4.3.
"""

from __future__ import annotations

import copy
import math
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.loss_floor import blind_floor_of
from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.experiments.own_training import material
from assay.checks.experiments.progress import Scale, scale_of_progress
from assay.checks.experiments.standardised_columns import Columns, raw_columns
from assay.checks.given.batches import count_examples, map_tensors, replace_inputs, split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, asks_for_closure, turn_off_dropout
from assay.checks.given.work import is_light
from assay.finding import Finding, Skipped

SOURCE = "LeCun et al. 1998, section 4.3"
LARGE_DEVIATION = 10.0
SMALL_DEVIATION = 0.01
BYTE, HALF_BYTE = 255.0, 127.0
FEWEST_PIXELS = 16
SAME_OUTPUTS = 0.05  # relative; a norm's epsilon and zero padding keep outputs from being equal
WEIGHTED = (nn.Linear, nn.modules.conv._ConvNd, nn.RNNBase)


def check(pipeline: Pipeline) -> CheckResult:
    """Describe the sampled inputs; prove that they vary from example to example."""
    batch = pipeline.examples(1024)
    size = count_examples(batch)
    tensors = [t for t in tensors_in(split_batch(batch)[0]) if t.dim() > 0 and len(t) == size]
    if size < 2:
        return Skipped("input_scale", "needs at least 2 examples")
    if not any(bool(torch.isfinite(tensor).all()) for tensor in tensors):
        return Skipped("input_scale", "inputs are not finite")
    if all(bool((tensor == tensor[:1]).all()) for tensor in tensors):
        return [_constant(size)]
    tensor = max(tensors, key=lambda candidate: candidate.nelement())
    evidence = describe(tensor)
    if (name := raw_pixels_reach(pipeline)) is not None:
        return [_raw(name, evidence)]
    with suppress(CannotCheckError):  # the loop cannot be tried
        columns = _columns(pipeline)
        if columns is not None and columns.hold_back:
            return [_unlike(columns, evidence)]
    return [Finding("input_scale", "note", _sentence(evidence), evidence, fix=_advice(evidence), source=SOURCE)]


def _columns(pipeline: Pipeline) -> Columns | None:
    if not is_light(pipeline) or asks_for_closure(pipeline.optimizer) or not pipeline.once(judged_by_loss):
        return None
    if pipeline.loss_kind.has_floor:
        return raw_columns(pipeline, pipeline.once(scale_of_progress))
    if not pipeline.loss_kind.is_regression:
        return None
    return raw_columns(pipeline, Scale(blind_floor_of(pipeline, pipeline.once(material).trained), 0.0))


def raw_pixels_reach(pipeline: Pipeline) -> str | None:
    """Name of the layer whose weights meet raw pixels, if that is the first layer and their scale matters."""
    batch = pipeline.examples(64)
    inputs = list(tensors_in(split_batch(batch)[0]))
    if any(not t.is_floating_point() and t.dtype != torch.uint8 for t in inputs):
        return None  # numbers of words or classes
    found = first_layer(pipeline, batch)
    if found is None or not isinstance(found[1], WEIGHTED) or not are_raw_pixels(found[2]):
        return None
    return None if _scale_is_taken_away(pipeline, batch) else found[0]


def first_layer(pipeline: Pipeline, batch: Any) -> tuple[str, nn.Module, Tensor] | None:
    """The first module with weights of its own that runs, its name and what it is given."""
    model, met = pipeline.evaluation_copy(), []

    def meet(name: str) -> Any:
        def remember(module: nn.Module, given: tuple[Any, ...]) -> None:
            if not met and given and isinstance(given[0], Tensor):
                met.append((name, module, given[0].detach().clone()))

        return remember

    for name, module in model.named_modules():
        if next(module.parameters(recurse=False), None) is not None:
            module.register_forward_pre_hook(meet(name))
    with torch.no_grad():
        pipeline.forward(model, batch)
    return met[0] if met else None


def are_raw_pixels(values: Tensor) -> bool:
    """0..255, widely spread, and many values an example; whole numbers where they have no axes of a picture."""
    if not values.is_floating_point() or values.dim() < 2 or values[0].nelement() < FEWEST_PIXELS:
        return False
    low, high = float(values.min()), float(values.max())
    if low < 0 or not HALF_BYTE < high <= BYTE or float(values.double().std(correction=0)) <= LARGE_DEVIATION:
        return False
    return values.dim() > 2 or bool((values == values.round()).all())


def _scale_is_taken_away(pipeline: Pipeline, batch: Any) -> bool:
    """Whether the outputs in training mode stay as they are when the inputs are divided by 255, as before a norm."""
    model = copy.deepcopy(pipeline.model).train()
    turn_off_dropout(model)
    inputs = map_tensors(lambda tensor: tensor.float(), pipeline.inputs(batch))
    with torch.no_grad():
        try:
            outputs = pipeline.outputs(model, replace_inputs(batch, inputs))
            scaled = pipeline.outputs(model, replace_inputs(batch, map_tensors(lambda tensor: tensor / BYTE, inputs)))
        except (RuntimeError, CannotCheckError):
            return True  # it takes only what it was given, so the scale cannot be tried
    return float((outputs - scaled).norm()) <= SAME_OUTPUTS * float(outputs.norm())


def describe(inputs: Tensor) -> dict[str, Any]:
    """Plain numbers about inputs with examples along the first axis."""
    values = inputs.double().flatten(1)
    return {
        "examples": len(inputs),
        "shape": list(inputs.shape[1:]),
        "dtype": str(inputs.dtype).removeprefix("torch."),
        "low": float(values.min()),
        "high": float(values.max()),
        "mean": float(values.mean()),
        "deviation": float(values.std(correction=0)),
        "constant_features": int((values == values[:1]).all(0).sum()),
    }


def _sentence(numbers: dict[str, Any]) -> str:
    kind = "integers" if not numbers["dtype"].startswith(("float", "bfloat")) else numbers["dtype"]
    text = f"Inputs of shape {tuple(numbers['shape'])} ({kind}) from {numbers['low']:.3g} to {numbers['high']:.3g}"
    text += f", mean {numbers['mean']:.3g}, deviation {numbers['deviation']:.3g}, n = {numbers['examples']}"
    constant = numbers["constant_features"]
    return f"{text}; {constant} of their values never vary." if constant else f"{text}."


def _advice(numbers: dict[str, Any]) -> str:
    if not numbers["dtype"].startswith(("float", "bfloat")):
        return ""
    far_off = abs(numbers["mean"]) > LARGE_DEVIATION * max(numbers["deviation"], 1e-12)
    if numbers["deviation"] > LARGE_DEVIATION or numbers["deviation"] < SMALL_DEVIATION or far_off:
        return "If learning is slow, subtract the training mean and divide by the training deviation."
    return ""


def _raw(name: str, evidence: dict[str, Any]) -> Finding:
    return Finding(
        "input_scale",
        "suspect",
        f"Raw pixels reach the weights of the first layer{f' ({name})' if name else ''}. {_sentence(evidence)}",
        {**evidence, "layer": name},
        cause="The loader gives bytes as they are, or a division by 255 or a normalisation is missing.",
        fix="Divide by 255, or subtract the training mean and divide by the training deviation, "
        "in training, validation and use alike.",
        source=SOURCE,
    )


def _unlike(columns: Columns, evidence: dict[str, Any]) -> Finding:
    measured = f"{min(columns.raw):.0%} of the loss is left", f"{max(columns.standardised):.0%}"
    if columns.hides_from_unseen:
        told = max(*columns.told_raw, 0.0), min(columns.told_standardised)
        measured = f"{told[0]:.0%} of what can be told of unseen examples is told", f"{told[1]:.0%}"
    if not math.isfinite(min(columns.raw)):
        measured = "the loss is not finite", f"{max(columns.standardised):.0%} of the best constant's is left"
    return Finding(
        "input_scale",
        "suspect",
        f"Columns in their own units hold learning back: {measured[0]} after {columns.raw_updates} updates, and "
        f"{measured[1]} after {columns.updates} with each column standardised (the same network, step and rate, "
        f"{len(columns.raw)} seeds). {_sentence(evidence)}",
        {**evidence, "left_raw": list(columns.raw), "left_standardised": list(columns.standardised)},
        cause="The columns of the table differ in scale by far, and the largest drown the others.",
        fix="Subtract each column's training mean and divide by its deviation, in training, validation and use alike; "
        "or begin the network with a batch norm.",
        source=SOURCE,
    )


def _constant(size: int) -> Finding:
    return Finding(
        "input_scale",
        "proved",
        f"All {size} sampled inputs are identical: they cannot tell one example from another.",
        {"examples": size},
        cause="Overwritten or zeroed inputs: an integer division by 255, a wrong column, one buffer used twice.",
        fix="Look at the tensors just before the network and walk back to where they become equal.",
        source=SOURCE,
    )
