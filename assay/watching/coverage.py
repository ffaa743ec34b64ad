"""Coverage: each trainable parameter is held by an optimiser, gets a gradient, and changes.

Source: Goodfellow et al. 2016, section 11.5.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from assay.finding import Finding, Level
from assay.monitors.gradients import dense

SOURCE = "Goodfellow et al. 2016, section 11.5"
LEAST, SAMPLED_VALUES = 3, 4096


class Coverage:
    """Looks at every parameter of the model in sampled updates.

    A parameter's version counts the writes in place to it, so that one no update ever wrote to is known at no cost.
    Optimisers that write past it (through `.data`) show in a sample of values.
    """

    def __init__(self, model: nn.Module, optimizers: Sequence[Optimizer]) -> None:
        self.optimizers = optimizers
        self.named = list(model.named_parameters())
        self.versions = {name: parameter._version for name, parameter in self.named}
        self.values = {name: _sample(parameter) for name, parameter in self.named}
        self.looks = 0
        self.reached: set[str] = set()
        self.reached_in_sample: set[str] = set()

    def update(self) -> None:
        """An update is about to be made: which gradients are there, and are anything but 0?"""
        self.looks += 1
        waiting = [(name, p) for name, p in self.named if name not in self.reached and p.grad is not None]
        self.reached |= _any_in([(name, dense(p.grad)) for name, p in waiting if p.grad is not None])
        waiting = [(name, p) for name, p in self.named if name not in self.reached_in_sample and self._trains(p)]
        self.reached_in_sample |= _any_in([(name, _sample(p.grad)) for name, p in waiting if p.grad is not None])

    def _trains(self, parameter: nn.Parameter) -> bool:
        """It has a gradient, and a rate other than 0."""
        if parameter.grad is None or parameter.grad.is_sparse:
            return False
        groups = [group for optimizer in self.optimizers for group in optimizer.param_groups]
        return any(float(g["lr"]) != 0.0 for g in groups if any(held is parameter for held in g["params"]))

    def changed(self) -> set[str]:
        """The parameters that were written to, or have other values than at first."""
        written = {name for name, parameter in self.named if parameter._version != self.versions[name]}
        return written | {name for name, _ in self.named if name not in written and not self._is_still(name)}

    def _is_still(self, name: str) -> bool:
        return torch.equal(_sample(dict(self.named)[name]), self.values[name])

    def findings(self, *, explained: bool) -> list[Finding]:
        """Args: explained: it is known already why no parameter at all gets a gradient."""
        trainable = {name: parameter for name, parameter in self.named if parameter.requires_grad}
        if self.looks < LEAST or not trainable:
            return []
        held = {id(p) for optimizer in self.optimizers for group in optimizer.param_groups for p in group["params"]}
        changed = self.changed()
        missing = [name for name, p in trainable.items() if id(p) not in held and name not in changed]
        known = [name for name, p in trainable.items() if id(p) in held]
        working = {_owner(name) for name in known if name in self.reached and not self._is_still(name)}
        idle = [] if explained and not self.reached else [name for name in known if _owner(name) not in working]
        cases = (
            ([name for name in missing if name in self.reached], _MISSING),
            ([name for name in idle if name not in self.reached], _SILENT),
            ([name for name in idle if name in self.reached_in_sample and self._is_still(name)], _STUCK),
        )
        found = [_alert(names, len(trainable), self.looks, *words) for names, words in cases if names]
        return found or [self._note(trainable, missing, changed)]

    def _note(self, trainable: dict[str, nn.Parameter], missing: list[str], changed: set[str]) -> Finding:
        count = sum(name in changed for name in trainable)
        frozen = [name for name, parameter in self.named if not parameter.requires_grad]
        text = f"{count} of {len(trainable)} trainable parameters changed"
        text += f"; in no optimiser, and without a gradient: {_names(missing)}" if missing else ""
        text += f"; frozen: {_names(frozen)}" if frozen else ""
        evidence = {"changed": count, "trainable": len(trainable), "not_held": missing, "frozen": frozen}
        return Finding("parameters_trained", "note", f"{text}.", evidence, source=SOURCE)


def _any_in(named: list[tuple[str, Tensor]]) -> set[str]:
    """Names of tensors that are not all 0; one transfer from the device for all of them."""
    if not named:
        return set()
    told = torch.stack([values.any().cpu() for _, values in named]).tolist()
    return {name for (name, _), is_any in zip(named, told, strict=True) if is_any}


def _sample(parameter: Tensor) -> Tensor:
    flat = parameter.detach().flatten()
    return flat[:: max(1, len(flat) // SAMPLED_VALUES)].clone()


def _owner(name: str) -> str:
    """The module of a parameter. A bias beside a weight that trains may stay: a norm or softmax after it cancels it."""
    return name.rpartition(".")[0]


def _alert(names: list[str], trainable: int, looks: int, level: Level, told: str, cause: str, fix: str) -> Finding:
    text = f"{len(names)} of {trainable} trainable parameters {told} ({looks} updates looked at): {_names(names)}."
    return Finding("parameters_trained", level, text, {"parameters": names, "looks": looks}, cause, fix, SOURCE)


def _names(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


_MISSING: tuple[Level, str, str, str] = (
    "proved",
    "get gradients, but no optimiser holds them and they do not change",
    "The optimiser was made before these layers, for another model, or got only some of the parameters.",
    "Make the optimiser last, from model.parameters(); set requires_grad = False on purposely frozen ones.",
)
_SILENT: tuple[Level, str, str, str] = (
    "suspect",
    "are in the optimiser, but never got a gradient other than 0",
    "Their output is not used, is detached (detach, no_grad, .data, argmax), or passes only through dead units.",
    "Find where forward cuts them off; set requires_grad = False on what is meant to be frozen.",
)
_STUCK: tuple[Level, str, str, str] = (
    "suspect",
    "get gradients and are in the optimiser, but have not changed",
    "The updates are too small for the weights' precision, are undone, or go to copies of the parameters.",
    "Keep the weights in float32 (autocast the forward only), and look for what writes them back.",
)
