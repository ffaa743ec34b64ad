"""Fuse several models' out-of-fold probabilities into one ranking of suspicious labels.

    members calibrated, each by one temperature                  (`calibration`)
    weights by the likelihood of labels not seen                 (`stacking`)
    pool  = what they say together                               (`pool`)
    p     = the pool with the foreseeable noise taken out        (`transition`)
    score = max over others of log p[other] - log p[given]       (`members`)

A plain mean loses to a member that is much stronger than the rest; weights by out-of-fold likelihood follow it.
The best single member's ranking always stands beside the pool's.

Source: zhuanlan.zhihu.com/p/359960152 (several models vote on labels); Northcutt et al. 2021 (arXiv:1911.00068).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float

from assay.audit.labels.calibration import fit_sharpness, sharpened_own
from assay.audit.labels.fusion import LEAST_CONFIDENCE, Fusion, agreed, check_confidence, propose
from assay.audit.labels.given import check_labels, check_probabilities
from assay.audit.labels.members import log_margin, votes_of
from assay.audit.labels.noise import estimate_noise
from assay.audit.labels.pool import pool_members
from assay.audit.labels.stacking import pool_weights
from assay.audit.labels.transition import estimate_transition, without_noise
from assay.errors import InputError


def fuse(
    probabilities: Mapping[str, np.ndarray], labels: np.ndarray, *, least_confidence: float = LEAST_CONFIDENCE
) -> Fusion:
    """Rank labels by how sure several models are that they are wrong, and say what to do about each.

    Flagged are those where the pool prefers another class, but no more than confident learning counts as wrong.

    Args:
        probabilities: of each member, (n, classes), made out of fold: by models that had not seen the example.
        labels: the given class indices, n of them.
        least_confidence: of the pool, in (0, 1], to propose a relabelling; below it a person is to look.
    Raises:
        InputError: a member's rows are not probabilities, shapes differ, labels are out of range, or there is
            nothing to tell apart: no example, no member or one class.
    """
    check_confidence(least_confidence)
    n, classes = check_probabilities(probabilities)
    labels = check_labels(labels, classes)
    if len(labels) != n:
        raise InputError(f"labels must be {n}, one for each row of the probabilities, got {len(labels)}")
    names, members = list(probabilities), [np.asarray(values) for values in probabilities.values()]
    fitted = [fit_sharpness(values, labels) for values in members]
    sharpness, quality = np.array([pair[0] for pair in fitted]), [pair[1] for pair in fitted]
    pairs = zip(members, sharpness.tolist(), strict=True)
    own = np.stack([sharpened_own(values, labels, power) for values, power in pairs])
    weights = pool_weights(own, labels, classes)
    pool = pool_members(members, weights, sharpness)
    transition, choices = estimate_transition(pool, labels), votes_of(probabilities)
    noise, cleaned = estimate_noise(pool, labels, choices, transition), without_noise(pool, transition)
    score = -log_margin(cleaned, labels)
    answer, flagged = cleaned.argmax(1), _flag(score, noise.count)
    sure = agreed(choices, answer, weights) & (cleaned.max(1) >= least_confidence)
    action, proposal = propose(flagged, sure, labels, answer)
    return Fusion(
        labels=labels, classes=classes, score=score, flagged=flagged, action=action, proposal=proposal, answer=answer,
        choices=choices, noise_estimate=noise, weights=_by_name(names, weights), sharpness=_by_name(names, sharpness),
        quality=_by_name(names, quality), best_member=names[int(np.argmax(quality))],
        member_scores={name: -log_margin(values, labels) for name, values in zip(names, members, strict=True)},
        cut_off="the pool prefers another class, at most as many as confident learning counts; not learnt",
    )  # fmt: skip


def _by_name(names: Sequence[str], values: Sequence[float] | np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}


def _flag(score: Float[np.ndarray, " n"], most: int) -> Bool[np.ndarray, " n"]:
    """The `most` highest scores, of those above 0."""
    flagged = np.zeros(len(score), dtype=bool)
    flagged[np.argsort(-score, kind="stable")[:most]] = True
    return flagged & (score > 0)
