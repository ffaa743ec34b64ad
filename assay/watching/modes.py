"""Modes: updates belong to forwards in training mode, validation to forwards in evaluation mode.

Only layers that differ between the two matter: dropout, and batch norms with running statistics. A batch norm frozen
alone inside a model in training mode is meant so; dropout alone awake at prediction is Monte Carlo dropout.

Source: PyTorch documentation, Autograd mechanics, "Evaluation Mode".
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch import nn

from assay.finding import Finding

SOURCE = "PyTorch documentation, Autograd mechanics"
LEAST = 3
RARE = 5  # updates to a pass, at the least, where the pass is taken for a validation
PASS = 2  # forwards in a row without an update: what a pass over validation data looks like


class Modes:
    """Counts updates and forwards by mode.

    updates: in each mode, up to the last change. first_update: the first step in each.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.updates: Counter[bool] = Counter()
        self.first_update: dict[bool, int] = {}
        self.validation: Counter[bool] = Counter()
        self.without_gradient: Counter[bool] = Counter()
        self.longest_row = self.passes = 0
        self.asleep: list[str] = []
        self.awake: list[str] = []
        self.now: bool | None = None
        self._since = self._row = 0
        self._row_step = -1

    def turn(self, training: bool | None, step: int) -> None:
        """The update that comes next, number `step`, is made from a forward in another mode than those before."""
        self.count_to(step)
        self.now = training
        if training is not None and training not in self.first_update:
            self.first_update[training] = step
            if not training and not mode_dependent(self.model, training=True):
                self.asleep = mode_dependent(self.model, training=False)

    def count_to(self, step: int) -> None:
        """All updates before `step` are finished."""
        if self.now is not None:
            self.updates[self.now] += step - self._since
        self._since = step

    def forward(self, training: bool, reading: str | None, step: int) -> None:
        """A forward begins that no update comes from: over validation data, or without gradients."""
        if reading == "validation":
            self.validation[training] += 1
        else:
            self.without_gradient[training] += 1
            self.passes += step != self._row_step
            self._row = self._row + 1 if training and step == self._row_step else int(training)
            self._row_step, self.longest_row = step, max(self.longest_row, self._row)
        if training and not self.awake:
            self.awake = mode_dependent(self.model, training=True)

    def findings(self) -> list[Finding]:
        found = [*self._training(), *self._validation()]
        if found or not self.updates:
            return found
        evidence = {"updates": self.updates[True], "validation_forwards": self.validation[False]}
        text = f"{self.updates[True]} updates were made from forwards in training mode"
        text += f", {self.validation[False]} forwards of validation in evaluation mode" if self.validation else ""
        return [Finding("train_eval_mode", "note", f"{text}.", evidence, source=SOURCE)]

    def _training(self) -> list[Finding]:
        count, total = self.updates[False], sum(self.updates.values())
        if count < LEAST or not self.asleep:
            return []
        turned = self.updates[True] > 0
        text = f"{count} of {total} updates were made from forwards in evaluation mode (the first at step "
        text += f"{self.first_update[False]}), with {_names(self.asleep)} asleep."
        cause = "model.eval() was called for validation, and model.train() not after it."
        return [
            Finding(
                "train_eval_mode",
                "proved" if turned else "suspect",
                text,
                {"updates_in_evaluation_mode": count, "updates": total, "layers": self.asleep},
                cause if turned else "The model was loaded or left in evaluation mode before training.",
                "Call model.train() at the start of every epoch.",
                SOURCE,
            )
        ]

    def _validation(self) -> list[Finding]:
        known = self.validation[True] >= PASS
        # What a step does with no gradient (a generator's fakes, a target) comes with every update.
        is_rare = self.passes * RARE <= sum(self.updates.values())
        guessed = is_rare and self.longest_row >= PASS and not self.without_gradient[False] and not self.validation
        if not self.awake or not (known or guessed):
            return []
        count = self.validation[True] if known else self.without_gradient[True]
        what = "forwards over val_loader" if known else "forwards without gradient, in passes as of validation,"
        evidence: dict[str, Any] = {"forwards_in_training_mode": count, "longest_pass": self.longest_row}
        return [
            Finding(
                "train_eval_mode",
                "proved" if known else "suspect",
                f"{count} {what} ran in training mode, with {_names(self.awake)} awake.",
                {**evidence, "layers": self.awake},
                "model.eval() is missing before validation: dropout drops, and batch norm learns from validation data.",
                "Call model.eval() before validation and model.train() after it.",
                SOURCE,
            )
        ]


def mode_dependent(model: nn.Module, *, training: bool) -> list[str]:
    """Names of layers that differ between the modes and are in the given one now."""
    return [name for name, module in model.named_modules() if module.training is training and _differs(module)]


def _differs(module: nn.Module) -> bool:
    if isinstance(module, nn.modules.dropout._DropoutNd):
        return module.p > 0
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        return module.running_mean is not None
    return isinstance(module, (nn.RNNBase, nn.MultiheadAttention)) and module.dropout > 0


def _names(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more layers" if len(names) > 3 else "")
