"""How much an experiment may cost: large networks are asked the same questions with fewer examples or steps.

Work is counted, not timed, so that the same program gets the same experiments on every machine:

    training work of an example = 3 x multiply-adds x 2 of its forward pass

A network of a few thousand weights is never limited. A ResNet-18 on 32x32 images (3.3e9 operations a training example)
may train on about 75 examples in one experiment, some seconds on two cores.

Source: Kaplan et al. 2020 (arXiv:2001.08361), section 2.1: backward costs twice forward.
"""

from __future__ import annotations

import torch
from torch.utils.flop_counter import FlopCounterMode

from assay.checks.pipeline import Pipeline

ALLOWED = 2.5e11


def training_work(pipeline: Pipeline) -> float:
    """Floating-point operations to train on one example; at least what its weights take once, as where the counter does
    not know a kernel (recurrent layers on a CPU).
    """
    batch = pipeline.examples(2)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        pipeline.forward(pipeline.evaluation_copy(), batch)
    return 3.0 * max(counter.get_total_flops() / 2, 2.0 * sum(p.numel() for p in pipeline.model.parameters()))


def affordable_rows(pipeline: Pipeline, *, wanted: int, steps: int, fewest: int = 2, allowed: float = ALLOWED) -> int:
    """Examples in each of `steps` training steps so that all of them stay within what is allowed."""
    return max(min(fewest, wanted), min(wanted, int(allowed / steps / pipeline.once(training_work))))


def affordable_steps(pipeline: Pipeline, *, wanted: int, rows: int, fewest: int = 2, allowed: float = ALLOWED) -> int:
    """Training steps on `rows` examples each that stay within what is allowed."""
    return max(min(fewest, wanted), min(wanted, int(allowed / rows / pipeline.once(training_work))))
