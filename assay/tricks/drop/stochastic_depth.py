"""Stochastic depth: residual branches are left out at random, so a deep network trains as many shallow ones.

    training    outputs = shortcut + branch * keep / (1 - p_l),   keep ~ Bernoulli(1 - p_l)
    evaluation  outputs = shortcut + branch
    p_l         = probability * l / L in block l of L (`linear`), or probability (`uniform`)

Draws are for each image, or for the whole batch as in the paper. The paper scales the branch after training instead.

Also: DropPath.
Source: Huang et al. 2016 (arXiv:1603.09382), equation 4; probability 0.5 for 110 layers and more.
Measured: no figure read by us isolates it; recipes for ResNet-50 use 0.05 (Wightman et al. 2021).
Hurts: shallow networks and short trainings; with each image's own draw nothing is saved in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.branch_drop import RULES, fill_drops
from assay.models.resnet import ResNet
from assay.models.shake import draw_factors
from assay.recipe import Recipe
from assay.tricks.arguments import require_below_one, require_choice

LEVELS = ("image", "batch")


class BranchDrop(nn.Module):
    """Sets whole branches to 0 while it trains and scales the others, so that the mean stays."""

    def __init__(self, probability: float, level: str) -> None:
        super().__init__()
        self.probability = probability
        self.level = level

    def forward(
        self, branch: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        if not self.training:
            return branch
        keep = draw_factors(branch, self.level) >= self.probability
        return branch * keep / (1.0 - self.probability)


def drop_branches(model: nn.Module, specification: Specification, *, trick: StochasticDepth) -> nn.Module:
    """Model edit: give every residual block its layer."""
    make = partial(BranchDrop, level=trick.level)
    return fill_drops(model, make, probability=trick.probability, rule=trick.rule)


@dataclass(frozen=True)
class StochasticDepth:
    """Leave out branches. probability: of the last block; rule: `linear` or `uniform`; level: `image` or `batch`."""

    probability: float = 0.1
    rule: str = "linear"
    level: str = "image"

    def __post_init__(self) -> None:
        require_choice("rule", self.rule, RULES)
        require_choice("level", self.level, LEVELS)
        require_below_one("probability", self.probability, usual="0.1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet, whose blocks have branches")
        claimed = recipe.claim(self, "branch_drop")
        edit = at("layers", partial(drop_branches, trick=self))
        return claimed.add(model_edits=edit) if self.probability else claimed
