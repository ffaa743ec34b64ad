"""The learner of a recipe: its network, optimiser and edits, fresh, as the loop wants them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.loop import Learner, Schedules
from assay.network import build_model, check_network, memory_for
from assay.optimizers import OptimizerBuilder
from assay.randomness import scoped_seed
from assay.recipe import Recipe
from assay.slots import ParameterRule

SAME_IN_BOTH = ("loss", "loss_edits", "penalties", "gradient_edits", "weight_edits", "forward", "stepper", "average")
"""Slots that a learner takes from its recipe as they are."""


def build_learner(
    recipe: Recipe, specification: Specification, *, seed: int, device: torch.device,
    initial: nn.Module | None = None, sample: Callable[[], Tensor] | None = None,
) -> Learner:  # fmt: skip
    """Everything the loop changes, fresh, on `device`.

    Args:
        initial: a network of the recipe's architecture whose weights to start from.
        sample: the first batch's normalised inputs, for recipes that calibrate their first weights on them;
            without it they are not calibrated.
    """
    model = build_model(recipe, specification, seed=seed)
    check_network(model, recipe, specification)
    with memory_for(recipe):
        model = model.to(device)
    if initial is not None:
        model.load_state_dict(initial.state_dict())
    elif sample is not None and recipe.calibrations:
        inputs = sample()
        with scoped_seed(seed, "calibrations"):
            for calibrate in recipe.calibrations:
                calibrate(model, inputs)
    precision = recipe.precision
    return Learner(
        model=model,
        optimizer=recipe.optimizer.build(
            parameter_groups(model, recipe.parameter_rules, recipe.optimizer)
        ),
        schedules=Schedules(recipe.learning_rate_schedule, recipe.learning_rate_warmup, recipe.momentum_schedule,
                            recipe.weight_decay_schedule),
        average_state=recipe.average.start(model) if recipe.average else None,
        **{name: getattr(recipe, name) for name in SAME_IN_BOTH},
        **({"autocast": partial(precision.autocast, device.type), "scaler": precision.make_scaler(device.type)}
           if precision else {}),
    )  # fmt: skip


def parameter_groups(
    model: nn.Module, rules: tuple[ParameterRule, ...], optimizer: OptimizerBuilder
) -> list[dict[str, Any]]:
    """Trainable parameters grouped by the settings the rules give them; later rules win.

    Args:
        optimizer: whose rate and decay a rule's `learning_rate_factor` and `weight_decay_factor` are factors of.
    """
    groups: dict[tuple[tuple[str, float], ...], list[nn.Parameter]] = {}
    seen: set[int] = set()
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if not parameter.requires_grad or id(parameter) in seen:
                continue
            seen.add(id(parameter))
            settings: dict[str, float] = {}
            for rule in rules:
                settings.update(rule(module, name, parameter))
            if "learning_rate_factor" in settings:
                settings["lr"] = optimizer.learning_rate * settings.pop("learning_rate_factor")
            if "weight_decay_factor" in settings:
                decay = settings.get("weight_decay", optimizer.weight_decay)
                settings["weight_decay"] = decay * settings.pop("weight_decay_factor")
            groups.setdefault(tuple(sorted(settings.items())), []).append(parameter)
    return [{"params": parameters, **dict(settings)} for settings, parameters in groups.items()]
