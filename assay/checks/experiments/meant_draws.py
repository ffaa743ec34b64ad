"""Does a network that draws in evaluation mode too mean to? Three marks, each seen in what it returns and is asked for.

    reads no targets: L(outputs, targets) = L(outputs, targets of other examples), under every seed
    answers inputs:   targets are the inputs themselves, as of a masked or denoising autoencoder
    returns its draw: a tensor among the outputs that seeds change, and other inputs and other weights do not

A masked autoencoder without its mask and a diffusion without its noise answer nothing: the draw is the task. Where the
loss compares outputs with targets of their own, as a class or a number, a draw in evaluation only spoils the answer.

Source: Vincent et al. 2008 (denoising autoencoders); Ho et al. 2020 (arXiv:2006.11239), algorithm 1; He et al. 2022
(arXiv:2111.06377), section 3.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.use_of_targets import copied_targets
from assay.checks.given.batches import map_tensors, replace_inputs, split_batch, tensors_in
from assay.checks.given.pipeline import Pipeline

SEEDS, MOVED = 3, 0.5


def meaning_of_draw(pipeline: Pipeline, batch: Any) -> str:
    """Why the draw is part of the task; "" where nothing tells so."""
    measured = all(target.is_floating_point() for target in tensors_in(split_batch(batch)[1]))  # no words of a text
    if measured and copied_targets(batch) == "they are equal":
        return "its targets are its inputs, as of an autoencoder that sees them masked or with noise"
    if returns_its_draw(pipeline, batch):
        return "it returns what it drew, beside its answer, to the loss"
    if reads_no_targets(pipeline, batch):
        return "the loss reads what it returns, and no targets"
    return ""


def reads_no_targets(pipeline: Pipeline, batch: Any) -> bool:
    """Whether the loss is the same, number by number, for the targets of other examples and for none at all."""
    targets = pipeline.targets(batch)
    alone = [t for t in tensors_in(targets) if t.dim()]
    if not alone or all(torch.equal(t, t.roll(1, 0)) for t in alone):
        return False
    return all(_same_for_others(pipeline, batch, targets, seed) for seed in range(SEEDS))


def _same_for_others(pipeline: Pipeline, batch: Any, targets: Any, seed: int) -> bool:
    others = [
        map_tensors(lambda t: t.roll(1, 0) if t.dim() else t, targets),
        map_tensors(lambda t: t[:1].expand_as(t) if t.dim() else t, targets),
    ]
    with torch.no_grad():
        pipeline.seed_for(f"draw {seed}")
        outputs = pipeline.forward(pipeline.evaluation_copy(), batch)
        losses = []
        for given in (targets, *others):
            pipeline.seed_for(f"loss {seed}")
            losses.append(float(pipeline.loss_fn(outputs, given)))
    return losses[0] == losses[0] and len(set(losses)) == 1  # not NaN


def returns_its_draw(pipeline: Pipeline, batch: Any) -> bool:
    """Whether one of several outputs is of the draw alone, and another is not."""
    other = replace_inputs(batch, map_tensors(lambda t: t.roll(1, 0) if t.dim() else t, split_batch(batch)[0]))
    first = _outputs(pipeline, pipeline.evaluation_copy(), batch, 0)
    again = _outputs(pipeline, pipeline.evaluation_copy(), batch, 1)
    moved = _outputs(pipeline, _moved(pipeline.evaluation_copy()), other, 0)
    if len({tuple(tensor.shape for tensor in side) for side in (first, again, moved)}) > 1:
        return False
    of_the_draw = [torch.equal(a, c) and not torch.equal(a, b) for a, b, c in zip(first, again, moved, strict=True)]
    return any(of_the_draw) and not all(of_the_draw)


def _moved(model: nn.Module) -> nn.Module:
    """Other weights, by a rule that draws nothing."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(MOVED * (1 + parameter.abs()))
    return model


def _outputs(pipeline: Pipeline, model: nn.Module, batch: Any, seed: int) -> list[Tensor]:
    pipeline.seed_for(f"draw {seed}")
    with torch.no_grad():
        return [tensor.clone() for tensor in tensors_in(pipeline.forward(model, batch))]
