"""A table with a row for every example, and what audits know of each joined to it.

An audit whose time ran out lacks rows, and one from a file may be of another order: rows are found by split, id
and, where ids repeat, by the how-many-th of its name it is.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING

from assay.audit.counts import splits_of
from assay.audit.names import label_of, table_columns
from assay.audit.table_cells import table_cells
from assay.audit.texts.passages import stand_ins_of
from assay.data.data import Data
from assay.errors import InputError

if TYPE_CHECKING:
    import polars as pl

MOST_FEATURES = 100
KEYS = ("split", "id", "occurrence")
OURS = ("digest", "mean", "low", "high", "non_finite", "score", "flagged", "action", "proposal", "answer", "votes",
        "decision", "decided_label", "reviewers", "duplicate_group", "near_group", "outlier_score", "sample",
        "margin", "votes_for_label", "occurrence", "is_audited")  # fmt: skip
"""What audits may call their columns."""
TRUTHS = {"True": True, "False": False, "true": True, "false": False, "TRUE": True, "FALSE": False}
OVER_COLUMNS = ("mean", "low", "high")


def list_examples(data: Data) -> pl.DataFrame:
    """row, id, split and label of every example, which takes no look at inputs."""
    import polars as pl

    parts = []
    for name, split in splits_of(data).items():
        targets = split.targets.tolist()
        labels = (
            targets if data.specification.task == "regression" else [label_of(data.specification, t) for t in targets]
        )
        parts.append(pl.DataFrame({"id": list(split.ids), "split": [name] * len(split), "label": labels},
                                  schema_overrides={"id": pl.String, "split": pl.String}))  # fmt: skip
    filled = [part for part in parts if len(part)]
    return pl.concat(filled).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


def add_features(examples: pl.DataFrame, data: Data) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The columns of the user's own table beside ours, to filter and sort by, and what they are called here.

    One that is called like a column of ours gets `_value` at its end; one of true and false is yes or no.
    """
    import polars as pl
    import torch

    is_known = bool(table_columns(data.specification))
    filled = [split.inputs for split in splits_of(data).values() if len(split)]
    inputs = [part for part in filled if isinstance(part, torch.Tensor)]
    if not is_known or len(inputs) < len(filled):
        return examples, ()
    found = dict[str, pl.Series]()
    for name, cells in islice(table_cells(data.specification, torch.cat(inputs), stand_ins_of(data)), MOST_FEATURES):
        name = free_name(name, [*examples.columns, *found])
        found[name] = pl.Series(name, cells)
        if set(cells) <= set(TRUTHS):
            found[name] = pl.Series(name, [TRUTHS[str(cell)] for cell in cells], dtype=pl.Boolean)
    return examples.with_columns(*found.values()), tuple(found)


def free_name(name: str, taken: Collection[str]) -> str:
    """What a column of the user's is called beside those that are taken, now or by an audit to come."""
    while name in taken or name in OURS:
        name += "_value"
    return name


def senseless(data: Data) -> tuple[str, ...]:
    """Columns of an audit that tell nothing of a row: means and ends over columns of unlike units, or over lengths."""
    return OVER_COLUMNS if table_columns(data.specification) else ()


def add_audit(
    examples: pl.DataFrame, audit: pl.DataFrame, *, name: str = "the audit", left_out: Collection[str] = ()
) -> pl.DataFrame:
    """The table with all columns of the audit's; empty where it has no such row.

    Args:
        left_out: columns of the audit that are not shown.
    Raises:
        InputError: the table has no columns id and split, or none of its examples is one of these.
    """
    import polars as pl

    missing = [column for column in ("id", "split") if column not in audit.columns]
    if missing:
        raise InputError(f"{name} must be a table of an audit with columns id and split, lacks {missing[0]!r}; "
                         "give what `assay inspect --out` or `assay clean` wrote")  # fmt: skip
    counted = pl.int_range(pl.len()).over("split", "id").alias("occurrence")
    there = {*examples.columns, *left_out} - {"id", "split"}
    known = [column for column in audit.columns if column in there]
    joined = examples.with_columns(counted).join(
        audit.drop(known).with_columns(counted, pl.lit(True).alias("is_audited")), on=list(KEYS), how="left",
        maintain_order="left",
    )  # fmt: skip
    if not joined["is_audited"].any():
        raise InputError(f"{name} knows none of these {len(examples):,} examples; is it of another source?")
    return joined.drop("occurrence", "is_audited")
