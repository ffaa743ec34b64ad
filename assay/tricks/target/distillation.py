"""Distillation: a small network learns from a large one's softened answers as well as from the labels.

    soft   = temperature^2 * cross_entropy(outputs / temperature, softmax(teacher(inputs) / temperature))
    sum    loss = hard + soft                                        hard: the recipe's own loss
    blend  loss = hard_weight * hard + (1 - hard_weight) * soft

`sum` is the formula in the paper of He et al., `blend` with 0.5 their code. The teacher sees the very inputs that
the student sees, mixed ones too. Its file is one that `assay.models.teacher.save_teacher` wrote; it is read at the
first batch.

Also: knowledge distillation.
Source: Hinton et al. 2015 (arXiv:1503.02531), section 2; He et al. 2018 (arXiv:1812.01187), equation 6.
Measured: ImageNet ResNet-50-D 78.31 -> 78.67 top-1 by ResNet-152-D, with mixup 79.15 -> 79.29 (He et al. 2018,
table 6, temperature 20).
Hurts: a teacher of another family: by the same ResNet-152-D, Inception-v3 78.40 -> 78.26, MobileNet 72.93 -> 71.97
(table 6). Time: the teacher answers for every batch. It is refused beside ManifoldMixup: a teacher sees no mix that
is made inside the student; and beside LogitAdjustment, which shifts the student's answers and not the teacher's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from assay.models.teacher import load_teacher
from assay.recipe import Recipe, RecipeError
from assay.tricks.arguments import require_choice, require_finite_above_zero, require_range

WEIGHTINGS = ("sum", "blend")


def soft_loss(
    outputs: Float[Tensor, "batch classes"], answers: Float[Tensor, "batch classes"], *, temperature: float
) -> Float[Tensor, ""]:
    """Cross entropy of the two softened answers, times temperature^2, which keeps its gradient's size."""
    softened = (answers / temperature).softmax(1)
    return temperature**2 * F.cross_entropy(outputs / temperature, softened)


def learn_from_teacher(
    model: nn.Module, inputs: Tensor, outputs: Tensor, targets: Tensor, *, teacher: str, temperature: float,
    weight: float,
) -> Tensor:  # fmt: skip
    """`soft_loss` against the teacher in the file, as a penalty.

    Raises:
        RecipeError: the teacher is for other inputs, or has other outputs.
    """
    network = load_teacher(teacher, inputs.device)
    try:
        with torch.no_grad():
            answers = network(inputs).to(outputs.dtype)
    except (AssertionError, RuntimeError) as error:
        shape = tuple(inputs.shape[1:])
        raise RecipeError(
            f"Distillation: {teacher} cannot answer inputs of shape {shape}; "
            f"save one that was trained on this data ({error})"
        ) from error
    if answers.shape != outputs.shape:
        wanted, given = outputs.shape[1], tuple(answers.shape[1:])
        raise RecipeError(
            f"Distillation needs a teacher with {wanted} outputs, got {given} from {teacher}; "
            "save one that was trained on these classes"
        )
    return weight * soft_loss(outputs, answers, temperature=temperature)


def weigh(loss: Tensor, *, weight: float) -> Tensor:
    """A share of the loss."""
    return weight * loss


@dataclass(frozen=True)
class Distillation:
    """Learn from a teacher.

    teacher: its file; temperature: by which both networks' outputs are divided; weighting: `sum`, or `blend` with the
    labels' share; hard_weight: that share.
    """

    teacher: str = ""
    temperature: float = 20.0
    weighting: str = "sum"
    hard_weight: float = 0.5

    def __post_init__(self) -> None:
        require_choice("weighting", self.weighting, WEIGHTINGS)
        require_range("hard_weight", self.hard_weight, 0.0, 1.0, usual="0.5 is usual, and 1 ignores the teacher")
        require_finite_above_zero("temperature", self.temperature, usual="20 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        if not self.teacher:
            raise RecipeError("Distillation needs a teacher, a file that assay.models.teacher.save_teacher wrote")
        # What replaces the forward pass mixes inside the network, where the teacher cannot see it.
        recipe = recipe.claim(self, "forward", "answers_in_training")
        soft = 1.0 if self.weighting == "sum" else 1.0 - self.hard_weight
        changed = recipe.add(
            penalties=partial(learn_from_teacher, teacher=self.teacher, temperature=self.temperature, weight=soft)
        )
        return changed if self.weighting == "sum" else changed.add(loss_edits=partial(weigh, weight=self.hard_weight))
