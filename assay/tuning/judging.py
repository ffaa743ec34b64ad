"""What the best few are worth on fresh seeds, and what the winner gains on examples that the search never saw.

The best of many draws owes its place to luck too: of its seed, and of the validation examples that it was chosen on.
So the best few are trained again on fresh seeds and compared on the examples of the search; the winner's gain over the
recipe's own settings is then measured on yet other seeds, pair by pair, on the part of the validation split that was
kept back. Settings that diverge on fresh seeds lose against such as do not, whatever their other seeds say.

Source: Bouthillier et al. 2021 (arXiv:2103.03098): paired seeds; Cawley & Talbot 2010 (JMLR 11): a selection's own
score flatters it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Bool, Float

from assay.data.data import Data
from assay.data.loader import order_for_epoch
from assay.intervals import wilson_interval
from assay.paired import interval_and_power, root_sum_square, variances_of_mean
from assay.recipe import Recipe
from assay.trial import MeasureAll, Trial
from assay.tuning.yardstick import Yardstick

KEPT_BACK = 1 / 3
"""Share of the validation split that judges and does not choose."""


@dataclass(frozen=True, eq=False)
class Parts:
    """The validation split in two, by the places of its examples. chosen_on, judged_on: (n,) whole numbers."""

    chosen_on: np.ndarray
    judged_on: np.ndarray

    def data_of_search(self, data: Data) -> Data:
        """What the search sees."""
        return replace(data, validation=data.validation.select(torch.from_numpy(self.chosen_on)))


def keep_back(data: Data, seed: int) -> Parts:
    """A seeded third of the validation examples is kept back."""
    order = order_for_epoch(len(data.validation), seed, -4).numpy()
    kept = max(1, round(KEPT_BACK * len(order)))
    return Parts(np.sort(order[kept:]), np.sort(order[:kept]))


@dataclass(frozen=True)
class Reached:
    """A mean of the metric over fresh seeds with its 95 % interval, on the n examples that were kept back."""

    value: float
    low: float
    high: float
    seeds: int
    n: int


@dataclass(frozen=True)
class Gain:
    """The winner against the recipe's own settings: the mean paired difference with its 95 % interval.

    before, after: means of the metric. n: paired seeds on which both finished, of which all figures are; examples: that
    judged. With fewer than two such seeds the difference is 0 between -1 and 1, and the means are nan.
    diverged, own_diverged: the seeds on which the winner, and the recipe's own settings, came to no finite loss.
    sign: 1 where higher is better, else -1. reached, own_reached: what each came to; None of fewer than two seeds.
    """

    before: float
    after: float
    estimate: float
    low: float
    high: float
    detectable: float
    n: int
    examples: int
    diverged: tuple[int, ...] = ()
    own_diverged: tuple[int, ...] = ()
    sign: int = 1
    reached: Reached | None = None
    own_reached: Reached | None = None

    @property
    def verdict(self) -> str:
        """Settings that diverge more often are worse, whatever the seeds say on which they did not."""
        if len(self.diverged) != len(self.own_diverged):
            return "hurts" if len(self.diverged) > len(self.own_diverged) else "helps"
        if self.low <= 0 <= self.high:
            return "no measurable effect"
        return "helps" if self.sign * self.estimate > 0 else "hurts"

    @property
    def is_better(self) -> bool:
        """Whether the winner is to be kept: it did better, measurably or not."""
        return self.verdict == "helps" or (self.verdict != "hurts" and self.sign * self.estimate > 0)


@dataclass(frozen=True)
class Finalists:
    """Means of the best few over fresh seeds, in the order they were given; infinite of those that diverged on any.

    half_width: of the 95 % intervals of all their differences at once, those that diverged left out.
    """

    means: tuple[float, ...]
    best: int
    seeds: int
    half_width: float

    @property
    def spread(self) -> float:
        """Between the best and the last of those that finished."""
        finished = [mean for mean in self.means if math.isfinite(mean)]
        return max(finished) - min(finished) if finished else 0.0

    @property
    def within_noise(self) -> bool:
        """Whether the best few differ by no more than seeds and examples make them, and none diverged."""
        return all(map(math.isfinite, self.means)) and self.spread <= self.half_width


def compare_finalists(
    recipes: Sequence[Recipe], measure_all: MeasureAll, parts: Parts, seeds: Sequence[int],
    yardstick: Yardstick | None = None,
) -> Finalists:  # fmt: skip
    """Train each on the same fresh seeds; losses on the examples that choose tell those apart whose metrics tie.

    Where trials keep no answers, the earlier of such is the best: their losses are of the examples kept back, too.
    """
    yardstick = yardstick or Yardstick()
    trials = measure_all([(recipe, seed) for recipe in recipes for seed in seeds])
    rows = [trials[place * len(seeds) : (place + 1) * len(seeds)] for place in range(len(recipes))]
    tables = [scores_on(row, parts.chosen_on, yardstick) for row in rows]
    ends = [finished(row).all() for row in rows]
    worst = -yardstick.sign * math.inf
    means = [float(table.mean()) if ended else worst for table, ended in zip(tables, ends, strict=True)]
    losses = losses_on(rows, parts.chosen_on)
    order = sorted(range(len(recipes)), key=lambda place: (-yardstick.sign * means[place], losses[place]))
    compared = [table for table, ended in zip(tables, ends, strict=True) if ended]
    return Finalists(tuple(means), order[0], len(seeds), half_width_of_all(compared) if len(compared) > 1 else 0.0)


def losses_on(rows: Sequence[Sequence[Trial]], places: np.ndarray) -> list[float]:
    """(rows,) means on these examples, infinite where they are no number; all alike where a trial keeps no answers."""
    tables = [[trial.answers.losses[places] for trial in row if trial.answers is not None] for row in rows]
    if any(len(table) < len(row) for table, row in zip(tables, rows, strict=True)):
        return [0.0] * len(rows)
    means = [float(np.mean(table)) for table in tables]
    return [math.inf if math.isnan(mean) else mean for mean in means]


def half_width_of_all(tables: Sequence[Float[np.ndarray, "seeds examples"]]) -> float:
    """How far apart two of them may be by luck, with 95 % certainty for all pairs at once.

        half^2 = q_seeds^2 / 2 * from_seeds + q_examples^2 / 2 * from_examples

    q: the studentized range of so many means, with (tables - 1) (seeds - 1) and (tables - 1) (examples - 1) degrees of
    freedom; from_seeds, from_examples: as in `assay.paired`, means over all pairs.

    Source: Tukey 1953, The problem of multiple comparisons; with two tables it is Student's t of `assay.paired`.
    """
    count, (seeds, examples) = len(tables), tables[0].shape
    variances = np.mean([variances_of_mean(b - a) for a, b in itertools.combinations(tables, 2)], axis=0)
    if not variances.any():
        variances = np.array([float(tables[0].size) ** -2.0, 0.0])
    freedoms = [(count - 1) * max(1, number - 1) for number in (seeds, examples)]
    factors = [factor_of_all(count, freedom) for freedom in freedoms]
    return root_sum_square(factors, variances.tolist())


@lru_cache(maxsize=64)
def factor_of_all(count: int, freedom: int) -> float:
    """Standard errors of a difference of two that all differences of so many stay within in 95 % of cases."""
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(0.95, count, freedom)) / math.sqrt(2)


def measure_gain(
    own: Recipe, winner: Recipe, measure_all: MeasureAll, parts: Parts, seeds: Sequence[int],
    yardstick: Yardstick | None = None,
) -> Gain:  # fmt: skip
    """Both on the same seeds, judged on the examples that were kept back.

    Raises:
        ValueError: fewer than two seeds.
    """
    if len(seeds) < 2:
        raise ValueError(f"seeds must be at least two to pair, got {len(seeds)}; five are usual")
    yardstick = yardstick or Yardstick()
    trials = measure_all([(recipe, seed) for seed in seeds for recipe in (own, winner)])
    ends = [finished(trials[place::2]) for place in (0, 1)]
    broken = [tuple(seed for seed, ended in zip(seeds, each, strict=True) if not ended) for each in ends]
    both = ends[0] & ends[1]
    count, examples, sign = int(both.sum()), len(parts.judged_on), yardstick.sign
    if count < 2:
        return Gain(math.nan, math.nan, 0.0, -1.0, 1.0, 1.0, count, examples, broken[1], broken[0], sign)
    before, after = (scores_on(trials[place::2], parts.judged_on, yardstick)[both] for place in (0, 1))
    estimate, (half, detectable) = float((after - before).mean()), interval_and_power(after - before)
    return Gain(float(before.mean()), float(after.mean()), estimate, estimate - half, estimate + half, detectable,
                count, examples, broken[1], broken[0], sign, reached(after), reached(before))  # fmt: skip


def measure_own(
    own: Recipe, measure_all: MeasureAll, parts: Parts, seeds: Sequence[int], yardstick: Yardstick | None = None
) -> Reached | None:
    """What the recipe's own settings come to, where nothing beat them; None where fewer than two seeds finished."""
    trials = measure_all([(own, seed) for seed in seeds])
    ended = [trial for trial, is_finished in zip(trials, finished(trials), strict=True) if is_finished]
    return reached(scores_on(ended, parts.judged_on, yardstick or Yardstick())) if len(ended) > 1 else None


def reached(scores: Float[np.ndarray, "seeds examples"]) -> Reached:
    """The mean with its interval over seeds and examples.

    Of right and wrong answers it is at least as wide as Wilson's over the examples: where all are right, Student's t
    knows no luck.
    """
    (seeds, n), value = scores.shape, float(scores.mean())
    half, _ = interval_and_power(scores)
    low, high = value - half, value + half
    if np.isin(scores, (0.0, 1.0)).all():
        ends = wilson_interval(round(value * n), n)
        low, high = max(0.0, min(low, ends[0])), min(1.0, max(high, ends[1]))
    return Reached(value, low, high, seeds, n)


def finished(trials: Sequence[Trial]) -> Bool[np.ndarray, " trials"]:
    """Which of them came to a finite loss and finite scores."""
    return np.array([math.isfinite(one.loss) and bool(np.isfinite(one.example_scores).all()) for one in trials])


def scores_on(trials: Sequence[Trial], places: np.ndarray, yardstick: Yardstick) -> np.ndarray:
    """(seeds, examples) of these trials on these examples."""
    return np.stack([yardstick.scores(trial, places) for trial in trials])
