"""What examples that are also in training did to a score: the score with and without them, as a finding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assay.audit.similar.leaked_score import LeakedScore, Share, score_without_leaked
from assay.figure import Forest, Interval
from assay.finding import Finding

if TYPE_CHECKING:
    import polars as pl

GROUPS = ("duplicate_group", "near_group")
SOURCE = "Barz and Denzler 2020, Do We Train on Test Data?, section 5 (arXiv:1902.00423)"


def leaked_ids(table: pl.DataFrame, *, split: str = "test", other: str = "train") -> set[str]:
    """Of the examples of one split, those in a group of equal or nearly equal ones with an example of the other.

    Rows of test and training that chance makes equal, as in a coarse table, have not leaked.
    """
    import polars as pl

    if "equal_by_chance" in table.columns and {split, other} == {"train", "test"}:
        table = table.filter(~pl.col("equal_by_chance"))
    found = set[str]()
    for column in (name for name in GROUPS if name in table.columns):
        there = table.filter((pl.col("split") == other) & pl.col(column).is_not_null())[column].unique()
        here = table.filter((pl.col("split") == split) & pl.col(column).is_in(there.implode()))
        found.update(here["id"].to_list())
    return found


def tell_leaked(path: Path, ids: Sequence[str], correct: np.ndarray) -> Finding | None:
    """The score without the test examples that the audit's table tells to be in training too; None where none is.

    Args:
        path: of the audit's table; without a file there is nothing to tell.
        ids: of the test examples. correct: (n,) whether each was answered right.
    """
    import polars as pl

    if not path.is_file():
        return None
    known = leaked_ids(pl.read_parquet(path))
    leaked = np.array([id in known for id in ids], dtype=bool)
    if not leaked.any() or leaked.all():
        return None
    score = score_without_leaked(correct, leaked)
    assert score.leaked is not None
    low, high = (100 * end for end in score.change_interval)
    return Finding(
        "score_without_leaked",
        "note",
        f"{score.leaked.n:,} of {score.everything.n:,} test examples are in training too, equal or nearly equal: "
        f"without them the accuracy is {score.without_leaked.accuracy:.2%}, with them {score.everything.accuracy:.2%} "
        f"(change {100 * score.change:+.2f} points [{low:+.2f}, {high:+.2f}]).",
        {"leaked": score.leaked.n, "n": score.everything.n, "accuracy": score.everything.accuracy,
         "accuracy_without_leaked": score.without_leaked.accuracy, "accuracy_of_leaked": score.leaked.accuracy,
         "change": score.change, "interval": list(score.change_interval)},
        cause="What was seen in training may be known by heart.",
        fix="Give the score without them, and take them out of training or test (assay inspect shows the pairs).",
        source=SOURCE,
        figures=(_figure(score, score.leaked),),
    )  # fmt: skip


def _figure(score: LeakedScore, leaked: Share) -> Forest:
    rows = {"all": score.everything, "without those in training": score.without_leaked, "in training too": leaked}
    named = ((f"{name}, n={share.n:,}", share) for name, share in rows.items())
    return Forest(
        "Accuracy on the test split", "accuracy", tuple(Interval(name, s.accuracy, *s.interval) for name, s in named)
    )
