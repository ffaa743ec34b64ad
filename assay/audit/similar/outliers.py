"""Outliers: examples that are far from all others, and from those of their own class.

    outlier_score = d / median of d over its class        with d the distance to the 10th nearest other example
    outlier: log outlier_score is beyond the outer fence, Q3 + 3 (Q3 - Q1)

A score of 1 is usual for its class; classes differ in how alike their members are. Of images distances are those of
`near_pictures`; of rows those of columns at mean 0 and deviation 1.

Source: distance to the k-th neighbour: Ramaswamy, Rastogi and Shim 2000, Efficient Algorithms for Mining Outliers
from Large Data Sets; the fence: Tukey 1977, Exploratory Data Analysis, section 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from assay.audit.equal_groups import EqualGroups
from assay.audit.fences import upper_fence
from assay.audit.names import feature_names, kind_of
from assay.audit.similar.foresight import TooLong, foresee
from assay.audit.similar.neighbours import neighbour_blocks
from assay.audit.texts.passages import stand_ins_of
from assay.data.data import Data
from assay.figure import Images, encode_png
from assay.finding import Finding
from assay.saying import Say, silent

if TYPE_CHECKING:
    import polars as pl

NEIGHBOUR = 10
LEAST_SPREAD = 1e-3
ROUNDING = 1e-6
"""Of a distance between features of deviation 1, or pictures of length 1: below it rows are equal."""
LEAST = 50
"""Of a class; of fewer, the usual distance is not known."""
MOST_VALUES = 2048
SHOWN, NAMED = 16, 20
SOURCE = "Ramaswamy, Rastogi and Shim 2000, Efficient Algorithms for Mining Outliers from Large Data Sets"


def measure_loneliness(
    data: Data, equals: EqualGroups, *, seconds: float = math.inf, say: Say = silent
) -> np.ndarray | TooLong | None:
    """(rows,) distance of each row to its 10th nearest other, in columns of deviation 1; nan where a value is missing.

    Equal rows count as others: several of one kind are not alone. None where there is no such distance: of inputs that
    are not in memory, of long ones, or of too few.

    Args:
        seconds: given up if it takes longer.
    """
    parts = [scan.split.inputs for scan in equals.scans]
    values = math.prod(data.specification.input_shape)
    if values > MOST_VALUES or len(equals.group) < LEAST or not all(isinstance(part, Tensor) for part in parts):
        return None
    # How long a text is says little of how odd it is; `odd_texts` looks at that.
    kept = [place for place, name in enumerate(feature_names(data.specification)) if name not in stand_ins_of(data)]
    inputs = torch.cat([scan.split.gather(scan.indices).flatten(1).float() for scan in equals.scans])
    if data.texts is not None:
        inputs = inputs[:, kept]
    if not inputs.shape[1]:
        return None
    usable = inputs.isfinite().all(1)
    if int(usable.sum()) < LEAST:
        return None
    loneliness = torch.full((len(inputs),), torch.nan)
    found = _distances(_standardised(inputs[usable]), foresee(seconds, say, "compares all examples with all"))
    if isinstance(found, TooLong):
        return found
    loneliness[usable] = found
    return loneliness.numpy()


def score_outliers(loneliness: Float[np.ndarray, " n"], labels: np.ndarray | None) -> Float[np.ndarray, " n"]:
    """Each distance by the median of its class; of a class with less than 50 known ones, by that of all.

    Args:
        loneliness: nan where it is not known, as the score is then.
        labels: (n,) of classes; none for regression.
    """
    known = np.isfinite(loneliness)
    if not known.any():
        return np.full(len(loneliness), np.nan)
    usual = np.full(len(loneliness), np.median(loneliness[known]))
    for label in [] if labels is None else np.unique(labels[known]):
        mine = known & (labels == label)
        if mine.sum() >= LEAST:
            usual[mine] = np.median(loneliness[mine])
    return np.where(usual > ROUNDING, loneliness / np.maximum(usual, ROUNDING), np.nan)


def find_outliers(data: Data, equals: EqualGroups, table: pl.DataFrame) -> list[Finding]:
    """The examples most unlike the others of their class, and if they are beyond the fence.

    Args:
        table: with `outlier_score`; rows are those of `equals`.
    """
    scores = table["outlier_score"].to_numpy().astype(float)
    known = np.flatnonzero(np.isfinite(scores) & (scores > 0))
    if len(known) < LEAST:
        return []
    logs = np.log(scores[known])
    fence = upper_fence(logs, least_spread=LEAST_SPREAD)
    beyond = known[logs > fence]
    if not len(beyond):
        return []
    rows = beyond[np.argsort(-scores[beyond], kind="stable")]
    times = " to ".join(dict.fromkeys(f"{scores[row]:.1f}" for row in (rows[-1], rows[0])))
    kind = kind_of(data.specification)
    return [
        Finding(
            "outliers",
            "note",
            f"{len(beyond):,} of {len(known):,} {kind} are far from all others of their class: their tenth nearest is "
            f"{times} times as far as is usual.",
            {"count": len(beyond), "n": len(known), "limit": math.exp(fence),
             "ids": table["id"].gather(rows[:NAMED].tolist()).to_list(),
             "scores": [round(float(score), 3) for score in scores[rows[:NAMED]]]},
            cause="Something else than the others, a broken file or measurement; or rare but right.",
            fix="Look at them, the farthest first (column outlier_score); mend what is broken, keep what is rare.",
            source=SOURCE,
            figures=_figures(data, equals, table, rows),
        )
    ]  # fmt: skip


def _standardised(inputs: Tensor) -> Tensor:
    """Columns at mean 0 and deviation 1; a constant column says nothing."""
    deviation = inputs.std(0, correction=0)
    return (inputs - inputs.mean(0)) / torch.where(deviation > 0, deviation, torch.inf)


def _distances(features: Tensor, too_long: Callable[[float], TooLong | None]) -> Tensor | TooLong:
    n, k = len(features), min(NEIGHBOUR, len(features) - 1)
    distances, done = torch.empty(n), 0
    for block in neighbour_blocks(features, k=k):
        distances[done : done + len(block.distances)] = block.distances[:, -1]
        done += len(block.distances)
        if given_up := too_long(done / n):
            return given_up
    return distances


def _figures(data: Data, equals: EqualGroups, table: pl.DataFrame, rows: np.ndarray) -> tuple[Images, ...]:
    if not data.specification.is_image:
        return ()
    shown = rows[:SHOWN].tolist()
    captions = tuple(f"{table['label'][row]}\n{table['id'][row]}" for row in shown)
    return (Images("Far from all others", tuple(encode_png(equals.member(row).inputs) for row in shown), captions),)
