"""Does a training step work at all? Where it does not, every experiment that trains fails for the same reason."""

from __future__ import annotations

import os
import sysconfig
import traceback
from pathlib import Path
from typing import Any

import torch

import assay
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import step_batches


def failing_step(pipeline: Pipeline) -> Exception | SystemExit | None:
    """What the training step raises on a whole batch of its own loader; None where it works. For `pipeline.once`.

    Raises:
        CannotCheckError: a copy cannot be trained.
    """
    error: Exception | SystemExit | None = None
    for batch in (pipeline.once(step_batches)[0], pipeline.batches[0]):  # fewer examples may be too few for it
        pipeline.seed_for("parameters_trained")
        try:
            pipeline.trial().step(batch)
            return None
        except CannotCheckError:
            raise
        except (Exception, SystemExit) as raised:  # a stranger's code may raise anything
            error = raised
    return error


def failing_loss(pipeline: Pipeline) -> str:
    """What loss_fn raises on the outputs for a batch; "" where it works, or where the model itself fails."""
    try:
        outputs = pipeline.forward(pipeline.evaluation_copy(), pipeline.batches[0])
    except Exception:
        return ""
    try:
        pipeline.loss_fn(outputs, pipeline.targets(pipeline.batches[0]))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def place_of(error: BaseException) -> str:
    """` (train.py, line 12)`: the innermost line of the user's own code that it came from; "" if there is none."""
    installed = [str(Path(module.__file__ or "").parent) for module in (assay, torch)]
    others = [folder + os.sep for folder in (*installed, *map(sysconfig.get_path, ("stdlib", "purelib")))]
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith((*others, "<"))]
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def items_of(batch: Any) -> int:
    """How many items a batch has that is a sequence; 0 for all others."""
    return len(batch) if isinstance(batch, (tuple, list)) else 0


def reason_of(pipeline: Pipeline, error: BaseException) -> str:
    """Why a check raised this: a scripted network, a step or loss that fails, or else what the error says."""
    told = f"{type(error).__name__}: {error}"
    if "not supported on ScriptModules" in str(error):
        return "a scripted network does not show what happens inside; give the module itself, before torch.jit"
    try:
        refusal = pipeline.once(failing_step)
    except Exception:  # no copy can be trained: the error is another one
        refusal = None
    if refusal is None and (loss_error := failing_loss(pipeline)):
        if (items := items_of(pipeline.batches[0])) > 2:
            return (
                f"loss_fn raises {loss_error} for the second of {items} items of a batch, which is taken as the "
                "targets; let the loader give pairs (inputs, targets), with several targets in a tuple"
            )
        return (
            f"loss_fn raises {loss_error} for what the model returns; inputs go in without their targets, so that a "
            "loss of the model's own needs loss_fn(outputs, targets)"
        )
    if refusal is None:
        return f"the check failed with {told}"
    also = "" if str(refusal) == str(error) else f" (here: {told})"
    return f"a step of the training fails{also}; see parameters_trained"
