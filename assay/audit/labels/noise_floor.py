"""How many labels are wrong at least: what the judges' own errors cannot explain.

    disputed(u)  =  floor + (1 - floor) / (1 + exp(a + b u))        b >= 1/2
    u            =  normal score of the rank of the pool's sureness

A judge errs less the surer it is, and where classes overlap or judges are weak, disputes go on falling to the surest
examples: a and b explain them, and the floor is 0. Wrong labels are disputed however clear the example is: disputes
then stay level. The floor is its lower limit (95 %, by the likelihood), less how often the judges dispute the pool's
answer among themselves on its clearest quarter: an error that some of them make there, all of them can make. Noise
that sits on hard examples is not seen: it is a lower bound.

Measured: 3,000 Fashion-MNIST images, a line, neighbours, a small network and a forest out of fold, noise of 5, 10 and
40 % by class, by instance and on ambiguous examples, and none, two seeds each: above the planted share in 0 of 20,
above 0 in 9 of the 18 with noise (by instance 6 of 6, by class 3 of 6, on ambiguous examples 0 of 6). On CIFAR-10's
test labels, with judges that agree with 33 to 41 % of them, it is 0; people voted 0.54 % to be wrong.

Source: Wichmann and Hill 2001, Perception & Psychophysics 63, 1293-1313 (the lapse rate of a psychometric function);
Venzon and Moolgavkar 1988, Applied Statistics 37, 87-94 (limits by the likelihood).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

from assay.audit.labels.members import log_margin
from assay.audit.labels.transition import clear_examples

BINS = 60
CANDIDATES = 60
STARTS, SLOPES = np.linspace(-8.0, 12.0, 81), np.geomspace(0.5, 16.0, 24)
"""a and b. Judges whose sureness tells less of their errors than the least b give level disputes, too."""
LIMIT = 1.92
"""Of the logarithm of the likelihood: half the 95 % quantile of a chi-square of one degree."""


def noise_floor(
    pool: Float[np.ndarray, "n classes"],
    labels: Int[np.ndarray, " n"],
    choices: Int[np.ndarray, "n members"],
) -> float:
    """The least share of wrong labels, 0 where the judges' own errors may explain every dispute.

    Args:
        choices: the class each member holds for likeliest.
    """
    answer = pool.argmax(1)
    apart = (choices != answer[:, None])[clear_examples(pool)]
    return max(0.0, _lowest_level(log_margin(pool, answer), answer != labels) - float(apart.mean()))


def _lowest_level(sureness: Float[np.ndarray, " n"], disputed: Bool[np.ndarray, " n"]) -> float:
    from scipy.stats import norm, rankdata

    n = len(sureness)
    place = (rankdata(sureness) - 0.5) / n
    where = np.minimum((place * BINS).astype(int), BINS - 1)
    sizes, wrong = np.bincount(where, minlength=BINS), np.bincount(where, disputed, BINS)
    scores = np.bincount(where, norm.ppf(place), BINS) / np.maximum(sizes, 1)
    levels = np.linspace(0.0, min(0.95, float(disputed.mean())), CANDIDATES)
    likelihoods = np.array([_likelihood(scores, sizes, wrong, level) for level in levels.tolist()])
    return float(levels[likelihoods >= likelihoods.max() - LIMIT][0])


def _likelihood(scores: np.ndarray, sizes: np.ndarray, wrong: np.ndarray, level: float) -> float:
    """The highest log-likelihood at a level, over the other two numbers; a grid, as it has several summits."""
    from scipy.special import expit

    chance = level + (1 - level) * expit(-(STARTS[:, None, None] + SLOPES[None, :, None] * scores))
    chance = np.clip(chance, 1e-9, 1 - 1e-9)
    return float((np.log(chance) @ wrong + np.log1p(-chance) @ (sizes - wrong)).max())
