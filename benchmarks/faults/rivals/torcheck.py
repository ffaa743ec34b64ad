"""torcheck 1.0.1: parameters that change and stay finite, outputs that are, around the program's own training.

It raises at the first step with an error, which ends the training: that is an alert. Trainable parameters must change,
frozen ones must not; where the loss is a cross-entropy, outputs must not all lie within (0, 1), as its guide has it.
"""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor

from faults.program import Program
from faults.rivals.handing_over import first_batch
from faults.rivals.judgement import Alert, CannotJudgeError, Judgement
from faults.rivals.own_training import fails_alone, train_as_planned

MEANS: dict[str, tuple[str, ...]] = {
    "doesn't belong to any optimizer": ("parameters_trained",),
    "should change": ("parameters_trained", "gradients_cleared", "update_ratio", "learning_rate", "vanishing_gradients",
                      "dead_units", "step_direction", "learning_rate_schedule"),
    "should not change": ("parameters_trained",),
    "shouldn't all": ("softmax_twice", "output_range", "loss_pairing"),
    "contains NaN": ("inputs_finite", "exploding_gradients", "learning_rate", "initialization_scale", "input_scale",
                     "loss_reduction"),
    "contains inf": ("inputs_finite", "exploding_gradients", "learning_rate", "initialization_scale", "input_scale",
                     "loss_reduction"),
}  # fmt: skip
NAME = "network"
LOGITS = {"cross_entropy", "label_smoothing"}


def judge(program: Program) -> Judgement:
    """What it raises, at registration or during training."""
    package: Any = importlib.import_module("torcheck")
    registry, not_checked = package.registry, add_outputs(package.registry, program)
    try:
        add_parameters(registry, program)
        train_as_planned(program, lambda loss: None)
    except Exception as error:
        words = [line for line in str(error).splitlines() if any(start in line for start in MEANS)]
        if isinstance(error, RuntimeError) and words:
            return Judgement(tuple(Alert(line, meaning(line), "RuntimeError") for line in words), (), not_checked)
        if not fails_alone(program):
            raise CannotJudgeError(f"{type(error).__name__}: {error}") from error
    return Judgement((), (), not_checked)


def add_parameters(registry: Any, program: Program) -> None:
    """Trainable parameters change, frozen ones in the optimiser do not, and all of them stay finite."""
    registry.register(program.arguments["optimizer"])
    for name, parameter in program.arguments["model"].named_parameters():
        if parameter.requires_grad or parameter in registry.tensor_to_optimizer:
            registry.add_tensor(parameter, name, NAME, changing=parameter.requires_grad, check_nan=True, check_inf=True)


def add_outputs(registry: Any, program: Program) -> tuple[tuple[str, str], ...]:
    """Checks of the outputs, where they are one tensor: it can look at nothing else."""
    model, (inputs, _) = program.arguments["model"], first_batch(program)
    model.eval()
    with torch.no_grad():
        outputs = model(*inputs) if isinstance(inputs, tuple) else model(inputs)
    model.train()
    if not isinstance(outputs, Tensor):
        return (("outputs", f"the network returns a {type(outputs).__name__}"),)
    # Its public door for this adds every parameter too, and refuses frozen ones that no optimiser holds.
    registry._add_output_check(model, NAME, check_nan=True, check_inf=True)
    if program.parts.traits & LOGITS:
        registry.add_module_output_range_check(model, output_range=(0, 1), negate_range=True, module_name=NAME)
    return ()


def meaning(line: str) -> tuple[str, ...]:
    """Our ids for everything that a line says."""
    return tuple(dict.fromkeys(identity for words, ids in MEANS.items() if words in line for identity in ids))
