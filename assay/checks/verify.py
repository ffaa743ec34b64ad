"""Stage 2, verify: is this pipeline correct, from loader to optimiser step? For any PyTorch objects."""

from __future__ import annotations

import difflib
import time
import warnings
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from assay.checks.catalog import CHECKS, Check
from assay.checks.experiments.failing_step import reason_of
from assay.checks.explanation import explain
from assay.checks.given.arguments import refuse_wrong_budget, refuse_wrong_objects, refuse_wrong_plan, refuse_wrong_seed
from assay.checks.given.batches import map_tensors, split_batch
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loss_of_tensor import loss_of_tensor
from assay.checks.given.model_call import call_model, output_tensor
from assay.checks.given.pipeline import CheckResult, Pipeline, TrainingStep
from assay.checks.given.state_trace import seed_everything, state_trace
from assay.checks.given.usable_loader import readable_loader, refuse_wrong_validation, sample_batches
from assay.checks.given.usable_loss import refuse_wrong_result
from assay.checks.given.usable_model import copy_of_model
from assay.checks.losses.loss_kind import LossKind
from assay.checks.losses.loss_recognition import recognise, takes_alone
from assay.errors import InputError
from assay.finding import Finding, Report, Skipped
from assay.monitors.missing_weights import refuse_model_without_weights
from assay.randomness import derive_seed


def verify(
    model: nn.Module,
    train_loader: Iterable[Any],
    loss_fn: Callable[..., Any],
    optimizer: Optimizer,
    val_loader: Iterable[Any] | None = None,
    training_step: TrainingStep | None = None,
    scheduler: Any = None,
    scheduler_interval: str = "step",
    epochs: float | None = None,
    seed: int = 0,
    budget_seconds: float = 60,
    *,
    ignore: Collection[str] = (),
) -> Report:
    """Check a training program before it is trusted; everything given is as before afterwards.

    Args:
        train_loader: anything that can be iterated anew, giving (inputs, targets) or mappings of them.
        loss_fn: loss_fn(outputs, targets) gives one number.
        training_step: training_step(model, batch, optimizer) -> loss, your own step; the usual one if None.
        scheduler_interval: what one scheduler.step() stands for.
        epochs: planned length of the training; without it no schedule can be judged.
        budget_seconds: no check starts after this; results for less time are a prefix.
        ignore: ids of checks to leave out.

    Raises:
        TypeError: model, loss_fn, optimizer, training_step, scheduler or seed is something else.
        ValueError: seed is negative, or budget_seconds, epochs or scheduler_interval out of its range.
        InputError: a loader is empty or used up by reading, a batch cannot be taken apart, or the model cannot take it,
            has no weights yet, or cannot be copied.
    """
    refuse_wrong_objects(model, loss_fn, optimizer, training_step, scheduler)
    ignore = [ignore] if isinstance(ignore, str) else ignore
    refuse_unknown_ids(ignore)
    refuse_wrong_seed(seed)
    refuse_wrong_budget(budget_seconds)
    refuse_wrong_plan(scheduler_interval, epochs)
    begin = time.monotonic()
    pipeline = make_pipeline(
        model, train_loader, loss_fn, optimizer, val_loader, training_step, scheduler, scheduler_interval, epochs, seed
    )
    report = run_checks(pipeline, begin + budget_seconds, ignore=ignore)
    return replace(report, seconds=time.monotonic() - begin)


def refuse_unknown_ids(ids: Collection[str]) -> None:
    """Raises:
    InputError: one of them is no check's, as misspelt it would ignore nothing.
    """
    known = [name for name, _ in CHECKS]
    for name in [ids] if isinstance(ids, str) else ids:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f"did you mean {near[0]!r}?" if near else f"the checks are {', '.join(known)}"
            raise InputError(f"ignore: there is no check {name!r}; {meant}")


