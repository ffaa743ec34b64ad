"""A training that stands still at its own rate, in all that is planned: does it learn faster, or by the usual epsilon?

    own: the better of the own rate, and of the rate that makes a few updates as good as all that are planned
    raised: the same updates by the same step with the default epsilon, or at 10 to a million times the rate

The floor of the loss need not be known: raised, every part of the examples must end below where any began.

Source: Goodfellow et al. 2016, section 11.4.1; Kingma and Ba 2015 (arXiv:1412.6980), algorithm 1 (epsilon).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from torch.optim import Optimizer

from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.experiments.own_training import material, own_run, train_own
from assay.checks.experiments.planned_length import planned_updates
from assay.checks.experiments.planned_training import planned_training
from assay.checks.experiments.repaired_training import Contrast, Training, has_learned, standstill
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import is_light

HIGHER = (10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
FEWEST = 10.0


@dataclass(frozen=True)
class Raised:
    """What makes the training learn: a factor of the rate, or a smaller epsilon; beside how many planned updates."""

    contrast: Contrast
    stretch: float
    planned_words: str
    factor: float = 1.0
    epsilon: float | None = None


def raised_rate(pipeline: Pipeline) -> Raised | None:
    """None unless the own training stands still and a raised one learns, from every seed.

    Raises:
        CannotCheckError: the planned length is not known.
    """
    if not is_light(pipeline) or not pipeline.once(judged_by_loss) or has_learned(pipeline, pipeline.once(own_run)):
        return None
    updates = pipeline.once(material).updates
    planned, words = planned_updates(pipeline)
    stretch = max(FEWEST, planned / updates)
    own = planned_training(planned, fewest=FEWEST)
    if has_learned(pipeline, own(pipeline, updates=updates, seed=0)):
        return None
    for factor, epsilon, repaired in _repairs(pipeline, stretch):
        found = standstill(pipeline, repaired, own, updates)
        if found is not None:
            return Raised(found, stretch, words, factor, epsilon)
    return None


def _repairs(pipeline: Pipeline, stretch: float) -> Iterator[tuple[float, float | None, Training]]:
    epsilon = usual_epsilon(pipeline.optimizer)
    if epsilon is not None and any(float(group["eps"]) > epsilon for group in pipeline.optimizer.param_groups):
        yield 1.0, epsilon, partial(train_own, epsilon=epsilon)
    for factor in HIGHER:
        if factor > stretch:
            yield factor, None, partial(train_own, rate_factor=factor)


def usual_epsilon(optimizer: Optimizer) -> float | None:
    """The default of the optimiser's own class; None where it has none."""
    default = inspect.signature(type(optimizer).__init__).parameters.get("eps")
    has_one = all("eps" in group for group in optimizer.param_groups)
    return default.default if has_one and default is not None and isinstance(default.default, float) else None
