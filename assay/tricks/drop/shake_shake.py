"""Shake-shake: two residual branches are blended by a random share, and learn by another, so neither is relied on.

    forward   outputs = shortcut + share * first + (1 - share) * second     share ~ U(0, 1) (`shake`) or 1/2 (`even`)
    backward  the branches' gradients are multiplied by back and 1 - back   back ~ U(0, 1) (`shake`), share (`keep`)
                                                                            or 1/2 (`even`)
    after training the share is 1/2

Draws are for each image, or one for the whole batch. It sets these options of a ShakeShakeNet.

Source: Gastaldi 2017 (arXiv:1705.07485), section 1 and table 1.
Measured: CIFAR-10 error, 1800 epochs, mean of 3 (96d: 5): even-even 4.27, 3.76, 3.58 for 26 2x32d, 2x64d, 2x96d;
shake-shake for each image 3.55, 2.98, 2.86, for the batch 3.67, 3.07; shake-even 3.47, 3.20 and 3.47, 3.30;
shake-keep 4.09 and 4.11; even-shake 4.11 and, worse than nothing, 4.44 for the batch (table 1; 2x32d where one).
Hurts: short trainings: the published ones have 1800 epochs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from assay.models.shake_shake import ShakeShakeNet
from assay.recipe import Recipe
from assay.tricks.arguments import require_choice


@dataclass(frozen=True)
class ShakeShake:
    """Blend branches at random. forward: `shake` or `even`; backward: also `keep`; level: `image` or `batch`."""

    forward: str = "shake"
    backward: str = "shake"
    level: str = "image"
    images_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_choice("forward", self.forward, ("shake", "even"))
        require_choice("backward", self.backward, ("shake", "keep", "even"))
        require_choice("level", self.level, ("image", "batch"))

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ShakeShakeNet), self, "a ShakeShakeNet, whose blocks have two branches")
        return recipe.set_options(self, "model", forward=self.forward, backward=self.backward, level=self.level)
