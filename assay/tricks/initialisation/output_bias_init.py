"""Output bias: the network starts with the answers that cost least of those that are the same for every input.

    cross entropy        bias = log(class frequencies), so softmax(bias) = class frequencies
    with class weights   bias = log(weights * class frequencies), but for a constant
    sigmoids             bias = log(p / (1 - p)), so sigmoid(bias) = p: each class's frequency, or `prior` for all
    others, as focal     bias = argmin sum_k frequencies_k * loss(bias, class k)
    regression           bias = 0: targets are standardised, so 0 is their mean

The first steps then learn from inputs, not how frequent each class is: no hockey-stick loss curve.
Classes are floored at `floor`, so that an unseen class gets a finite bias; beside LogitAdjustment its floor holds.
Frequencies are those that BalancedSampling shows, targets those that LabelSmoothing makes, and what LogitScale and
LogitAdjustment do to outputs in training is undone in the bias, wherever these tricks and the loss stand in the stack.
Penalties are left out; of HardExampleMining's loss it is that of all examples, for which are hard is not known yet.

Source: Goodfellow et al. 2016, section 8.4; Karpathy 2019, "A Recipe for Training Neural Networks", "init well";
sigmoids and the prior 0.01: Lin et al. 2017 (arXiv:1708.02002), section 3.3.
Measured: no published effect on final accuracy; the first loss falls from log(classes) to the targets' entropy.
Hurts: a model judged on balanced classes after training on unbalanced ones starts with the wrong prior;
balanced classes leave nothing to gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.errors import InputError
from assay.losses import probabilities_of
from assay.models.abilities import has_output_bias
from assay.recipe import Recipe, RecipeError
from assay.tricks.best_constant import best_constant
from assay.tricks.inference.logit_scale import LogitScale
from assay.tricks.loss.logit_adjustment import SMALLEST_FREQUENCY, LogitAdjustment, log_shift
from assay.tricks.sampling.balanced_sampling import BalancedSampling


def log_frequencies(frequencies: Sequence[float], *, floor: float = 1e-4) -> Float[Tensor, "classes"]:
    """Logits whose softmax is the class frequencies, after raising each to at least `floor`.

    Raises:
        ValueError: floor is not above 0 and at most 1, or a frequency is negative or not finite.
    """
    _check_floor(floor)
    shares = torch.tensor(list(frequencies), dtype=torch.float64)
    if not (torch.isfinite(shares) & (shares >= 0)).all():
        raise ValueError(
            f"frequencies must be finite and at least 0, got {list(frequencies)}; "
            "count the classes of the training split"
        )
    return shares.clamp(min=floor).log().float()


def log_odds(shares: Sequence[float], *, floor: float = 1e-4) -> Float[Tensor, "classes"]:
    """Logits whose sigmoids are the shares, after moving each into [floor, 1 - floor]."""
    return torch.logit(torch.tensor(list(shares), dtype=torch.float64), eps=min(floor, 0.5)).float()


def last_linear(model: nn.Module) -> nn.Linear:
    """The last linear layer of a model, in the order it registered them.

    Raises:
        InputError: there is none, or it has no bias.
    """
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    if not layers or layers[-1].bias is None:
        raise InputError(
            f"model must end in a linear layer with a bias, got {type(model).__name__} without one; "
            "give its last nn.Linear bias=True"
        )
    return layers[-1]


def first_answers(
    specification: Specification, recipe: Recipe, *, floor: float, prior: float | None
) -> Float[Tensor, "classes"]:
    """What the outputs should be before anything is learned, in training."""
    if prior is not None:
        return log_odds([prior] * specification.num_outputs, floor=0.0)
    sigmoids = has_sigmoids(recipe)
    logits = log_odds if sigmoids else log_frequencies
    # A class that LogitAdjustment shifts further down than it may go here would answer first once training is over.
    adjusted = any(isinstance(trick, LogitAdjustment) and trick.strength for trick in recipe.tricks)
    floor = min(floor, SMALLEST_FREQUENCY) if adjusted else floor
    shares = torch.tensor(shares_shown(specification, recipe), dtype=torch.float64).clamp(min=floor)
    targets = targets_of_classes(recipe, len(shares))
    start = logits((shares @ targets).tolist(), floor=floor)
    best = best_constant(recipe.loss, shares, targets, start=start)
    if best is start:
        return start
    # A class of weight 0 would best be out of the question.
    return logits((best.sigmoid() if sigmoids else best.softmax(0)).tolist(), floor=floor)


def shares_shown(specification: Specification, recipe: Recipe) -> list[float]:
    """How frequent each class is in what training shows."""
    shares = list(specification.class_frequencies)
    for trick in recipe.tricks:
        if isinstance(trick, BalancedSampling):
            shares = trick.class_shares(shares)
    return shares


def targets_of_classes(recipe: Recipe, classes: int) -> Float[Tensor, "classes classes"]:
    """What the loss is told of each class, a row each."""
    targets = torch.eye(classes, dtype=torch.float64)
    for edit in recipe.target_edits:
        targets = edit(targets)
    return targets


def bias_behind(
    outputs: Float[Tensor, "classes"], specification: Specification, recipe: Recipe
) -> Float[Tensor, "classes"]:
    """The last layer's bias that other tricks of the recipe turn into these outputs: scaled first, then shifted."""
    for trick in recipe.tricks:
        if isinstance(trick, LogitAdjustment) and trick.strength:
            outputs = outputs - log_shift(specification, strength=trick.strength)
    for trick in recipe.tricks:
        if isinstance(trick, LogitScale):
            outputs = outputs / trick.factor
    return outputs


