"""Groups that straddle splits: files or rows of one person, film or batch on both sides, and alike.

    F           = spread between groups / spread within them, of scores without the class (`ranked`)
    likeness    = (F - 1) / (F - 1 + usual size of a group)                     (intraclass correlation)

A name or a column is a guess; it counts where its groups are alike beyond their class in some column: by Fisher's F
test, times the number of columns and guesses.

Source: Kapoor and Narayanan 2023, Leakage and the reproducibility crisis in machine-learning-based science (L3.2: train
and test are not independent); Fisher 1925 (analysis of variance, intraclass correlation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from assay.audit.dependence.named_columns import group_by_columns
from assay.audit.dependence.named_groups import group_by_names
from assay.audit.dependence.ranked import Ranked
from assay.finding import Finding

CHANCE = 1e-3
ALIKE = 0.1  # likeness from which it is an alert; this audit's own
LEAST = 60
SHOWN = 20
SOURCE = "Kapoor and Narayanan 2023, Leakage and the reproducibility crisis in machine-learning-based science"


@dataclass(frozen=True)
class Grouping:
    """One way to group the examples, and how alike the members of a group are in the column where they are most.

    option: what --group would take.
    """

    option: str
    groups: Int[np.ndarray, " n"]
    count: int
    column: str
    likeness: float
    chance: float


def find_straddling_groups(ranked: Ranked) -> list[Finding]:
    """`suspect` where groups by name or column lie in several splits and are alike; else nothing."""
    if len(ranked.ids) < LEAST:
        return []
    by_names = [(pattern, groups, "") for pattern, groups in group_by_names(ranked.ids, ranked.strata.tolist())]
    guesses = [*by_names, *((name, groups, name) for name, groups in group_by_columns(ranked))]
    judged = [_judge(ranked, option, groups, named, len(guesses)) for option, groups, named in guesses]
    alike = [one for one in judged if one is not None and one.chance < CHANCE and one.likeness >= ALIKE]
    findings = [_finding(ranked, one) for one in sorted(alike, key=lambda one: -one.likeness)]
    return [finding for finding in findings if finding is not None][:1]


def _judge(ranked: Ranked, option: str, groups: list[str], named: str, guesses: int) -> Grouping | None:
    names, place = np.unique(groups, return_inverse=True)
    place = place.reshape(-1)
    asked = [at for at, column in enumerate(ranked.columns) if column != named and ranked.scores[:, at].any()]
    if not asked:
        return None
    likeness, chances = likeness_within(ranked.scores[:, asked], place)
    chances = np.minimum(1.0, chances * len(asked) * guesses)
    # The most alike of those that are surely so.
    best = int(np.where(chances < CHANCE, likeness, -np.inf).argmax())
    return Grouping(option, place, len(names), ranked.columns[asked[best]], float(likeness[best]), float(chances[best]))


def likeness_within(
    scores: Float[np.ndarray, "n columns"], groups: Int[np.ndarray, " n"]
) -> tuple[Float[np.ndarray, " columns"], Float[np.ndarray, " columns"]]:
    """Intraclass correlation of each column in these groups, and its chance, were groups formed by lot."""
    from scipy.stats import f

    groups = np.unique(groups, return_inverse=True)[1].reshape(-1)
    sizes = np.bincount(groups).astype(np.float64)
    count, n = len(sizes), len(groups)
    sums = np.stack([np.bincount(groups, weights=column) for column in scores.T], 1)
    between = (sums**2 / sizes[:, None]).sum(0) - n * scores.mean(0) ** 2
    within = np.maximum(((scores - scores.mean(0)) ** 2).sum(0) - between, 1e-12)
    ratio = (between / (count - 1)) / (within / (n - count))
    usual = (n - (sizes**2).sum() / n) / (count - 1)
    return (ratio - 1) / (ratio - 1 + usual), f.sf(ratio, count - 1, n - count)


def _finding(ranked: Ranked, found: Grouping) -> Finding | None:
    homes = np.zeros((found.count, len(ranked.names)), dtype=bool)
    homes[found.groups, ranked.splits] = True
    torn = np.flatnonzero(homes.sum(1) > 1)
    if not len(torn):
        return None
    trained = ranked.splits == (ranked.names.index("train") if "train" in ranked.names else 0)
    shared = ~trained & np.isin(found.groups, found.groups[trained])
    first = {int(group): ranked.ids[row] for row, group in reversed(list(enumerate(found.groups.tolist())))}
    return Finding(
        "groups_straddle_splits",
        "suspect",
        f"{len(torn):,} of {found.count:,} groups by {found.option!r} lie in several splits, and their members are "
        f"alike beyond their class ({found.column}: {found.likeness:.2f} on a scale to 1): "
        f"{int(shared.sum()):,} of {int((~trained).sum()):,} examples that judge have a relative in train.",
        {"n": len(ranked.ids), "groups": found.count, "straddling": len(torn), "likeness": found.likeness,
         "column": found.column, "group": found.option, "limit": ALIKE, "judged": int((~trained).sum()),
         "judged_with_a_relative": int(shared.sum()), "such_as": [first[int(group)] for group in torn[:SHOWN]]},
        cause="Examples of one person, film, device or batch were divided one by one: the score partly measures how "
        "well they are recognised.",
        fix=f"Split again with each group in one split: --group '{found.option}'.",
        source=SOURCE,
    )  # fmt: skip
