"""Train and evaluation mode: dropout and batch norm behave as the step they are in needs.

Exact: during the forward pass that training differentiates, the model must be in training mode, and after eval() no
dropout or batch norm may still be training. Hooks on a copy read the modes while the user's own step runs twice, so
that a mode left behind by the first call shows in the second.

Running statistics that still stand at 0 and 1 after steps in training mode, because their momentum is 0, never follow
the batches: evaluation normalises by numbers that no batch has had.

Batch norm alone in evaluation mode is a deliberate freeze, as in fine-tuning; passes without gradient (a teacher,
pseudo-labels) are left alone.

Source: Ioffe and Szegedy 2015, algorithm 2; Srivastava et al. 2014; PyTorch documentation of Module.eval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, Trial
from assay.checks.given.work import few_examples
from assay.finding import Finding

SOURCE = "Ioffe and Szegedy 2015, algorithm 2; Srivastava et al. 2014; PyTorch documentation of Module.eval"
CALLS = 2


@dataclass(frozen=True)
class Use:
    """One module with two modes, used in a differentiated pass of call number `call`."""

    call: int
    name: str
    training: bool
    model_training: bool


def check(pipeline: Pipeline) -> CheckResult:
    """Read the modes in the user's step, and after eval()."""
    names = [name for name, module in pipeline.model.named_modules() if has_two_modes(module)]
    if not names:
        raise CannotCheckError("no dropout and no batch norm: both modes are the same")
    stuck = _still_training(pipeline)
    if stuck:
        return [_eval_ignored(stuck, names)]
    trial = pipeline.trial()
    entered = {name for name, module in trial.model.named_modules() if has_two_modes(module) and module.training}
    uses = _watch_steps(pipeline, trial)
    wrong = [use for use in uses if not use.training and not use.model_training and use.name in entered]
    if wrong:
        return [_evaluating(wrong, uses, names)]
    unmoved = _standing_still(trial.model, uses)
    if unmoved:
        return [_never_following(unmoved)]
    return [_passed(pipeline, uses, names)]


def has_two_modes(module: nn.Module) -> bool:
    """Dropout that drops anything, and norms with running statistics."""
    if isinstance(module, nn.modules.dropout._DropoutNd):
        return module.p > 0
    if isinstance(module, (nn.MultiheadAttention, nn.RNNBase)):
        return module.dropout > 0
    return isinstance(module, nn.modules.batchnorm._NormBase) and module.track_running_stats


def _still_training(pipeline: Pipeline) -> list[str]:
    """Modules used in training mode after eval()."""
    model, found = pipeline.evaluation_copy(), []
    with torch.no_grad(), _Hooks(model, lambda name, module: found.append(name) if module.training else None):
        pipeline.forward(model, pipeline.examples(4))
    return list(dict.fromkeys(found))


def _watch_steps(pipeline: Pipeline, trial: Trial) -> list[Use]:
    uses: list[Use] = []
    call = 0

    def note(name: str, module: nn.Module) -> None:
        if torch.is_grad_enabled():
            uses.append(Use(call, name or "model", module.training, trial.model.training))

    with _Hooks(trial.model, note):
        for call in range(CALLS):
            trial.step(few_examples(pipeline, pipeline.batches[call % len(pipeline.batches)]))
    return uses


def _standing_still(model: nn.Module, uses: list[Use]) -> list[str]:
    """Norms that took part in training and still have the statistics they were made with, as momentum 0 leaves them.

    Other statistics under momentum 0 were loaded, and are kept on purpose.
    """
    trained, found = {use.name for use in uses if use.training}, []
    for name, module in model.named_modules():
        if (name or "model") in trained and isinstance(module, nn.modules.batchnorm._NormBase):
            mean, variance = module.running_mean, module.running_var
            if module.momentum == 0.0 and mean is not None and variance is not None:
                found += [name or "model"] if not bool(mean.any()) and bool((variance == 1).all()) else []
    return found


class _Hooks:
    """Call `note(name, module)` before each pass through a module with two modes, inside the block."""

    def __init__(self, model: nn.Module, note: Any) -> None:
        self.handles = [
            module.register_forward_pre_hook(lambda module, _, name=name: note(name, module))
            for name, module in model.named_modules()
            if has_two_modes(module)
        ]

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        for handle in self.handles:
            handle.remove()


def _passed(pipeline: Pipeline, uses: list[Use], names: list[str]) -> Finding:
    frozen = sorted({use.name for use in uses if not use.training})
    text = f"In the training step {len(names)} modules with two modes (dropout, batch norm) are in training mode"
    text += f", but for {', '.join(frozen[:3])}, which are kept in evaluation mode." if frozen else "."
    advice = ""
    if not pipeline.model.training:
        advice = "The model was given in evaluation mode; call model.train() before the training loop."
    evidence = {"modules": names, "kept_in_evaluation": frozen, "calls": CALLS}
    return Finding("train_eval_mode", "note", text, evidence, fix=advice, source=SOURCE)


def _evaluating(wrong: list[Use], uses: list[Use], names: list[str]) -> Finding:
    first = min(use.call for use in wrong)
    when = "from the first call" if first == 0 else f"from call {first + 1} on, after an evaluation in the step"
    found = sorted({use.name for use in wrong})
    return Finding(
        "train_eval_mode",
        "proved",
        f"The training step differentiates the model in evaluation mode, {when}: {', '.join(found[:3])} do not act as "
        "in training.",
        {"modules": found, "first_call": first, "calls": CALLS},
        cause="model.eval() in the training step, or after an evaluation, with no model.train() before the forward "
        "pass: dropout drops nothing and batch norm neither uses nor updates batch statistics.",
        fix="Call model.train() at the start of each training step or epoch.",
        source=SOURCE,
    )


def _eval_ignored(stuck: list[str], names: list[str]) -> Finding:
    return Finding(
        "train_eval_mode",
        "proved",
        f"After model.eval() {len(stuck)} of {len(names)} modules with two modes still train: {', '.join(stuck[:3])}.",
        {"modules": stuck},
        cause="A train() or eval() that was overridden does not reach them, or forward() calls train().",
        fix="Let train(mode) set every submodule; use a module of one's own for dropout that is wanted in evaluation.",
        source=SOURCE,
    )


def _never_following(unmoved: list[str]) -> Finding:
    return Finding(
        "train_eval_mode",
        "proved",
        f"The running statistics of {len(unmoved)} norms still are 0 and 1 after {CALLS} steps in training mode: "
        f"{', '.join(unmoved[:3])}. Evaluation will not normalise at all where training does.",
        {"modules": unmoved, "calls": CALLS},
        cause="momentum=0: in PyTorch it is the weight of the new batch, so the statistics never follow.",
        fix="Use momentum=0.1, or None for the plain average; to freeze loaded statistics, keep the norm in eval mode.",
        source=SOURCE,
    )