def set_output_bias(
    model: nn.Module, specification: Specification, recipe: Recipe, *, floor: float = 1e-4, prior: float | None = None
) -> None:
    """Set the last linear layer's bias in place, from the training split's targets and the whole recipe.

    Raises:
        RecipeError: the specification does not have one frequency for each output.
    """
    layer = last_linear(model)
    if specification.task == "regression":
        nn.init.zeros_(layer.bias)
        return
    frequencies = specification.class_frequencies
    if len(frequencies) != layer.out_features:
        raise RecipeError(
            f"OutputBiasInit needs one class frequency for each of the {layer.out_features} outputs, "
            f"got {len(frequencies)}; fill Specification.class_frequencies from the training split"
        )
    outputs = first_answers(specification, recipe, floor=floor, prior=prior)
    with torch.no_grad():
        layer.bias.copy_(bias_behind(outputs, specification, recipe))


def says_how_outputs_are_read(recipe: Recipe) -> bool:
    """Whether it is known what the first outputs should be."""
    return recipe.task == "regression" or probabilities_of(recipe.loss) is not None


def has_sigmoids(recipe: Recipe) -> bool:
    """Whether the loss asks of each class whether it holds."""
    return probabilities_of(recipe.loss) == "sigmoid"


@dataclass(frozen=True)
class OutputBiasInit:
    """Start from the marginal distribution of the targets.

    floor: the smallest share a class is given, in (0, 1]; prior: under a loss of sigmoids, the first answer for every
    class, in (0, 1), RetinaNet's is 0.01; None takes the classes' frequencies.
    """

    floor: float = 1e-4
    prior: float | None = None

    def __post_init__(self) -> None:
        _check_floor(self.floor)
        if self.prior is not None and not 0.0 < self.prior < 1.0:
            raise ValueError(f"prior must be in (0, 1), got {self.prior}; 0.01 is usual, and None takes frequencies")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(has_output_bias(recipe.model), self, "a network whose last layer has a bias")
        recipe = recipe.require_always(
            says_how_outputs_are_read, self, "a loss whose attribute probabilities is 'softmax' or 'sigmoid'"
        )
        if self.prior is not None:
            need = "a loss of sigmoids before it for its prior, such as FocalBinary"
            recipe = recipe.require_always(has_sigmoids, self, need)
        return recipe.add(first_weights=partial(set_output_bias, floor=self.floor, prior=self.prior))


def _check_floor(floor: float) -> None:
    if not 0.0 < floor <= 1.0:
        raise ValueError(f"floor must be above 0 and at most 1, got {floor}; the usual value is 0.0001")
