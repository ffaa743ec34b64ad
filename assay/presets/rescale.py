"""A published recipe at another batch size or length: what must change with it changes, and each change is told.

    batch size k times larger    learning rate k times (SGD and its kin), sqrt(k) times (Adam and its kin);
                                 others stay as they are, since no rule for them is published that we know;
                                 SGD under a summed loss: weight decay k times, as its gradients grow by themselves
    epochs k times longer        periods and warm-ups that tricks give in epochs, k times; shares of training stay

Source: Goyal et al. 2017 (arXiv:1706.02677), section 2.1, for SGD; Malladi et al. 2022 (arXiv:2205.10287) for the
square root of Adam and RMSProp; You et al. 2019 (arXiv:1904.00962), experiments, for that of LAMB.
"""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

from assay.optimizers import SGD, Adam, AdamW
from assay.parts import inner_parts
from assay.recipe import Recipe, Trick
from assay.tricks.loss.sum_loss import SumLoss
from assay.tricks.optimizer.adam import UseAdam
from assay.tricks.optimizer.adamax import Adamax
from assay.tricks.optimizer.adamw import UseAdamW
from assay.tricks.optimizer.decoupled_sgd import DecoupledSGD
from assay.tricks.optimizer.heavy_ball import HeavyBall
from assay.tricks.optimizer.lamb import LAMB
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.nadam import NAdam
from assay.tricks.optimizer.nesterov import Nesterov
from assay.tricks.optimizer.radam import RAdam
from assay.tricks.optimizer.rmsprop import RMSProp
from assay.tricks.optimizer.square_root_scaling import SquareRootScaling
from assay.tricks.optimizer.weight_decay import WeightDecay

PATIENCE = "patience_epochs"
"""Looks at the validation split, which do not grow with the training."""

FOLLOWS_THE_GRADIENT = (SGD, HeavyBall, Nesterov, DecoupledSGD)
"""Optimisers whose steps are as long as the gradient, and so grow with a sum over the batch."""

ADAMS_KIN = (Adam, AdamW, UseAdam, UseAdamW, Adamax, NAdam, RAdam, RMSProp, LAMB)
"""Optimisers that divide by a running size of the gradient, whose rate goes with the square root."""


def rescale(recipe: Recipe, *, batch_size: int | None = None, epochs: float | None = None) -> tuple[Recipe, list[str]]:
    """The recipe for this batch size and length, and a line for each thing that changed.

    Raises:
        ValueError: batch_size is below 1, or epochs not above 0.
    """
    notes = list[str]()
    if epochs is not None and epochs != recipe.epochs:
        recipe = stretch(recipe, epochs, notes)
    if batch_size is not None and batch_size != recipe.batch_size:
        recipe = change_batch(recipe, batch_size, notes)
    return recipe, notes


def stretch(recipe: Recipe, epochs: float, notes: list[str]) -> Recipe:
    """The recipe over `epochs`; whatever its tricks give in epochs keeps its share of the training."""
    factor = epochs / recipe.epochs
    notes.append(f"epochs {recipe.epochs:g} -> {epochs:g}")
    stretched = replace(recipe.baseline, epochs=epochs)
    for trick in recipe.tricks:
        stretched = stretched | stretch_trick(trick, factor, notes)
    return stretched


def stretch_trick(trick: Trick, factor: float, notes: list[str]) -> Trick:
    """The trick with its numbers of epochs multiplied, and those of schedules in it."""
    part: Any = trick
    changed: dict[str, Any] = {
        field.name: scaled(getattr(trick, field.name) * factor, whole=field.type == "int")
        for field in fields(part)
        if field.name.endswith("epochs") and field.name != PATIENCE and getattr(trick, field.name) not in (0, math.inf)
    }
    notes += [f"{type(trick).__name__}.{name} {getattr(trick, name):g} -> {value:g}" for name, value in changed.items()]
    for field in fields(part):
        value = getattr(trick, field.name)
        if inner := tuple(stretch_trick(one, factor, notes) for one in inner_parts(value)):
            changed[field.name] = inner if isinstance(value, tuple) else inner[0]
    return replace(part, **changed) if changed else trick


def scaled(epochs: float, *, whole: bool) -> float:
    """Whole epochs where the trick counts them, at least one."""
    return max(1, round(epochs)) if whole else epochs


def change_batch(recipe: Recipe, batch_size: int, notes: list[str]) -> Recipe:
    """The recipe at another batch size, its learning rate scaled with it, unless a trick already does that."""
    factor = batch_size / recipe.batch_size
    notes.append(f"batch size {recipe.batch_size} -> {batch_size}")
    larger = recipe.change(batch_size=batch_size)
    for rule in (LinearScaling, SquareRootScaling):
        if recipe.has(rule):
            notes.append(f"{tell_rate(recipe, larger)}: {rule.__name__} follows the batch by itself")
            return larger
    optimizer = recipe.own_optimizer
    if recipe.has(SumLoss) and isinstance(optimizer, FOLLOWS_THE_GRADIENT):
        notes.append("learning rate: SumLoss follows the batch by itself")
        return change_decay(larger, factor, notes)
    if isinstance(optimizer, FOLLOWS_THE_GRADIENT):
        scale, rule = factor, "in proportion to the batch"
    elif isinstance(optimizer, ADAMS_KIN):
        scale, rule = math.sqrt(factor), "by the square root of the batch"
    else:
        name = type(optimizer).__name__
        notes.append(f"learning rate {recipe.optimizer.learning_rate:g} stays: no rule for {name} is published that we "
                     "know; add LinearScaling or SquareRootScaling to follow one, or find the rate anew")  # fmt: skip
        return larger
    changed = larger.change_optimizer(learning_rate=optimizer.learning_rate * scale)
    notes.append(f"{tell_rate(recipe, changed)}, {rule}")
    return changed


def tell_rate(before: Recipe, after: Recipe) -> str:
    """The rates that the two recipes train with."""
    return f"learning rate {before.optimizer.learning_rate:g} -> {after.optimizer.learning_rate:g}"


def change_decay(recipe: Recipe, factor: float, notes: list[str]) -> Recipe:
    """The recipe with its weight decay multiplied, wherever it is set."""
    setter = dict(recipe.filled_by).get("optimizer.weight_decay")
    if setter not in (None, WeightDecay.__name__):
        notes.append(f"weight decay: {setter} sets it")
        return recipe
    decay = recipe.optimizer.weight_decay * factor
    notes.append(f"weight decay {recipe.optimizer.weight_decay:g} -> {decay:g}, in proportion to the batch")
    return recipe.put(WeightDecay(decay)) if setter else recipe.change_optimizer(weight_decay=decay)
