"""Distil an ensemble into one network: the student learns the teacher's answers on its own batches.

    targets = (1 - weight) * targets + weight * softmax(teacher(inputs))

The teacher sees the very inputs the student sees, after augmentation and mixing, so every batch
carries new knowledge. At temperature 1 the two cross-entropies of Hinton et al. are one on mixed
targets, which is what stands here.

Source: Hinton et al. 2015 (arXiv:1503.02531), section 2; teacher on the student's own augmented
view: Beyer et al. 2021 (arXiv:2106.05237).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from assay.recipe import Recipe
from assay.schedule import Clock


@dataclass(frozen=True, eq=False)
class TeacherTargets:
    """A batch edit: mix the teacher's answers into the targets."""

    teacher: nn.Module
    weight: float
    classes: bool

    def __call__(self, inputs: Tensor, targets: Tensor, _: torch.Generator, __: Clock) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            outputs = self.teacher(inputs).float()
        answers = outputs.softmax(-1) if self.classes else outputs
        return inputs, (1.0 - self.weight) * targets + self.weight * answers


def distil_recipe(recipe: Recipe, teacher: nn.Module, *, weight: float = 0.7, share: float = 0.3) -> Recipe:
    """The student's recipe: the same, with the teacher's answers in its targets and a gentler rate.

    The rate is meant for a student that starts from a member's weights, not from scratch.

    Args:
        weight: share of the teacher in the target, in [0, 1].
        share: the student's learning rate as a share of the recipe's.
    Raises:
        ValueError: weight is outside [0, 1].
    """
    if not 0.0 <= weight <= 1.0:
        raise ValueError(f"weight must be in [0, 1], got {weight}; 0 ignores the teacher, 1 ignores the labels")
    edit = TeacherTargets(teacher.eval(), weight, classes=recipe.task == "classification")
    gentler = recipe.change_optimizer(learning_rate=share * recipe.own_optimizer.learning_rate)
    return replace(gentler, batch_edits=(*gentler.batch_edits, edit))
