"""torchmortem 0.1.1: `Autopsy` around the program's own training, all eight detectors, sampling "thorough".

It fails no build of itself; its `CRITICAL` is taken as what would, `WARNING` as a warning, `INFO` as information.
Its insights repeat findings together, and are not counted twice.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

from faults.program import Program
from faults.rivals.judgement import Alert, CannotJudgeError, Judgement
from faults.rivals.own_training import fails_alone, train_as_planned

MEANS: dict[str, tuple[str, ...]] = {
    "Dead units": ("dead_units", "learning_rate", "initialization_scale"),
    "Activation saturation": ("saturated_units", "learning_rate", "initialization_scale", "input_scale"),
    "Vanishing gradients": ("vanishing_gradients", "saturated_units", "nonlinearity", "initialization_scale"),
    "Exploding gradients": ("exploding_gradients", "learning_rate", "initialization_scale", "loss_reduction",
                            "input_scale"),
    "Gradient stalling": ("vanishing_gradients", "parameters_trained", "dead_units", "initialization_scale"),
    "High gradient noise": ("learning_rate",),
    "Training divergence": ("learning_rate", "exploding_gradients", "step_direction", "inputs_finite",
                            "overfit_one_batch"),
    "Loss plateau": ("overfit_one_batch", "learning_rate", "learning_rate_schedule", "parameters_trained",
                     "loss_clipping"),
    "Catapult phase": ("learning_rate",),
    "Edge of stability": ("learning_rate",),
    "Rank collapse": ("symmetric_initialization", "capacity_lowers_loss", "weight_decay_strength", "dead_units",
                      "learning_rate"),
    "Update ratio too low": ("update_ratio", "learning_rate", "learning_rate_schedule", "vanishing_gradients"),
    "Update ratio too high": ("update_ratio", "learning_rate", "exploding_gradients"),
    "Weight norm explosion": ("exploding_gradients", "learning_rate", "weight_decay_strength"),
    "Stagnant weight norms": ("parameters_trained", "update_ratio", "learning_rate", "vanishing_gradients",
                              "learning_rate_schedule"),
    "Inter-layer weight norm imbalance": ("initialization_scale", "learning_rate"),
}  # fmt: skip


def judge(program: Program) -> Judgement:
    """Findings of the report, which is read and not written."""
    package: Any = importlib.import_module("torchmortem")
    broken: list[str] = []
    # A detector that raises is only logged: this keeps the message and drops the record.
    logging.getLogger("torchmortem.core").addFilter(lambda record: bool(broken.append(record.getMessage())))
    autopsy = package.Autopsy(program.arguments["model"], optimizer=program.arguments["optimizer"], sampling="thorough")
    try:
        with autopsy:
            train_as_planned(program, lambda loss: autopsy.step(loss=None if loss is None else float(loss)))
    except Exception as error:
        if not fails_alone(program):
            raise CannotJudgeError(f"{type(error).__name__}: {error}") from error
    said = {level: tuple(Alert(f"{finding.title}: {finding.summary}", meaning(finding.title), level)
                         for finding in autopsy.get_report().findings if finding.severity.name == level)
            for level in ("CRITICAL", "WARNING")}  # fmt: skip
    return Judgement(said["CRITICAL"], said["WARNING"], tuple(("detector", message) for message in broken))


def meaning(title: str) -> tuple[str, ...]:
    """Our ids for a title, which ends in the layer's name."""
    return next(ids for start, ids in MEANS.items() if title.startswith(start))
