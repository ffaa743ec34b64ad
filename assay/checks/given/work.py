"""How much an experiment may cost: large networks are asked the same questions with fewer examples or steps.

Work is counted, not timed, so that the same program gets the same experiments on every machine:

    training work of an example = 3 x multiply-adds x 2 of its forward pass

A network of a few thousand weights is never limited. A ResNet-18 on 32x32 images (3.3e9 operations a training example)
may train on about 75 examples in one experiment, some seconds on two cores.

Source: Kaplan et al. 2020 (arXiv:2001.08361), section 2.1: backward costs twice forward.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from assay.checks.given.batches import count_examples, take_examples
from assay.checks.given.pipeline import Pipeline

ALLOWED, FEW_STEPS = 2.5e11, 10
LIGHT = 2e8
"""Operations an example: 32 examples in each of 40 steps stay within what one experiment is allowed."""


def training_work(pipeline: Pipeline) -> float:
    """Floating-point operations to train on one example; at least what its weights take once, as where the counter does
    not know a kernel (recurrent layers on a CPU) or stops at a derivative that forward takes.
    """
    batch, model = pipeline.examples(2), pipeline.evaluation_copy()
    counter = FlopCounterMode(display=False)
    try:
        with counter, torch.no_grad():
            pipeline.forward(model, batch)
    except RuntimeError as error:
        if "_will_engine_execute_node" not in str(error):  # the counter's hooks bear no torch.autograd.grad
            raise
    weights = sum(p.numel() for p in pipeline.model.parameters())
    return 3.0 * max(counter.get_total_flops() / 2, 2.0 * weights, 1.0)


def is_light(pipeline: Pipeline) -> bool:
    """Whether experiments may be long and repeated: a step on 32 examples costs milliseconds."""
    return pipeline.once(training_work) <= LIGHT


def step_batches(pipeline: Pipeline) -> tuple[Any, ...]:
    """The sampled batches to take steps on, cut to fewer examples where each one costs; use with `pipeline.once`."""
    return tuple(few_examples(pipeline, batch) for batch in pipeline.batches)


def few_examples(pipeline: Pipeline, batch: Any) -> Any:
    """The batch, or as many of its first examples as a few steps can afford."""
    size = count_examples(batch)
    rows = affordable_rows(pipeline, wanted=size, steps=FEW_STEPS, fewest=4)
    return batch if rows == size else take_examples(batch, range(rows))


def affordable_rows(pipeline: Pipeline, *, wanted: int, steps: int, fewest: int = 2, allowed: float = ALLOWED) -> int:
    """Examples in each of `steps` training steps so that all of them stay within what is allowed."""
    return max(min(fewest, wanted), min(wanted, int(allowed / steps / pipeline.once(training_work))))


def affordable_steps(pipeline: Pipeline, *, wanted: int, rows: int, fewest: int = 2, allowed: float = ALLOWED) -> int:
    """Training steps on `rows` examples each that stay within what is allowed."""
    return max(min(fewest, wanted), min(wanted, int(allowed / rows / pipeline.once(training_work))))
