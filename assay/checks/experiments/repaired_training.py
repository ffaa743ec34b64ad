"""The user's own short training beside the same one with one suspect repaired: does it go decisively farther?

    gain = progress of the repaired training - progress of the own one, after as many updates, from the same seeds

A counterfactual and no threshold on a magnitude: only a gain of decisive size from every seed counts. Both are
trained by the user's own step, optimiser and rate, for as long as the repaired one takes to go far, at most three times
the usual number of updates.

Source: Karpathy 2019, A Recipe for Training Neural Networks (change one thing at a time).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.experiments.own_training import OwnRun, material, train_own
from assay.checks.given.pipeline import CannotCheckError, Pipeline, asks_for_closure
from assay.checks.given.work import is_light
from assay.checks.learning_rate import DECISIVE, scale_of_progress

SEEDS, LONGER, POINTS = 3, 3, 12
FAR = 2 * DECISIVE
Training = Callable[..., OwnRun]
"""Takes the pipeline and, by name, `updates` and `seed`, as `train_own` does; a repair also `points` and `enough`."""


@dataclass(frozen=True)
class Contrast:
    """Progress by seed, from 0 for the best constant output to 1 for the floor of the loss."""

    updates: int
    own: tuple[float, ...]
    repaired: tuple[float, ...]

    def told(self) -> str:
        """Both in words."""
        return (
            f"in {self.updates} updates of the own training {self.percent(max(self.own))} or less of the way from the "
            f"best constant output to the loss's floor is made, and {self.percent(min(self.repaired))} or more "
            f"repaired ({len(self.own)} seeds each)"
        )

    @staticmethod
    def percent(progress: float) -> str:
        """A share of the way; what is worse than the best constant output made none of it."""
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
        scale, longest = pipeline.once(scale_of_progress), pipeline.once(material).updates * LONGER
        if not (pipeline.once(judged_by_loss) if is_judged is None else is_judged):
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
    except CannotCheckError:
        return None
    return Contrast(first.updates[-1], tuple(before for before, _ in pairs), tuple(after for _, after in pairs))
