"""What a training step says of outputs that the network never gave: its loss, and the gradient they get.

A hook on a copy of the model puts a leaf in place of the outputs, so the user's own step and loss answer unchanged.

Source: PyTorch documentation of register_forward_hook (what it returns takes the place of the output).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from assay.checks.experiments.own_step import number_of
from assay.checks.experiments.wrong_answers import only_tensor
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.model_call import with_output_tensor
from assay.checks.given.pipeline import Pipeline


@dataclass(frozen=True)
class Reply:
    """What the training step says of made-up outputs: its loss, and whether any of them got a gradient."""

    confidence: float
    loss: float
    gradient: float


def reply_to(pipeline: Pipeline, batch: Any, outputs: Tensor, confidence: float, *, attached: bool = False) -> Reply:
    """Make the training step of a copy with these outputs in place of the network's.

    Args:
        attached: the network gets gradients too, all of them 0, as a gradient scaler wants to see some.
    """
    trial, made = pipeline.trial(), []

    def replace(_module: Any, _inputs: Any, found: Any) -> Any:
        if only_tensor(found).shape != outputs.shape:
            raise CannotCheckError("the training step calls the model on something else than the batch")
        made.append(outputs.to(only_tensor(found)).detach().clone().requires_grad_())
        return with_output_tensor(found, made[-1] + (0.0 * only_tensor(found).nan_to_num() if attached else 0.0))

    trial.model.register_forward_hook(replace)
    pipeline.seed_for("loss_clipping")
    try:
        loss = number_of(trial.step(batch))
    except (RuntimeError, AssertionError) as error:
        if isinstance(error, AssertionError) and not attached:
            return reply_to(pipeline, batch, outputs, confidence, attached=True)
        if "does not require grad" in str(error):  # a loss made without the outputs
            return Reply(confidence, math.nan, 0.0)
        raise CannotCheckError(f"the training step does not work on made-up outputs: {error}") from error
    if not made:
        raise CannotCheckError("the training step does not call the model itself")
    gradients = [leaf.grad for leaf in made if leaf.grad is not None]
    return Reply(confidence, loss, max((float(gradient.abs().max()) for gradient in gradients), default=0.0))
