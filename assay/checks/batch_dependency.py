"""Batch dependency: the output of one example must not depend on its neighbours in the batch.

    map[i, j] = max |d sum(w * outputs[i]) / d inputs[j]|, zero wherever i != j

A view taken for a transpose, or a softmax over the wrong axis, mixes examples and still trains. In training mode
batch norm mixes them on purpose. Integer inputs are exchanged instead of differentiated. Losses may compare examples
with each other; a model that returns the similarities of all pairs is left alone.

Source: Karpathy 2019, A Recipe for Training Neural Networks ("use backprop to chart dependencies").
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.batches import count_examples, map_tensors, replace_inputs, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, turn_off_dropout
from assay.checks.given.work import is_light
from assay.figure import Matrix
from assay.finding import Finding
from assay.randomness import generator_for

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"
EXAMPLES, FEW = 6, 3
EXCHANGE_TOLERANCE = 1e-4  # relative; matrix products may round differently after an exchange
BATCH_STATISTICS = (nn.modules.batchnorm._BatchNorm,)


def check(pipeline: Pipeline) -> CheckResult:
    """Chart the dependencies in evaluation mode and again in training mode."""
    batch = pipeline.examples(EXAMPLES if is_light(pipeline) else FEW)
    if count_examples(batch) < 2:
        raise CannotCheckError("needs at least 2 examples")
    if _outputs_are_pairs(pipeline):
        raise CannotCheckError("outputs are a matrix over all pairs of the batch, which must depend on both examples")
    evaluated = dependency_map(pipeline, pipeline.evaluation_copy(), batch)
    if leak(evaluated) > 0:
        return [_alert(evaluated)]
    findings = [_passed(evaluated)]
    model = copy.deepcopy(pipeline.model).train()
    turn_off_dropout(model)
    trained = dependency_map(pipeline, model, batch)
    if leak(trained) > 0:
        findings.append(_in_training(model, trained))
    return findings


def _outputs_are_pairs(pipeline: Pipeline) -> bool:
    """Whether the second axis of the outputs grows with the batch, as that of similarities does."""
    model, widths = pipeline.evaluation_copy(), []
    for count in (EXAMPLES, EXAMPLES - 1):
        batch = pipeline.examples(count)
        with torch.no_grad():
            shape = pipeline.outputs(model, batch).shape
        widths.append(len(shape) > 1 and shape[0] == shape[1] == count_examples(batch))
    return all(widths) and count_examples(pipeline.examples(EXAMPLES)) == EXAMPLES


def leak(dependencies: Tensor) -> float:
    """Largest entry outside the diagonal."""
    return float((dependencies - dependencies.diag().diag()).max())


def dependency_map(pipeline: Pipeline, model: nn.Module, batch: Any) -> Tensor:
    """How strongly output i (rows) depends on input j (columns)."""
    size = count_examples(batch)
    by_example = [t for t in tensors_in(pipeline.inputs(batch)) if t.dim() > 0 and len(t) == size]
    has_numbers = any(tensor.is_floating_point() for tensor in by_example)
    dependencies = _gradients(pipeline, model, batch, size) if has_numbers else None
    if dependencies is None:
        return _exchanges(pipeline, model, batch, size)
    if all(tensor.is_floating_point() for tensor in by_example):
        return dependencies
    return dependencies + _exchanges(pipeline, model, batch, size, only_whole=True)


def _gradients(pipeline: Pipeline, model: nn.Module, batch: Any, size: int) -> Tensor | None:
    leaves: list[Tensor] = []

    def follow(tensor: Tensor) -> Tensor:
        if not tensor.is_floating_point():
            return tensor
        leaves.append(tensor.detach().clone().requires_grad_())
        return leaves[-1] * 1  # not a leaf, so that forward may work in place

    outputs = pipeline.outputs(model, replace_inputs(batch, map_tensors(follow, pipeline.inputs(batch))))
    _need_batch_axis(outputs, size)
    if not outputs.requires_grad:
        return None
    weights = torch.rand(outputs.shape, generator=generator_for(pipeline.seed, "batch_dependency")) + 0.5
    sums = (outputs * weights.to(outputs)).reshape(size, -1).sum(1)
    rows = [torch.autograd.grad(total, leaves, retain_graph=True, allow_unused=True) for total in sums]
    followed = [index for index, leaf in enumerate(leaves) if len(leaf) == size]
    if all(row[index] is None for row in rows for index in followed):
        return None
    return torch.stack([_strongest([row[index] for index in followed], size) for row in rows]).cpu()


def _strongest(gradients: list[Tensor | None], size: int) -> Tensor:
    found = [g.abs().reshape(size, -1).amax(1).double() for g in gradients if g is not None]
    strongest = torch.stack(found).amax(0) if found else torch.zeros(size, dtype=torch.float64)
    if not bool(torch.isfinite(strongest).all()):
        raise CannotCheckError("gradients with respect to the inputs are not finite")
    return strongest


def _exchanges(pipeline: Pipeline, model: nn.Module, batch: Any, size: int, *, only_whole: bool = False) -> Tensor:
    """Replace input j by its neighbour and see which outputs move.

    Args:
        only_whole: exchange whole numbers only; the others were differentiated.
    """
    state = copy.deepcopy(model.state_dict())
    rows = []

    def outputs_of(edited: Any) -> Tensor:
        model.load_state_dict(state)
        pipeline.seed_for("exchange")
        with torch.no_grad():
            found = pipeline.outputs(model, edited).double()
        _need_batch_axis(found, size)
        return found.reshape(size, -1)

    before = outputs_of(batch)
    scale = float(before.abs().max()) + 1e-12
    for column in range(size):
        order = list(range(size))
        order[column] = (column + 1) % size

        def exchange(tensor: Tensor, order: list[int] = order) -> Tensor:
            kept = tensor.dim() == 0 or len(tensor) != size or (only_whole and tensor.is_floating_point())
            return tensor if kept else tensor[order]

        edited = replace_inputs(batch, map_tensors(exchange, pipeline.inputs(batch)))
        after = outputs_of(edited)
        if after.shape != before.shape:
            raise CannotCheckError("the shape of the outputs depends on the values of the inputs")
        moved = (after - before).abs().amax(1)
        rows.append(torch.where(moved > EXCHANGE_TOLERANCE * scale, moved, 0.0))
    return torch.stack(rows, 1).cpu()


def _need_batch_axis(outputs: Tensor, size: int) -> None:
    if outputs.dim() == 0 or len(outputs) != size:
        raise CannotCheckError(f"outputs of shape {tuple(outputs.shape)} have no first axis of {size} examples")


def _figure(title: str, dependencies: Tensor) -> Matrix:
    labels = tuple(str(index) for index in range(len(dependencies)))
    values = tuple(tuple(row) for row in dependencies.tolist())
    return Matrix(title, values, labels, labels, "output of example", "input of example")


def _passed(dependencies: Tensor) -> Finding:
    return Finding(
        "batch_dependency",
        "note",
        f"In evaluation mode each of {len(dependencies)} outputs depends on its own input only.",
        {"outside": 0.0, "inside": float(dependencies.diag().max())},
        source=SOURCE,
        figures=(_figure("Dependency of outputs on inputs, evaluation mode", dependencies),),
    )


def _alert(dependencies: Tensor) -> Finding:
    return Finding(
        "batch_dependency",
        "proved",
        f"The output of one example depends on other examples of the batch (gradient up to {leak(dependencies):.3g} "
        "outside its own input, in evaluation mode; it must be 0).",
        {"outside": leak(dependencies), "inside": float(dependencies.diag().max())},
        cause="A view or reshape where a transpose was meant, a softmax or normalisation over the batch axis, "
        "a sequence layer without batch_first, or batch norm without running statistics.",
        fix="Follow the batch axis through forward; use permute or transpose to swap axes and name dim explicitly.",
        source=SOURCE,
        figures=(_figure("Dependency of outputs on inputs, evaluation mode", dependencies),),
    )


def _in_training(model: nn.Module, dependencies: Tensor) -> Finding:
    names = [name for name, module in model.named_modules() if isinstance(module, BATCH_STATISTICS)]
    reason = f"batch norm ({', '.join(names[:3])}) uses batch statistics" if names else "no batch norm explains it"
    return Finding(
        "batch_dependency",
        "note",
        f"In training mode outputs depend on the whole batch: {reason}.",
        {"outside": leak(dependencies), "batch_norm": names},
        source="Ioffe and Szegedy 2015, algorithm 1",
        figures=(_figure("Dependency of outputs on inputs, training mode", dependencies),),
    )
