"""Stage 2, verify: is this pipeline correct, from loader to optimiser step? For any PyTorch objects."""

from __future__ import annotations

import copy
import difflib
import math
import time
import warnings
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.utils.data import DataLoader

from assay.checks.catalog import CHECKS, Check
from assay.checks.explanation import explain
from assay.checks.given.arguments import refuse_wrong_objects
from assay.checks.given.batches import count_examples, map_tensors, split_batch
from assay.checks.given.pipeline import CannotCheckError, CheckResult, Pipeline, TrainingStep, call_model, output_tensor
from assay.checks.given.state_trace import seed_everything, state_trace
from assay.checks.losses.loss_kind import LossKind, recognise, takes_alone
from assay.errors import InputError
from assay.finding import Finding, Report, Skipped
from assay.randomness import derive_seed

SAMPLED_EXAMPLES, SAMPLED_BATCHES = 1024, 8


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
        TypeError: model, loss_fn, optimizer, training_step or scheduler is something else.
        InputError: a loader is empty or used up by reading, a batch cannot be taken apart, or the model cannot take it.
    """
    refuse_wrong_objects(model, loss_fn, optimizer, training_step, scheduler)
    ignore = [ignore] if isinstance(ignore, str) else ignore
    refuse_unknown_ids(ignore)
    for name, value in (("budget_seconds", budget_seconds), ("epochs", epochs)):
        if not isinstance(value, (int, float)) and not (name == "epochs" and value is None):
            raise TypeError(f"{name} must be a number, got {type(value).__name__} {value!r:.40}; pass e.g. 60")
    if not budget_seconds > 0:
        raise ValueError(f"budget_seconds must be positive, got {budget_seconds}; the usual value is 60")
    if scheduler_interval not in ("step", "epoch"):
        raise ValueError(f"scheduler_interval must be 'step' or 'epoch', got {scheduler_interval!r}; choose one")
    if epochs is not None and not 0 < epochs < math.inf:
        raise ValueError(f"epochs must be positive and finite, got {epochs}; pass the planned length of the training")
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
    loaders = (readable_loader(train_loader, "train_loader"), readable_loader(val_loader, "val_loader"))
    owned, called = (model, optimizer, scheduler, loss_fn), (training_step, loss_fn)
    with torch.enable_grad(), state_trace(owned, called, loaders):
        seed_everything(derive_seed(seed, "verify", "sample"))
        batches = sample_batches(loaders[0])
        if loaders[1] is not None and next(iter(loaders[1]), None) is None:
            raise InputError("val_loader must give at least one batch, got none; check its data set, or pass None")
        kind = _recognised(model, loss_fn, batches[0])
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
            return Skipped(name, f"the check failed with {type(error).__name__}: {error}")


def readable_loader(loader: Any, name: str) -> Any:
    """The loader, or for torch's own a twin that shares data and sampler but no running iterator."""
    if loader is None and name == "val_loader":
        return None
    if not hasattr(loader, "__iter__") or isinstance(loader, (str, bytes)):
        raise InputError(
            f"{name} must be iterable, got {type(loader).__name__}; pass a DataLoader or a list of batches"
        )
    if hasattr(loader, "__next__"):
        raise InputError(
            f"{name} must be iterable anew, got an iterator ({type(loader).__name__}), which reading uses up; "
            "pass the loader itself"
        )
    if isinstance(loader, DataLoader):
        twin = copy.copy(loader)
        twin._iterator = None
        return twin
    return loader


def sample_batches(loader: Iterable[Any]) -> tuple[Any, ...]:
    """The first batches, up to 8 of them or 1024 examples, as copies of their own."""
    batches: list[Any] = []
    count = 0
    for batch in loader:
        split_batch(batch)
        batches.append(map_tensors(torch.clone, batch))
        count += count_examples(batch)
        if count >= SAMPLED_EXAMPLES or len(batches) >= SAMPLED_BATCHES:
            break
    if not batches:
        raise InputError("train_loader must give at least one batch, got none; check its data set and drop_last")
    return tuple(batches)


def _recognised(model: nn.Module, loss_fn: Callable[..., Any], batch: Any) -> LossKind:
    inputs, targets = split_batch(batch)
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    try:
        with torch.no_grad():
            whole = call_model(copy.deepcopy(model).eval(), map_tensors(lambda tensor: tensor.to(device), inputs))
    except Exception as error:
        shapes: list[Any] = []
        map_tensors(lambda tensor: shapes.append((tuple(tensor.shape), str(tensor.dtype))), inputs)
        raise InputError(
            f"model: it must accept the inputs of train_loader, but raised {type(error).__name__}: {error} "
            f"for inputs {shapes}; fix forward or the loader"
        ) from error
    targets = map_tensors(lambda tensor: tensor.to(device), targets)
    try:
        outputs = output_tensor(whole)
    except CannotCheckError:
        return LossKind("unknown")
    if outputs is not whole and not takes_alone(loss_fn, whole, outputs, targets):
        return LossKind("unknown")  # probing it with one tensor would tell of another loss
    return recognise(loss_fn, outputs, targets)
