"""That a mean over classes hangs on a few examples, and what that does to its intervals.

HELD is how often 95 % intervals of a mean over five classes held the truth, three of which had so few examples (of 5:
two, and one of 10), by both kinds of interval with 3, 5 and 12 seeds: 1,000 drawn studies each
(`benchmarks/ablation/bench_metrics.py --rare`).
"""

from __future__ import annotations

from collections.abc import Mapping

from assay.ablation.judge import RARE
from assay.ablation.studied import Study
from assay.finding import Finding

HELD: Mapping[str, Mapping[int, tuple[int, int]]] = {
    "recall": {2: (89, 93), 3: (93, 97), 5: (95, 97)},
    "f1": {2: (96, 97), 3: (95, 97), 5: (94, 96)},
}
"""By metric and by examples of the rare classes: the least and the most of six rows, in percent."""


def tell_rare_classes(study: Study) -> Finding | None:
    """None where no class is rare, or where rare ones count no more than their examples."""
    judge = study.judge
    count, fewest = judge.rare_classes, judge.fewest_of_a_class
    if not count:
        return None
    whose = "1 class has" if count == 1 else f"{count} classes have"
    known = HELD.get(judge.metric.name, {})
    like = max((size for size in known if size <= fewest), default=0)
    held = known.get(like)
    narrow = (
        f"Where classes had {like}, 95 % intervals held the truth in {held[0]} to {held[1]} % of drawn studies."
        if held else "Intervals may be too narrow."
    )  # fmt: skip
    return Finding(
        "rare_classes", "note",
        f"{whose} fewer than {RARE} validation examples, the smallest {fewest}, and "
        f"{'counts' if count == 1 else 'count'} as much as any in {judge.metric.title}. {narrow}",
        {"rare_classes": count, "fewest_examples": fewest, "held_percent": list(held or ())},
        fix="Set more validation examples of these classes aside, or take --metric accuracy.",
        source="1,000 drawn studies a row, benchmarks/ablation/bench_metrics.py --rare.",
    )  # fmt: skip
