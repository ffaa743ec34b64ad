"""What several models say about labels, in one value that a table, a page or a person can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int, Integer

from assay.audit.labels.confident_learning import NoiseEstimate
from assay.errors import InputError

Action = Literal["keep", "relabel", "look"]
ACTIONS: tuple[Action, ...] = ("keep", "relabel", "look")
LEAST_CONFIDENCE = 0.9


@dataclass(frozen=True)
class Fusion:
    """A row an example, in the order they were given.

    score: higher is more suspicious; below 0 the pool prefers the given label. In nats.
    flagged: beyond the cut-off that `cut_off` names.
    action: keep where not flagged; relabel where flagged and members agree on another class and are sure; else look.
    proposal: the class to relabel to, where the action says so, else -1.
    answer: the pool's likeliest class for every example, for those who look.
    choices: (n, members) the class each member holds for likeliest.
    weights: of each member in the pool; they sum to 1. sharpness: the power that calibrates it (`calibration`).
    quality: its mean out-of-fold log-likelihood of the given labels when calibrated, in nats.
    best_member: the one of highest quality; its own ranking is `member_scores[best_member]`.
    member_scores: each member's ranking alone, by its log margin, of the same direction as `score`.
    cut_off: how `flagged` was decided, in words.
    """

    labels: np.ndarray
    classes: int
    score: np.ndarray
    flagged: np.ndarray
    action: np.ndarray
    proposal: np.ndarray
    answer: np.ndarray
    choices: np.ndarray
    noise_estimate: NoiseEstimate
    weights: Mapping[str, float]
    sharpness: Mapping[str, float]
    quality: Mapping[str, float]
    best_member: str
    member_scores: Mapping[str, np.ndarray]
    cut_off: str

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def members(self) -> tuple[str, ...]:
        """Names, in the order of `choices`' columns."""
        return tuple(self.member_scores)

    @property
    def best_member_score(self) -> Float[np.ndarray, " n"]:
        """The ranking of the best member alone, to be shown beside `score`."""
        return self.member_scores[self.best_member]

    @property
    def votes(self) -> Integer[np.ndarray, "n classes"]:
        """How many members hold each class for likeliest; made when asked for, as of many classes it is large."""
        kind = np.uint8 if len(self.members) < 256 else np.int32
        counted = np.zeros((len(self), self.classes), dtype=kind)
        for column in range(len(self.members)):
            counted[np.arange(len(self)), self.choices[:, column]] += 1
        return counted

    @property
    def suspects(self) -> Int[np.ndarray, " n"]:
        """All examples, most suspicious first."""
        return np.argsort(-self.score, kind="stable")


def agreed(
    choices: Int[np.ndarray, "n members"], answer: Int[np.ndarray, " n"], weights: Float[np.ndarray, " members"]
) -> Bool[np.ndarray, " n"]:
    """Where all members that weigh half of an equal share or more hold the answer for likeliest, and two at least.

    One model's word, however sure, is for a person to look at.
    """
    votes = choices == answer[:, None]
    return votes[:, weights >= 0.5 / len(weights)].all(1) & (votes.sum(1) >= 2)


def propose(
    flagged: Bool[np.ndarray, " n"],
    sure: Bool[np.ndarray, " n"],
    labels: Int[np.ndarray, " n"],
    answer: Int[np.ndarray, " n"],
) -> tuple[np.ndarray, Int[np.ndarray, " n"]]:
    """An action for each example, and the class where that is to relabel: flagged, and sure of another class."""
    relabel = flagged & sure & (answer != labels)
    action = np.where(relabel, "relabel", np.where(flagged, "look", "keep"))
    return action, np.where(relabel, answer, -1)


def check_confidence(least_confidence: float) -> None:
    """The probability from which on a class is proposed without a person.

    Raises:
        InputError: it is outside (0, 1].
    """
    if not 0.0 < least_confidence <= 1.0:
        raise InputError(f"least_confidence must be in (0, 1], got {least_confidence}; the usual value is 0.9")
