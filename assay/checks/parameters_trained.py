"""Parameters trained: each trainable parameter is held by the optimiser, gets a gradient and moves.

Several steps are taken on a copy, since a branch behind a zero-initialised gain gets its first gradient only after the
gain has moved. Parameters frozen on purpose (requires_grad False) are told, not alerted. What one step has learned must
be there at the next: weights that a step at rate 0 brings to the same values from different ones are forgotten.

Source: Goodfellow et al. 2016, section 11.5; torchtest 2018 ("assert_vars_change").
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from assay.checks.experiments.failing_step import failing_step, place_of
from assay.checks.experiments.forgotten_weights import forgotten_weights
from assay.checks.experiments.hidden_parameters import hidden_parameters
from assay.checks.experiments.moved_parameters import leave_zero_rate, moved_parameters
from assay.checks.experiments.own_training import peak_rates
from assay.checks.given.pipeline import CheckResult, Pipeline, Trial
from assay.checks.given.work import few_examples
from assay.finding import Finding

SOURCE = "Goodfellow et al. 2016, section 11.5"


def check(pipeline: Pipeline) -> CheckResult:
    """Whether a step can be made at all; then membership, then what a few steps do to each parameter."""
    refusal = pipeline.once(failing_step)
    if refusal is not None:
        return [_fails(pipeline, refusal)]
    pipeline.seed_for("parameters_trained")
    trial = pipeline.trial()
    leave_zero_rate(trial)
    gradients, moved, steps = moved_parameters(pipeline, trial)
    findings = _membership(pipeline, gradients, moved)
    held = {id(parameter) for group in trial.optimizer.param_groups for parameter in group["params"]}
    named = {name: parameter for name, parameter in trial.model.named_parameters() if id(parameter) in held}
    named = {name: parameter for name, parameter in named.items() if parameter.requires_grad}
    findings += _outcome(named, gradients, moved, steps, trial)
    findings = _explained_by_loss(pipeline, findings, named) + _hidden(hidden_parameters(pipeline))
    findings += _forgotten(forgotten_weights(pipeline), len(named))
    alerts = [finding for finding in findings if finding.is_alert]
    frozen = [name for name, parameter in pipeline.model.named_parameters() if not parameter.requires_grad]
    return alerts or [_passed(named, moved, frozen, steps)]


def _fails(pipeline: Pipeline, error: Exception | SystemExit) -> Finding:
    own = pipeline.training_step is not None
    step = "training_step" if own else "The usual step (loss_fn of the outputs, backward, update)"
    cause, fix = _BATCH_OF_ONE if "more than 1 value per channel" in str(error) else _STEP
    if not any(parameter.requires_grad for parameter in pipeline.model.parameters()):
        cause, fix = _NOTHING_TO_TRAIN
    return Finding(
        "parameters_trained",
        "proved",
        f"{step} fails on the first batch of train_loader: {type(error).__name__}: {error}{place_of(error)}",
        {"error": type(error).__name__},
        cause,
        fix,
        SOURCE,
    )


def _membership(pipeline: Pipeline, gradients: dict[str, float], moved: set[str]) -> list[Finding]:
    """Parameters that the loss asks to change and nobody does: not held, and not moved by another hand either."""
    held = {id(parameter) for group in pipeline.optimizer.param_groups for parameter in group["params"]}
    trainable = {name: p for name, p in pipeline.model.named_parameters() if p.requires_grad}
    missing = [name for name, parameter in trainable.items() if id(parameter) not in held]
    missing = [name for name in missing if gradients.get(name, 0.0) != 0.0 and name not in moved]
    if not missing:
        return []
    none_held = len(missing) == len(trainable)
    return [
        Finding(
            "parameters_trained",
            "proved",
            f"{len(missing)} of {len(trainable)} trainable parameters are not in the optimiser: {_names(missing)}.",
            {"missing": missing, "trainable": len(trainable)},
            cause="The optimiser was made for another model, or before it was rebuilt."
            if none_held
            else "The optimiser was made before these layers, or got only some of the parameters.",
            fix="Make the optimiser last, from model.parameters(); set requires_grad = False on purposely frozen ones.",
            source=SOURCE,
        )
    ]


def _outcome(
    named: dict[str, nn.Parameter], gradients: dict[str, float], moved: set[str], steps: int, trial: Trial
) -> list[Finding]:
    broken = [name for name in named if not gradients.get(name, 0.0) < float("inf")]
    if broken:
        words = _HALF if any(named[name].dtype == torch.float16 for name in broken) else _BROKEN
        return [_alert(f"The gradient of {_names(broken)} is NaN or infinite within {steps} steps.", broken, *words)]
    rates = {id(p): float(group["lr"]) for group in trial.optimizer.param_groups for p in group["params"]}
    working = {_owner(name) for name in moved if gradients.get(name, 0.0) > 0.0}
    silent = [name for name in named if gradients.get(name, 0.0) == 0.0 and _owner(name) not in working]
    stuck = [name for name in named if name not in moved and gradients.get(name, 0.0) and _owner(name) not in working]
    resting = _resting(trial, {name: named[name] for name in stuck}) if any(rates.values()) else []
    stuck = [name for name in stuck if rates[id(named[name])] > 0.0 or not any(rates.values())]
    findings = []
    if resting:
        text = (
            f"{len(resting)} of {len(named)} parameters get gradients and never move, as the rate of their group is 0 "
        )
        text += f"throughout while others train: {_names(resting)}."
        findings.append(_alert(text, resting, *_RESTING))
    if silent:
        text = f"{len(silent)} of {len(named)} parameters never got a gradient in {steps} steps: {_names(silent)}."
        is_idle = not gradients and trial.pipeline.training_step is not None
        findings.append(_alert(text, silent, *(_NO_BACKWARD if is_idle else _SILENT)))
    if stuck:
        text = (
            f"{len(stuck)} of {len(named)} parameters got gradients but did not move in {steps} steps: {_names(stuck)}."
        )
        findings.append(_alert(text, stuck, *(_STUCK if any(rates.values()) else _ZERO_RATE)))
    return findings


def _resting(trial: Trial, named: dict[str, nn.Parameter]) -> list[str]:
    """Those whose group has a rate of 0 now, after the steps, and at every step of the schedule; no warm-up either."""
    peaks = trial.pipeline.once(peak_rates)[0]
    pairs = zip(trial.optimizer.param_groups, peaks, strict=True)
    still = [group for group, peak in pairs if not (float(group["lr"]) or peak or float(group.get("initial_lr", 0.0)))]
    held = {id(parameter) for group in still for parameter in group["params"]}
    return [name for name, parameter in named.items() if id(parameter) in held]


def _owner(name: str) -> str:
    """The module of a parameter. A bias beside a weight that trains may stay: a norm or softmax after it cancels it."""
    return name.rpartition(".")[0]


def _explained_by_loss(pipeline: Pipeline, findings: list[Finding], named: dict[str, nn.Parameter]) -> list[Finding]:
    """Where no parameter at all gets a gradient because the outputs get none, the loss is at fault, not the network."""
    if not any(f.cause == _SILENT[0] and len(f.evidence["parameters"]) == len(named) for f in findings):
        return findings
    with torch.no_grad():
        outputs = pipeline.forward(pipeline.evaluation_copy(), few_examples(pipeline, pipeline.batches[0]))
    if not isinstance(outputs, Tensor):
        return findings
    leaf = outputs.detach().clone().requires_grad_()
    loss = pipeline.loss_fn(leaf, pipeline.targets(few_examples(pipeline, pipeline.batches[0])))
    if loss.requires_grad and bool(torch.autograd.grad(loss, leaf)[0].any()):
        return findings
    return [replace(f, cause=_FLAT[0], fix=_FLAT[1]) if f.cause == _SILENT[0] else f for f in findings]


def _forgotten(names: list[str], count: int) -> list[Finding]:
    if not names:
        return []
    text = f"training_step forgets {len(names)} of {count} parameters: at rate 0 it brings {_names(names)} to the very "
    text += "same new values from the first weights and from those that it trained before."
    return [replace(_alert(text, names, *_FORGOTTEN), level="proved")]


def _hidden(names: list[str]) -> list[Finding]:
    if not names:
        return []
    return [
        Finding(
            "parameters_trained",
            "proved",
            f"{len(names)} trainable tensors that the outputs depend on are no parameters of the model, and the "
            f"optimiser holds none of them: {_names(names)}.",
            {"hidden": names},
            cause="Layers in a plain list or dict, or a plain tensor as an attribute: parameters() does not find them, "
            "nor do state_dict(), to() and train().",
            fix="Use nn.ModuleList, nn.ModuleDict or nn.Parameter; freeze what is not to be trained "
            "(requires_grad_(False)).",
            source=SOURCE,
        )
    ]


def _alert(summary: str, names: list[str], cause: str, fix: str) -> Finding:
    return Finding("parameters_trained", "suspect", summary, {"parameters": names}, cause, fix, SOURCE)


def _passed(named: dict[str, nn.Parameter], moved: set[str], frozen: list[str], steps: int) -> Finding:
    still = [name for name in named if name not in moved]
    text = f"{len(named) - len(still)} of {len(named)} trainable parameters moved within {steps} steps"
    text += f"; cancelled by what follows their layer: {_names(still)}" if still else ""
    text += f"; frozen (requires_grad False): {_names(frozen)}" if frozen else ""
    evidence = {"trained": len(named) - len(still), "still": still, "frozen": frozen, "steps": steps}
    return Finding("parameters_trained", "note", f"{text}.", evidence, source=SOURCE)


def _names(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


_STEP = (
    "The step itself, or a loss that cannot take what the model returns, or that gives no tensor with a gradient.",
    "Run the step by itself on next(iter(train_loader)); loss_fn(outputs, targets) must give one number that "
    "backward() can start from, as a tensor: no .item(), no .detach().",
)
_NOTHING_TO_TRAIN = (
    "No parameter of the model asks for a gradient: there are none, or all are frozen.",
    "Set requires_grad_(True) on what is to be trained, and keep layers in attributes, not in plain lists.",
)
_BATCH_OF_ONE = (
    "A batch norm in training mode needs more than one value of each channel, and this batch has one.",
    "Make batches of at least two examples, with drop_last=True where the last one may be smaller.",
)
_BROKEN = (
    "The loss overflows: a rate far too high, unscaled inputs, or a logarithm or root at 0.",
    "Lower the learning rate, normalise the inputs, and add an epsilon where log, sqrt or a division is near 0.",
)
_SILENT = (
    "Their output is not used, is detached (detach, no_grad, .data, argmax), or passes only through dead units.",
    "Find where forward cuts them off; set requires_grad = False on what is meant to be frozen.",
)
_HALF = (
    "Weights in float16: small gradients and an optimiser's epsilon become 0 there, and large values infinite.",
    "Keep the weights in float32 and run the forward under torch.autocast with a gradient scaler, or use bfloat16.",
)
_NO_BACKWARD = (
    "training_step makes no backward pass through the model that it is given.",
    "Let it call backward() on a loss of model(inputs), with the model and the batch of its arguments.",
)
_FLAT = (
    "The loss gives the outputs no gradient: it is clamped, rounded or detached, or does not read them.",
    "Look at loss_clipping, and at what the loss does behind the outputs; clip gradients, not losses.",
)
_STUCK = (
    "The step is never applied, or too small for the weights' precision.",
    "Call optimizer.step() after loss.backward(); check the learning rate of each parameter group.",
)
_RESTING = (
    "A group of parameters was given a learning rate of 0, or lost its own; gradients are computed for nothing.",
    "Give the group a rate; if it is meant to be frozen, say so: requires_grad_(False), which saves its gradients too.",
)
_FORGOTTEN = (
    "The step draws these weights anew, or loads them, before or after each update.",
    "Initialise or load once, before the training, and leave it out of the step.",
)
_ZERO_RATE = ("The learning rate is 0.", "Set a learning rate, or give the schedule that raises it from 0.")
