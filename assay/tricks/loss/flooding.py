"""Flooding: below a level, climb instead of descend: the training loss never reaches zero.

    loss = |loss - level| + level

Source: Ishida et al. 2020 (arXiv:2002.08709).
Measured: no figure read by us.
Hurts: a level above what the training loss can reach keeps the network from ever fitting.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from jaxtyping import Float
from torch import Tensor

from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def flood(loss: Float[Tensor, ""], *, level: float) -> Float[Tensor, ""]:
    """Reflect the batch's mean loss at `level`; above it nothing changes, at 0 nothing at all."""
    return loss if level == 0.0 else (loss - level).abs() + level


@dataclass(frozen=True)
class Flooding:
    """Keep the training loss at a level. level: in units of the loss, usually 0.01 to 0.1."""

    level: float = 0.05

    def __post_init__(self) -> None:
        require_range("level", self.level, 0.0, usual="0.01 to 0.1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(loss_edits=partial(flood, level=self.level))
