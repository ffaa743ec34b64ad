"""The table of a cleaning: a row for each example of all splits, in their order.

id, split, label       as in the table of an inspection
p_MEMBER               each member's out-of-fold probability of the label
margin                 mean over members of log p[label] - log p[best other]; below 0 they prefer another
votes_for_label        members that hold the label for likeliest
answer, votes          the pool's likeliest class, and how many members hold it for likeliest
score                  of the pool; higher is more suspicious, above 0 it prefers another class
best_member_score      of the best single member alone
flagged, action, proposal   see `assay.audit.labels.fusion.Fusion`
area_under_margin, confidence, variability, forgotten   how the label was learnt, mean over networks and folds
sample                 place in the random draw for review, from 1; empty where it was not drawn
decision               of the reviewers: keep, relabel, drop, unsure or conflict
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assay.audit.cleaning.judging import Judged
from assay.audit.cleaning.reviewed import Reviewed
from assay.audit.labels.fusion import Fusion
from assay.whole_file import replacing

if TYPE_CHECKING:
    import polars as pl

KEYS = ("id", "split", "label")


def make_label_table(judged: Judged, fusion: Fusion, reviewed: Reviewed) -> pl.DataFrame:
    """All columns."""
    import polars as pl

    classes = judged.data.specification.classes
    names, rows = np.array(classes, dtype=object), np.arange(len(fusion))
    votes, dynamics = fusion.choices == fusion.answer[:, None], judged.dynamics
    own = {column_of(name): values[rows, fusion.labels] for name, values in judged.probabilities.items()}
    margins = -np.mean([values for values in fusion.member_scores.values()], axis=0)
    columns = {
        "id": list(judged.ids), "split": judged.split.tolist(), "label": names[fusion.labels].tolist(), **own,
        "margin": margins,
        "votes_for_label": (fusion.choices == fusion.labels[:, None]).sum(1),
        "answer": names[fusion.answer].tolist(), "votes": votes.sum(1),
        "score": fusion.score, "best_member_score": fusion.best_member_score,
        "flagged": fusion.flagged, "action": fusion.action.tolist(),
        "proposal": [classes[to] if to >= 0 else None for to in fusion.proposal.tolist()],
    }  # fmt: skip
    if dynamics is not None:
        columns |= vars(dynamics)
    columns["sample"] = [place or None for place in reviewed.sample.tolist()]
    columns["decision"] = [decision or None for decision in reviewed.decision]
    kinds = {"proposal": pl.String, "decision": pl.String, "sample": pl.Int64}
    return pl.DataFrame(columns, schema_overrides=kinds)


def column_of(member: str) -> str:
    """The column of a member: words without spaces, so that conditions in SQL need no quotes."""
    return "p_" + re.sub(r"\W+", "_", member.lower()).strip("_")


def save_beside(table: pl.DataFrame, path: Path) -> None:
    """Write the table as Parquet, whole or not at all; columns that an inspection left there of the same rows stay."""
    import polars as pl

    if path.is_file():
        try:
            there = pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError):
            there = pl.DataFrame()
        if set(KEYS) <= set(there.columns) and there.select(KEYS).equals(table.select(KEYS)):
            others = [name for name in there.columns if name not in table.columns]
            table = pl.concat([table.select(KEYS), there.select(others), table.drop(KEYS)], how="horizontal")
    with replacing(path) as unfinished:
        table.write_parquet(unfinished)
