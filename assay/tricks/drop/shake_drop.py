"""ShakeDrop: some residual branches are multiplied by random numbers, others on the way forward than on the way back.

    training    forward  outputs = shortcut + branch * (gate + alpha - gate * alpha)
                backward factor  = gate + beta - gate * beta
                gate ~ Bernoulli(1 - p_l) for the batch;  alpha ~ U(-1, 1), beta ~ U(0, 1) at `level`
    evaluation  outputs = shortcut + branch * (1 - p_l),  the mean of what training saw
    p_l         = probability * l / L in block l of L

Source: Yamada et al. 2018 (arXiv:1802.02375), equation 6.
Measured: CIFAR-100 error with PyramidNet-110 (270) 16.22, with pixel level 15.78 (the authors' repository);
PyramidNet-200 with CutMix 14.23 -> 13.81 (CutMix's repository).
Hurts: short trainings, and branches that do not end in a norm, whose outputs then grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.branch_drop import fill_drops
from assay.models.resnet import ResNet
from assay.models.shake import SHARED_AXES, draw_factors, shake
from assay.recipe import Recipe
from assay.tricks.arguments import require_below_one, require_choice


class BranchShake(nn.Module):
    """Shakes the branch while it trains if the gate is closed, and multiplies it by the mean factor afterwards."""

    def __init__(self, probability: float, level: str) -> None:
        super().__init__()
        self.probability = probability
        self.level = level

    def forward(
        self, branch: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        if not self.training:
            return branch * (1.0 - self.probability)
        gate = (draw_factors(branch, "batch") >= self.probability).to(branch.dtype)
        alpha = draw_factors(branch, self.level, low=-1.0)
        beta = draw_factors(branch, self.level)
        return shake(branch, gate + alpha - gate * alpha, gate + beta - gate * beta)


def shake_branches(model: nn.Module, specification: Specification, *, trick: ShakeDrop) -> nn.Module:
    """Model edit: give every residual block its layer."""
    return fill_drops(model, partial(BranchShake, level=trick.level), probability=trick.probability, rule="linear")


@dataclass(frozen=True)
class ShakeDrop:
    """Shake branches. probability: of the last block, in [0, 1); level: of alpha and beta, `batch` to `pixel`."""

    probability: float = 0.5
    level: str = "image"

    def __post_init__(self) -> None:
        require_choice("level", self.level, tuple(SHARED_AXES))
        require_below_one("probability", self.probability, usual="0.5 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet, whose blocks have branches")
        claimed = recipe.claim(self, "branch_drop")
        edit = at("layers", partial(shake_branches, trick=self))
        return claimed.add(model_edits=edit) if self.probability else claimed
