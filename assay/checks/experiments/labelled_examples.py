"""The relation between inputs and labels in a batch: what is compared, and what must be there to compare it.

    strength = associate(smoothers of the inputs, columns of the targets)

Ignored labels are left out, and classes that hardly any two examples share are refused: nothing predicts them.

Source: Zhang et al. 2017, section 2 (arXiv:1611.03530): real labels against permuted ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.association import Association, associate, input_views, leave_one_out, target_columns
from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.randomness import generator_for

FIRST, MOST, FEWEST = 192, 768, 24


@dataclass(frozen=True)
class LabelledExamples:
    """What predicts each example from the others, (examples, examples) each, and the targets as columns."""

    smoothers: list[Tensor]
    columns: Tensor


def relation_of(pipeline: Pipeline, batch: Any, most: int) -> Association:
    """The relation among the first examples of a batch."""
    generator = generator_for(pipeline.seed, "labels_follow_inputs", most)
    pairs = labelled_examples(pipeline, batch, most, generator)
    return associate(pairs.smoothers, pairs.columns, generator)


def labelled_examples(pipeline: Pipeline, batch: Any, most: int, generator: torch.Generator) -> LabelledExamples:
    """What the test needs of a batch.

    Raises:
        CannotCheckError: there are few examples, no tensors of targets, or targets that never vary.
    """
    inputs, targets = split_batch(batch)
    if not isinstance(targets, Tensor) or targets.dim() == 0 or targets.is_complex():
        raise CannotCheckError("targets are not one tensor with examples first")
    size = len(targets)
    given = [tensor.detach().cpu() for tensor in tensors_in(inputs) if tensor.dim() > 0 and len(tensor) == size]
    wanted = targets.detach().cpu()
    kept = torch.arange(size)
    if wanted.dim() == 1 and not wanted.is_floating_point():
        kept = kept[wanted != pipeline.loss_kind.ignored_label]
    kept = kept[:most]
    given, wanted = [tensor[kept] for tensor in given if not tensor.is_complex()], wanted[kept]
    if len(kept) < FEWEST or not given:
        raise CannotCheckError(f"needs at least {FEWEST} labelled examples in tensors, got {len(kept)}")
    if bool((wanted == wanted[:1]).all()):
        raise CannotCheckError("the sampled targets never vary")
    if wanted.dim() == 1 and not wanted.is_floating_point() and len(torch.unique(wanted)) > len(wanted) / 2:
        raise CannotCheckError("nearly every example has a class of its own")
    if not all(bool(torch.isfinite(tensor).all()) for tensor in (*given, wanted)):
        raise CannotCheckError("inputs or targets are not finite")
    return LabelledExamples(leave_one_out(input_views(given, generator)), target_columns(wanted, generator))
