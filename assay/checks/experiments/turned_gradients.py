"""The own training with the gradients of some parameters turned around: are they reversed by mistake?

A reversal on purpose makes features hide what one head must not find, beside another loss that they must serve; so
a training step that minimises more than loss_fn is left alone.

Source: Ganin et al. 2016 (arXiv:1505.07818), section 3 (gradient reversal).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import nn

from assay.checks.experiments.own_step import first_update
from assay.checks.experiments.own_training import train_own
from assay.checks.experiments.repaired_training import Contrast, contrast
from assay.checks.given.pipeline import Pipeline

ALONE = 0.999  # cosine of the gradients used with those of loss_fn: the step has no other loss


def turned_gradients(pipeline: Pipeline, names: Sequence[str]) -> Contrast | None:
    """The gain by turning the gradients of these parameters, of all that get the loss's slope reversed."""
    if pipeline.training_step is not None and not pipeline.once(first_update).alignment > ALONE:
        return None

    def turn(model: nn.Module) -> None:
        found = dict(model.named_parameters())
        for name in names:
            found[name].register_hook(torch.neg)

    return contrast(pipeline, partial(train_own, edit=turn))
