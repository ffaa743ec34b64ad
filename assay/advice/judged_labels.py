"""How many labels several models contradict, from the table that `assay clean` left.

Source: the run's own cleaning; Northcutt et al. 2021, Confident Learning.
"""

from __future__ import annotations

from pathlib import Path

from assay.run_folder import AUDIT


def read_judged(folder: Path, examples: int | None) -> tuple[tuple[int, int] | None, tuple[str, ...]]:
    """Training labels judged there, and those that were flagged; None of no such table, or of other data's.

    And what is said of a table that is there and cannot be read.

    Args:
        examples: in the run's training split; a table of another number of them is of other data.
    """
    table = folder / AUDIT
    if not table.is_file():
        return None, ()
    import polars as pl

    try:
        flagged = pl.read_parquet(table, columns=["split", "flagged"]).filter(pl.col("split") == "train")["flagged"]
    except (OSError, pl.exceptions.PolarsError):
        return None, (f"{table}: is no table of assay clean, or is cut short; which labels it doubts is not known",)
    if not len(flagged) or (examples is not None and len(flagged) != examples):
        return None, ()
    return (len(flagged), int(flagged.sum())), ()
