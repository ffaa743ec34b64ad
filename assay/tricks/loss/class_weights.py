"""Class weights: examples of rare classes count more, so that frequent ones do not decide alone.

    loss = -sum_k weights_k * targets_k * log(p_k),  p = softmax(outputs);  the mean is over examples

    inverse    weights_k ~ 1 / frequencies_k
    effective  weights_k ~ (1 - beta) / (1 - beta^(examples of class k))

both scaled so that the mean weight of a training example is 1, which keeps the loss in the units of the learning
rate. PyTorch's weighted mean divides by the weights of the batch instead. The weights are plain numbers of the
recipe, so that a recipe file shows them; `ClassWeights.from_specification(specification)` takes them from the
training split. Without any the loss is cross entropy.

Also: weighted cross entropy.
Source: King & Zeng 2001 (weighting by inverse frequency); Cui et al. 2019 (arXiv:1901.05555).
Measured: no figure read by us.
Hurts: accuracy, where classes are as frequent in use as in training; calibration: answers no longer follow the
frequencies. Very rare classes with inverse weights: single examples make the largest steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from assay.data.specification import Specification, Task
from assay.losses import Probabilities, Reduction
from assay.recipe import Recipe, RecipeError
from assay.tricks.arguments import require_choice, require_range

FORMS = ("inverse", "effective")


def class_weights(
    frequencies: Sequence[float], *, form: str = "inverse", beta: float = 0.999, examples: int = 0
) -> tuple[float, ...]:
    """One weight a class, whose mean over training examples is 1.

    Args:
        frequencies: share of each class in the training split.
        beta, examples: of the effective number; the size of the training split. With beta near 1 it is inverse.
    Raises:
        ValueError: a class has no example, or the effective number lacks the size of the split.
    """
    require_choice("form", form, FORMS)
    if not frequencies or min(frequencies) <= 0.0:
        raise ValueError(f"frequencies must be above 0 for every class, got {tuple(frequencies)}; drop empty classes")
    if form == "inverse":
        weights = [1.0 / frequency for frequency in frequencies]
    else:
        require_range("beta", beta, 0.0, 1.0 - 1e-9, usual="0.99 to 0.9999 is usual, and 0 weighs all alike")
        require_range("examples", examples, 1, usual="the effective number needs the size of the training split")
        weights = [(1.0 - beta) / (1.0 - beta ** (examples * frequency)) for frequency in frequencies]
    mean = sum(frequency * weight for frequency, weight in zip(frequencies, weights, strict=True)) / sum(frequencies)
    return tuple(weight / mean for weight in weights)


@dataclass(frozen=True)
class WeightedCrossEntropy:
    """Cross entropy with one weight a class, on class indices or target distributions; the mean is over examples."""

    weights: tuple[float, ...] = ()
    probabilities: ClassVar[Probabilities] = "softmax"
    task: Task = "classification"

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        if not self.weights:
            return F.cross_entropy(outputs, targets, reduction=reduction)
        classes = outputs.shape[1]
        if len(self.weights) != classes:
            raise RecipeError(
                f"ClassWeights needs one weight a class, got {len(self.weights)} for {classes} classes; "
                "ClassWeights.from_specification(specification) makes them"
            )
        losses = F.cross_entropy(outputs, targets, weight=outputs.new_tensor(self.weights), reduction="none")
        return losses.mean() if reduction == "mean" else losses


@dataclass(frozen=True)
class ClassWeights:
    """Weigh classes in the cross entropy. weights: one a class, or none to leave all alike."""

    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for weight in self.weights:
            require_range("weights", weight, 0.0, usual="1 leaves a class as it is")

    @classmethod
    def from_specification(
        cls, specification: Specification, *, form: str = "inverse", beta: float = 0.999, examples: int = 0
    ) -> ClassWeights:
        """Weights for this training split; see `class_weights`."""
        return cls(class_weights(specification.class_frequencies, form=form, beta=beta, examples=examples))

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        return recipe.fill(self, loss=WeightedCrossEntropy(self.weights))
