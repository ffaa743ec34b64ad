"""Which hyperparameters mattered: the share of the variance of the trials' ranks that goes with each, by a forest.

    rank of a trial:    by what it showed after the same part of a training as all others; those that diverged come last
    importance of j = (error with j permuted - error) / (2 variance)        both on trials that the trees did not see

over independent uniform draws this estimates the total Sobol index E[(f(x) - f(x with another x_j))^2] / (2 var f):
those of a first random round, or of a grid. Trials of a search that learns, of later rounds or of a bracket crowd
around what did well, so that with them it is the importance among what was tried. The estimate of a setting that does
nothing is 0 on average, now above and now below; what is told of it is cut to [0, 1], as a share is. The interval is
over resamples of the trials. Ranks, not the metric itself: one trial that failed altogether would be all the variance.

Trials are compared where most of them were seen, and of such places at the last: usually at the first look, from which
the poor half does not go on. A trial that was stopped there and one that was trained whole differ in length first of
all, and a forest would explain that.

Source: Breiman 2001 (permutation of out-of-bag examples); Saltelli et al. 2010, table 2 (the total index); Hutter et
al. 2014 (importance of hyperparameters by a forest over the trials).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from assay.randomness import derive_seed
from assay.tuning.searched import Searched
from assay.tuning.space import Space, is_inside, shares_of

RESAMPLES, TREES, PERMUTATIONS = 60, 10, 4
FEWEST_TRIALS, FEWEST_EACH = 12, 5
"""At least so many, and so many for each setting; below that a forest tells nothing."""


@dataclass(frozen=True)
class Importance:
    """estimate: mean over resamples; low, high: of 95 % of them; shares of the variance, all in [0, 1]."""

    name: str
    estimate: float
    low: float
    high: float

    @property
    def is_told(self) -> bool:
        """Whether it is more than nothing."""
        return self.low > 0


@dataclass(frozen=True)
class Compared:
    """Trials inside a space that were seen after the same part of a training, and those that diverged.

    share: that part, in (0, 1]. ranks: (trials,) by what they showed there, the worst at 0; equal ones share theirs.
    """

    share: float
    trials: tuple[Searched, ...]
    ranks: Float[np.ndarray, " trials"]


def measure_importance(space: Space, found: Sequence[Searched], seed: int = 0) -> tuple[Importance, ...]:
    """Of each dimension, over the trials inside the space that can be compared.

    Returns:
        The largest first; empty where trials are too few, or all are alike.
    """
    compared = compare_equally_long(space, found)
    if len(compared.trials) < fewest_trials(space) or np.ptp(compared.ranks) == 0:
        return ()
    shares = np.array([shares_of(space, one.settings) for one in compared.trials])
    drawn = resampled_importance(shares, compared.ranks, seed)
    told = np.clip([drawn.mean(axis=0), *np.quantile(drawn, [0.025, 0.975], axis=0)], 0.0, 1.0)
    rows = [Importance(name, *map(float, told[:, j])) for j, name in enumerate(space)]
    return tuple(sorted(rows, key=lambda row: -row.estimate))


def compare_equally_long(space: Space, found: Sequence[Searched]) -> Compared:
    """Trials inside the space where most of them were seen; of places with as many, at the last."""
    from scipy.stats import rankdata

    inside = [one for one in found if is_inside(space, one.settings)]
    places = Counter(share for one in inside for share in one.seen)
    share = max(places, key=lambda place: (places[place], place), default=1.0)
    trials = tuple(one for one in inside if one.diverged or share in one.seen)
    shown = [one.seen.get(share, -math.inf) for one in trials]
    return Compared(share, trials, rankdata(shown) - 1.0 if shown else np.zeros(0))


def fewest_trials(space: Space) -> int:
    """That importance is told of."""
    return max(FEWEST_TRIALS, FEWEST_EACH * len(space))


def resampled_importance(
    shares: Float[np.ndarray, "trials settings"], values: Float[np.ndarray, " trials"], seed: int
) -> Float[np.ndarray, "resamples settings"]:
    """The importance by each resample whose trees left out at least two trials that differ."""
    from sklearn.ensemble import ExtraTreesRegressor

    random, rows = np.random.default_rng(derive_seed(seed, "importance")), []
    for number in range(RESAMPLES):
        chosen = random.integers(len(values), size=len(values))
        left = np.setdiff1d(np.arange(len(values)), chosen)
        spread = values.var()
        if len(left) < 2 or not spread:
            continue
        forest = ExtraTreesRegressor(TREES, min_samples_leaf=2, random_state=number).fit(shares[chosen], values[chosen])
        error = np.square(values[left] - forest.predict(shares[left])).mean()
        rows.append([_harm(forest, shares, left, values, j, random, error) / (2 * spread)
                     for j in range(shares.shape[1])])  # fmt: skip
    return np.array(rows)


def _harm(
    forest: object, shares: np.ndarray, left: np.ndarray, values: np.ndarray, j: int, random: np.random.Generator,
    error: float,
) -> float:  # fmt: skip
    """How much larger the error is with setting j drawn from any of the trials, as a mean of some permutations."""
    tables = np.repeat(shares[left][None], PERMUTATIONS, axis=0)
    tables[:, :, j] = shares[random.integers(len(shares), size=(PERMUTATIONS, len(left))), j]
    told = forest.predict(tables.reshape(-1, shares.shape[1])).reshape(PERMUTATIONS, -1)  # type: ignore[attr-defined]
    return float(np.square(values[left] - told).mean() - error)
