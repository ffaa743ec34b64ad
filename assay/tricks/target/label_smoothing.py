"""Label smoothing: soft targets keep logits from growing without bound.

    uniform:  target = (1 - smoothing) * target + smoothing / num_classes
    others:   target = (1 - smoothing) * target + smoothing / (num_classes - 1) * (1 - target)

`uniform` is PyTorch's and the code of He et al.; `others` is the formula in the paper of He et al.,
where the true class keeps exactly 1 - smoothing.

Source: Szegedy et al. 2015, section 7 (arXiv:1512.00567); He et al. 2018, section 5.2 (arXiv:1812.01187).
Measured: ImageNet ResNet-50-D 77.91 -> 78.31 top-1, MobileNet 72.83 -> 72.93 (He et al. 2018, table 6).
Hurts: semantic segmentation, ADE20K mIoU 39.33 -> 38.75 (He et al. 2018, table 9).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from jaxtyping import Float
from torch import Tensor

from assay.recipe import Recipe
from assay.tricks.arguments import require_choice, require_range, require_rows

FORMS = ("uniform", "others")


def smooth_targets(
    targets: Float[Tensor, "batch classes"], *, smoothing: float, form: str = "uniform"
) -> Float[Tensor, "batch classes"]:
    """Move a share of each target distribution to all classes, or to the others; rows still sum to 1.

    Args:
        smoothing: share moved, in [0, 1]; usual 0.1.
        form: `uniform` or `others`.
    Raises:
        ValueError: smoothing is outside [0, 1], the form is unknown, targets are class numbers, or there are no others.
    """
    _check(smoothing, form)
    require_rows(targets)
    if smoothing == 0.0:
        return targets
    if form == "others":
        if targets.shape[1] < 2:
            raise ValueError("targets must have two classes for the form others, got 1; use the form uniform")
        return (1.0 - smoothing) * targets + smoothing / (targets.shape[1] - 1) * (1.0 - targets)
    return (1.0 - smoothing) * targets + smoothing / targets.shape[1]


def _check(smoothing: float, form: str) -> None:
    require_range("smoothing", smoothing, 0.0, 1.0, usual="the usual value is 0.1, and 0 turns it off")
    require_choice("form", form, FORMS)


@dataclass(frozen=True)
class LabelSmoothing:
    """Soft targets. smoothing: share moved from the true class; form: `uniform` or `others`."""

    smoothing: float = 0.1
    form: str = "uniform"

    def __post_init__(self) -> None:
        _check(self.smoothing, self.form)

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        return recipe.add(target_edits=partial(smooth_targets, smoothing=self.smoothing, form=self.form))