def make_pipeline(
    model: nn.Module,
    train_loader: Iterable[Any],
    loss_fn: Callable[..., Any],
    optimizer: Optimizer,
    val_loader: Iterable[Any] | None = None,
    training_step: TrainingStep | None = None,
    scheduler: Any = None,
    scheduler_interval: str = "step",
    epochs: float | None = None,
    seed: int = 0,
) -> Pipeline:
    """What `verify` hands to each check: the objects, sampled batches and the recognised loss; leaves no trace."""
    refuse_wrong_seed(seed)
    refuse_model_without_weights(model)
    loaders = (readable_loader(train_loader, "train_loader"), readable_loader(val_loader, "val_loader"))
    owned, called = (model, optimizer, scheduler, loss_fn), (training_step, loss_fn)
    with torch.enable_grad(), state_trace(owned, called, loaders):
        seed_everything(derive_seed(seed, "verify", "sample"))
        batches = sample_batches(loaders[0])
        if loaders[1] is not None:
            refuse_wrong_validation(loaders[1])
        loss_fn, kind = _recognised(model, loss_fn, batches[0])
    return Pipeline(
        model, loaders[0], loss_fn, optimizer, loaders[1], training_step, scheduler, scheduler_interval, epochs, seed,
        batches, kind,
    )  # fmt: skip


def run_checks(
    pipeline: Pipeline,
    deadline: float,
    *,
    ignore: Collection[str] = (),
    on_check: Callable[[str], object] = lambda name: None,
) -> Report:
    """All checks in their order; none starts after the deadline, a reading of the monotonic clock.

    Args:
        on_check: told the id of each check before it is made.
    """
    begin = time.monotonic()
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    over = False
    for name, check in CHECKS:
        over = over or time.monotonic() >= deadline
        if name in ignore:
            result: CheckResult = Skipped(name, "ignored, as asked")
        elif over:
            result = Skipped(name, "budget")
        else:
            on_check(name)
            result = run_check(name, check, pipeline)
        if isinstance(result, Skipped):
            skipped.append(result)
        else:
            findings.extend(result)
    return Report("verify", explain(findings), tuple(skipped), time.monotonic() - begin)


def run_check(name: str, check: Check, pipeline: Pipeline) -> list[Finding] | Skipped:
    """One check without a trace; what it cannot do becomes the reason why it was skipped."""
    with torch.enable_grad(), pipeline.traceless(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the user's code has said them already; as errors they would hide faults
        pipeline.seed_for(name)
        try:
            return check(pipeline)
        except CannotCheckError as reason:
            return Skipped(name, str(reason))
        except (Exception, SystemExit) as error:  # a stranger's code may raise anything; the other checks still count
            return Skipped(name, reason_of(pipeline, error), failed=True)


Loss = Callable[..., Any]


def _recognised(model: nn.Module, loss_fn: Loss, batch: Any) -> tuple[Loss, LossKind]:
    """The kind of the loss, and the loss as one of the output tensor alone where it can be one."""
    inputs, targets = split_batch(batch)
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    copied = copy_of_model(model).eval()
    try:
        with torch.no_grad():
            whole = call_model(copied, map_tensors(lambda tensor: tensor.to(device), inputs))
    except Exception as error:
        shapes: list[Any] = []
        map_tensors(lambda tensor: shapes.append((tuple(tensor.shape), str(tensor.dtype))), inputs)
        raise InputError(
            f"model: it must accept the inputs of train_loader, but raised {type(error).__name__}: {error} "
            f"for inputs {shapes}; fix forward or the loader"
        ) from error
    targets = map_tensors(lambda tensor: tensor.to(device), targets)
    refuse_wrong_result(loss_fn, whole, targets)
    try:
        outputs = output_tensor(whole)
    except CannotCheckError:
        return loss_fn, LossKind("unknown")
    if outputs is not whole and not takes_alone(loss_fn, whole, outputs, targets):
        adapted = loss_of_tensor(loss_fn, whole, targets)
        if adapted is None:
            return loss_fn, LossKind("unknown")  # probing it with one tensor would tell of another loss
        loss_fn = adapted
    return loss_fn, recognise(loss_fn, outputs, targets)
