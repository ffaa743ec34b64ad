"""What a recipe costs: seconds, memory and floating-point operations of an optimiser update, and its parameters.

    cost = measure_cost(baseline | SAM(0.05), data)

Updates are sampled at places all over the training, a few in a row at each, since schedules change what an update
is: images grow, batches grow, every tenth update takes two passes. Each is first counted, then timed without being
watched:

    operations = mean over the sampled updates
    seconds    = mean over them of the median seconds of all with as many operations, once warm
    peak       = the largest over them

Two floating-point operations are one multiply-add. Counted are matrix products, convolutions and attention, forward and
backward, of all passes of an update, those of an optimiser (Muon's) too; elementwise work, norms and pools, and with
them the arithmetic of most optimisers, are not, nor what comes before the first update or judges the network.
A sample is an estimate where updates differ by their number: `sampled` tells how many there were.

Source: PyTorch's own `FlopCounterMode`; He et al. 2018 (arXiv:1812.01187), table 5, counts multiply-adds instead.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from assay.data.data import Data
from assay.device import choose_device
from assay.loop import training_steps
from assay.models.counting import count_parameters
from assay.peak_memory import watch_peak
from assay.recipe import Recipe
from assay.training import Training

PLACES, IN_A_ROW = 5, 10
"""Ten in a row tell exactly what every second, fifth or tenth update adds."""


@dataclass(frozen=True)
class Cost:
    """Of one optimiser update, averaged over a training.

    steps: updates of the training; sampled: how many of them were measured.
    """

    seconds_per_step: float
    peak_bytes: int
    flops_per_step: float
    parameters: int
    steps: int
    sampled: int

    @property
    def seconds(self) -> float:
        """Of all updates, without looks at validation."""
        return self.seconds_per_step * self.steps

    @property
    def flops(self) -> float:
        """Of all updates: what to compare where batches grow, and updates become fewer."""
        return self.flops_per_step * self.steps


def measure_cost(
    recipe: Recipe,
    data: Data,
    *,
    device: str | torch.device | None = None,
    seed: int = 0,
    places: int = PLACES,
    in_a_row: int = IN_A_ROW,
) -> Cost:
    """Train a throw-away network at a few places of the recipe's schedules.

    Args:
        places, in_a_row: at least 1; more updates than there are count once.
    Raises:
        ValueError: places or in_a_row is below 1.
        RecipeError: the recipe is for other data.
    """
    if places < 1 or in_a_row < 1:
        raise ValueError(f"places and in_a_row must be at least 1, got {places} and {in_a_row}; 5 and 10 are usual")
    device = choose_device(device)
    with watch_peak(device) as peak:
        training = Training(recipe, data, seed=seed, device=device, evaluations=0, monitored=False)
        windows = sample_windows(training.total_steps, places, in_a_row)
        counted = [flops for window in windows for flops in _count(training, window)]
    _time(training, windows[0])  # warms what the counting left cold
    timed = [update for window in windows for update in _time(training, window)]
    return Cost(
        seconds_per_step=typical_seconds(counted, timed),
        peak_bytes=peak.bytes,
        flops_per_step=statistics.fmean(counted),
        parameters=count_parameters(training.learner.model),
        steps=training.total_steps,
        sampled=len(counted),
    )


def measure_seconds_ratio(
    recipe: Recipe, other: Recipe, data: Data, *, device: str | torch.device | None = None, seed: int = 0
) -> float:
    """Seconds of a whole training by those of another, without looks at validation.

    Both are sampled as by `measure_cost`, but in turn, place by place: what else slows the machine slows both, where
    two measurements a minute apart may differ by half on a busy one.
    """
    device = choose_device(device)
    pair = [Training(one, data, seed=seed, device=device, evaluations=0, monitored=False) for one in (recipe, other)]
    windows = [sample_windows(training.total_steps, PLACES, IN_A_ROW) for training in pair]
    counted, timed = ([], []), ([], [])
    for place in range(max(map(len, windows))):
        for side in (0, 1) if place % 2 == 0 else (1, 0):
            if place < len(windows[side]):
                counted[side].extend(_count(pair[side], windows[side][place]))
                timed[side].extend(_time(pair[side], windows[side][place]))
    mine, others = (typical_seconds(counted[side], timed[side]) * pair[side].total_steps for side in (0, 1))
    return mine / others


def sample_windows(steps: int, places: int, in_a_row: int) -> list[range]:
    """Stretches of a training, the same share of it around each: all of it where it is no longer than they."""
    if steps <= places * in_a_row:
        return [range(steps)]
    starts = (round((place + 0.5) * steps / places - in_a_row / 2) for place in range(places))
    return [range(start, start + in_a_row) for start in starts]


@dataclass(frozen=True)
class Timed:
    """Seconds of one update, its batch included. sets_up: also what a stretch of updates begins with."""

    seconds: float
    sets_up: bool


def typical_seconds(counted: Sequence[float], timed: Sequence[Timed]) -> float:
    """Mean over updates of the median of those with as many operations.

    A median of all would hide every tenth update that takes twice as long; a mean would believe every hiccup of the
    machine. Updates that set up something count only where there are no others of their kind.
    """
    alike = defaultdict[float, list[Timed]](list)
    for flops, update in zip(counted, timed, strict=True):
        alike[flops].append(update)
    medians = {}
    for flops, updates in alike.items():
        plain = [update.seconds for update in updates if not update.sets_up]
        medians[flops] = statistics.median(plain or [update.seconds for update in updates])
    return statistics.fmean(medians[flops] for flops in counted)


def _count(training: Training, window: range) -> list[float]:
    """Operations of each update."""
    # Imported here: it pulls in a large part of PyTorch that training does not need.
    from torch.utils.flop_counter import FlopCounterMode

    counts = [0]
    with FlopCounterMode(display=False) as counter:
        for _ in _updates(training, window):
            counts.append(counter.get_total_flops())
    return [float(after - before) for before, after in pairwise(counts)]


def _time(training: Training, window: range) -> list[Timed]:
    """Seconds of each update."""
    moments = [time.perf_counter()]
    for _ in _updates(training, window):
        moments.append(time.perf_counter())
    return [Timed(after - before, place == 0) for place, (before, after) in enumerate(pairwise(moments))]


def _updates(training: Training, window: range) -> Iterator[float]:
    """The losses of these updates; waited for, since an accelerator works behind the program's back."""
    feed, total = training.feed, training.total_steps
    batches, clocks = feed.batches(window, total), feed.timetable.clocks(window, total)
    for step in training_steps(training.learner, batches, clocks, seed=training.seed):
        yield float(step.loss)
