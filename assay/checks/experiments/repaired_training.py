"""The user's own short training beside the same one with one suspect repaired: does it go decisively farther?

    gain = progress of the repaired training - progress of the own one, after as many updates, from the same seeds

A counterfactual and no threshold on a magnitude: only a gain of decisive size from every seed counts. Both are
trained by the user's own step, optimiser and rate, for as long as the repaired one takes to go far, at most three times
the usual number of updates. Where the floor of the loss is not known, or is far off, the own training must stand still.

Source: Karpathy 2019, A Recipe for Training Neural Networks (change one thing at a time).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.experiments.own_training import OwnRun, material, train_own
from assay.checks.experiments.progress import DECISIVE, scale_of_progress
from assay.checks.experiments.short_training import measure
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline, asks_for_closure
from assay.checks.given.work import is_light

SEEDS, LONGER, POINTS = 3, 3, 12
FAR = 2 * DECISIVE
STILL = 0.1
Training = Callable[..., OwnRun]
"""Takes the pipeline and, by name, `updates` and `seed`, as `train_own` does; a repair also `points` and `enough`."""


@dataclass(frozen=True)
class Contrast:
    """Progress by seed, from 0 to 1 on the way that is named."""

    updates: int
    own: tuple[float, ...]
    repaired: tuple[float, ...]
    way: str = "from the best constant output to the loss's floor"

    def told(self, by: str) -> str:
        """Both in words.

        Args:
            by: what repairs the training, with its preposition, as "by the mean".
        """
        return (
            f"in {self.updates} updates your own training makes at most {self.percent(max(self.own))} of the way "
            f"{self.way}, and at least {self.percent(min(self.repaired))} {by} ({len(self.own)} seeds each)"
        )

    @staticmethod
    def percent(progress: float) -> str:
        """A share of the way; what is worse than its begin made none of it."""
        return f"{max(progress, 0.0):.0%}"


def contrast(
    pipeline: Pipeline, repaired: Training, own: Training = train_own, *, is_judged: bool | None = None
) -> Contrast | None:
    """The gain of a repair where every seed shows it; None where one does not, or where nothing can be judged.

    Args:
        is_judged: whether loss_fn may judge the own step; found out by its first update if None.
    """
    if not is_light(pipeline) or asks_for_closure(pipeline.optimizer):
        return None
    try:
        longest = pipeline.once(material).updates * LONGER
        if not (pipeline.once(judged_by_loss) if is_judged is None else is_judged):
            return None
        return _gain(pipeline, repaired, own, longest) or standstill(pipeline, repaired, own, longest)
    except CannotCheckError:
        return None


def _gain(pipeline: Pipeline, repaired: Training, own: Training, longest: int) -> Contrast | None:
    try:
        scale = pipeline.once(scale_of_progress)
    except CannotCheckError:
        return None
    far = scale.reference - FAR * (scale.reference - scale.floor)
    first = repaired(pipeline, updates=longest, seed=0, points=POINTS, enough=lambda loss: loss <= far)
    if scale.progress(first) < DECISIVE:
        return None
    pairs: list[tuple[float, float]] = []
    for seed in range(SEEDS):
        runs = [training(pipeline, updates=first.updates[-1], seed=seed) for training in (own, repaired)]
        pairs.append((max(scale.progress(runs[0]), 0.0), max(scale.progress(runs[1]), 0.0)))
        if pairs[-1][1] - pairs[-1][0] < DECISIVE:
            return None
    return Contrast(first.updates[-1], tuple(before for before, _ in pairs), tuple(after for _, after in pairs))


def standstill(pipeline: Pipeline, repaired: Training, own: Training, updates: int) -> Contrast | None:
    """Every seed learns repaired, and makes at most a tenth of that way as it is; no floor has to be known.

    share = (start - lowest loss) / (start - lowest loss repaired), start of either training, the lower
    """
    shares: list[float] = []
    for seed in range(SEEDS):
        after = repaired(pipeline, updates=updates, seed=seed)
        if not has_learned(pipeline, after):
            return None
        before = own(pipeline, updates=updates, seed=seed)
        way = min(before.losses[0], after.losses[0]) - after.best
        share = max((before.losses[0] - before.best) / way, 0.0) if way > 0 else 1.0
        if not share <= STILL:
            return None
        shares.append(share)
    way = "from the start to the lowest loss that is reached"
    return Contrast(updates, tuple(shares), (1.0,) * SEEDS, way)


def has_learned(pipeline: Pipeline, run: OwnRun) -> bool:
    """Every part of the examples has a lower loss after the training than any part had before it."""
    parts, start = pipeline.once(material).parts, pipeline.trial().model
    before = min(measure(pipeline, start, part) for part in parts)
    return max(measure(pipeline, run.model, part) for part in parts) < before
