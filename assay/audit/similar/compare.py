"""All examples compared with all, if there is the time: who is nearly equal, and who is alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.audit.equal_groups import EqualGroups
from assay.audit.example_table import add_groups
from assay.audit.similar.foresight import TooLong
from assay.audit.similar.like_examples import find_like_examples
from assay.audit.similar.near_duplicates import find_near_duplicates
from assay.audit.similar.outliers import find_outliers, measure_loneliness, score_outliers
from assay.data.data import Data
from assay.finding import Finding, Skipped
from assay.saying import Say, silent

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Comparison:
    """What comparing found.

    table: with `near_group` of images and `outlier_score`, where they are known.
    """

    table: pl.DataFrame
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def compare_examples(
    data: Data, equals: EqualGroups, table: pl.DataFrame, *, seconds: float, seed: int = 0, say: Say = silent
) -> Comparison:
    """Near duplicates of images, and outliers of images and rows.

    Args:
        table: of the audit; its rows are those of `equals`.
        seconds: what would take longer is given up and said.
    """
    if not data.specification.is_image:
        return _with_outliers(data, equals, table, measure_loneliness(data, equals, seconds=seconds, say=say))
    like = find_like_examples(data, equals, seconds=seconds, seed=seed, say=say)
    if isinstance(like, Skipped):
        return Comparison(table, skipped=(like,))
    grouped = add_groups(table, "near_group", like.group)
    found = _with_outliers(data, equals, grouped, _of_copies_too(like.loneliness, equals.group))
    return Comparison(found.table, (*find_near_duplicates(data, like), *found.findings))


def _with_outliers(
    data: Data, equals: EqualGroups, table: pl.DataFrame, loneliness: np.ndarray | TooLong | None
) -> Comparison:
    import polars as pl

    if isinstance(loneliness, TooLong):
        reason = f"to compare {len(equals.group):,} examples takes about {loneliness.seconds:.1f} s"
        return Comparison(table, skipped=(Skipped("outliers", f"{reason}; give a larger budget"),))
    if loneliness is None:
        return Comparison(table)
    is_classified = data.specification.task == "classification"
    labels = np.concatenate([scan.targets.numpy() for scan in equals.scans]) if is_classified else None
    scores = pl.Series("outlier_score", score_outliers(loneliness, labels)).fill_nan(None)
    table = table.with_columns(scores)
    return Comparison(table, tuple(find_outliers(data, equals, table)))


def _of_copies_too(loneliness: np.ndarray, group: np.ndarray) -> np.ndarray:
    """What is known of one of several equal examples, for all of them."""
    known = np.isfinite(loneliness)
    of_group = np.full(int(group.max()) + 1, np.nan)
    of_group[group[known]] = loneliness[known]
    return of_group[group]
