"""A cut-off learnt from what a person reviewed: the chance that a label is wrong, from what members say of it.

    log odds of an error = bias + slopes . standardised (pool score, each member's score, votes against the label)

Before 300 reviews there are too few errors among them to fit half a dozen numbers, and `fuse` cuts where the pool
changes its mind. The reviewed may be chosen by their scores, as suspects are, for the features hold the scores.

Source: Wolpert 1992, Neural Networks 5, 241-259: stacking by a logistic model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from assay.audit.labels.fusion import Fusion
from assay.errors import InputError

LEAST_REVIEWED = 300
LEAST_OF_EACH = 10
"""Errors, and labels found right: fewer of either would leave its side of the line to chance."""
BOUND = 20.0
"""Nats: margins beyond it are all alike sure, and would pull the line."""


@dataclass(frozen=True)
class CutOff:
    """What was learnt, and for every example the chance that its label is wrong.

    slopes: by feature, of standardised values; larger tells more. reviewed, errors: what it was learnt from.
    """

    chance: np.ndarray
    slopes: Mapping[str, float]
    reviewed: int
    errors: int

    def apply(self, fusion: Fusion, *, least_chance: float = 0.5) -> Fusion:
        """The fusion ranked by the learnt chance and flagged from `least_chance` on; proposals follow the flags.

        Raises:
            InputError: least_chance is outside (0, 1), or the fusion is of other examples.
        """
        if not 0.0 < least_chance < 1.0:
            raise InputError(f"least_chance must be in (0, 1), got {least_chance}; 0.5 flags what is rather wrong")
        if len(fusion) != len(self.chance):
            raise InputError(f"fusion must be of the {len(self.chance)} examples learnt from, got {len(fusion)}")
        flagged = self.chance >= least_chance
        relabel = (fusion.action == "relabel") & flagged
        return replace(
            fusion,
            score=np.log(self.chance) - np.log1p(-self.chance),
            flagged=flagged,
            action=np.where(relabel, "relabel", np.where(flagged, "look", "keep")),
            proposal=np.where(relabel, fusion.proposal, -1),
            cut_off=f"chance of an error at least {least_chance:g}, learnt from {self.reviewed} reviewed examples "
            f"with {self.errors} errors",
        )


def learn_cut_off(fusion: Fusion, reviewed: Mapping[int, bool]) -> CutOff:
    """Fit the chance of an error to what a person found.

    Args:
        reviewed: for each row that was looked at, whether its label is wrong.
    Raises:
        InputError: fewer than 300 are reviewed, fewer than 10 of them wrong or right, or a row is not there.
    """
    from sklearn.linear_model import LogisticRegression

    rows, wrong = reviewed_rows(reviewed, len(fusion))
    errors = int(wrong.sum())
    if len(rows) < LEAST_REVIEWED:
        raise InputError(
            f"{len(rows):,} labels are reviewed; from {LEAST_REVIEWED} on a cut-off is learnt from them, till then the "
            "models' own stays: review more to have one"
        )
    if min(errors, len(rows) - errors) < LEAST_OF_EACH:
        raise InputError(
            f"{errors} of {len(rows):,} reviewed labels are wrong; a cut-off is learnt from {LEAST_OF_EACH} wrong and "
            f"{LEAST_OF_EACH} right ones on: review more suspects, or more examples drawn at random"
        )
    features = _features(fusion)
    values = np.stack(list(features.values()), axis=1)
    values = (values - values[rows].mean(0)) / np.maximum(values[rows].std(0), 1e-12)
    model = LogisticRegression(max_iter=1000).fit(values[rows], wrong)
    chance = np.clip(model.predict_proba(values)[:, 1], 1e-9, 1 - 1e-9)
    return CutOff(chance, dict(zip(features, model.coef_[0].tolist(), strict=True)), len(rows), errors)


def reviewed_rows(reviewed: Mapping[int, bool], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and whether each label is wrong, in order of rows.

    Raises:
        InputError: a row is outside 0..n - 1.
    """
    rows = np.array(sorted(reviewed), dtype=np.int64)
    outside = rows[(rows < 0) | (rows >= n)]
    if outside.size:
        raise InputError(f"reviewed must name rows in 0..{n - 1}, got {int(outside[0])}; were the data changed since?")
    return rows, np.array([bool(reviewed[row]) for row in rows.tolist()], dtype=bool)


def _features(fusion: Fusion) -> dict[str, Float[np.ndarray, " n"]]:
    """What the chance is made of, by name."""
    against = (fusion.choices != fusion.labels[:, None]).mean(1)
    scores = {"pool": fusion.score, **{f"member {name}": values for name, values in fusion.member_scores.items()}}
    return {**{name: np.clip(values, -BOUND, BOUND) for name, values in scores.items()}, "votes against": against}
