"""Mix off: the last share of training sees whole examples, as tests do.

    batch edits before it in the stack act while step < (1 - last) * total_steps, then no more

All batch edits that stand before it are switched off (mixup, CutMix, mosaic, and cutout, noise or a resolution's
schedule too if they do), and a manifold mixup before it; what comes after it in the stack goes on. Random draws of
the others stay the same.

Source: the option `mixup_off_epoch` of gluon-cv's training scripts (He et al. 2018, arXiv:1812.01187).
Measured: no figure read by us isolates it.
Hurts: nothing is known to; with a large share the network fits the whole examples as if there had been no mixing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.slots import BatchEdit, Forward
from assay.tricks.arguments import require_range
from assay.tricks.batch.manifold_mixup import ManifoldMixup


def still_on(clock: Clock, *, last: float) -> bool:
    """Whether the moment lies before the last share of training."""
    return clock.step < round((1.0 - last) * clock.total_steps)


def edit_until(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock, *, edit: BatchEdit, last: float
) -> tuple[Tensor, Tensor]:
    """Batch edit: `edit` until the last share of training, then the batch as it is."""
    return edit(inputs, targets, generator, clock) if still_on(clock, last=last) else (inputs, targets)


def forward_until(
    model: nn.Module, inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock,
    *, forward: Forward, last: float,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Forward: `forward` until the last share of training, then the network as it is."""
    if still_on(clock, last=last):
        return forward(model, inputs, targets, generator, clock)
    return model(inputs), targets


@dataclass(frozen=True)
class MixOff:
    """Stop mixing near the end. last: the share of training without mixing."""

    last: float = 0.1

    def __post_init__(self) -> None:
        require_range("last", self.last, 0.0, 1.0, usual="0.1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        if self.last == 0.0:
            return recipe
        edits = tuple(partial(edit_until, edit=edit, last=self.last) for edit in recipe.batch_edits)
        recipe = replace(recipe, batch_edits=edits)
        if recipe.forward is None or not recipe.has(ManifoldMixup):
            return recipe
        return replace(recipe, forward=partial(forward_until, forward=recipe.forward, last=self.last))
