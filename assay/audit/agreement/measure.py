"""All that a file of several annotators says of their agreement, in one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Int

from assay.audit.agreement.annotations import MISSING, Annotations
from assay.audit.agreement.dawid_skene import MOST_NUMBERS, DawidSkene, fuse_annotators, majority_labels, tied_examples
from assay.audit.agreement.estimate import Estimate, share_of
from assay.audit.agreement.kappa import cohen_kappa, fleiss_kappa, pairwise_agreement
from assay.errors import InputError

MOST_PAIRS = 190
"""Of twenty people; of more, the pairs with most examples in common."""
USUAL_RESAMPLES = 500


@dataclass(frozen=True, eq=False)
class Agreement:
    """Everything with its n and its interval.

    cohen: kappa of each two people who share an example.
    with_others: of each person, kappa with the majority of all others; None where they share no example.
    self_agreement: of each person who saw examples twice, the share answered alike.
    accuracy: of each person against the reference, where one was given.
    majority: the first of equals where there is a tie; `ties` tells where.
    fused: Dawid-Skene labels; None where there are too many classes for them.
    """

    annotations: Annotations
    pairwise: Estimate
    fleiss: Estimate
    cohen: Mapping[tuple[str, str], Estimate]
    with_others: Mapping[str, Estimate | None]
    self_agreement: Mapping[str, Estimate]
    accuracy: Mapping[str, Estimate]
    majority: Int[np.ndarray, " examples"]
    ties: Bool[np.ndarray, " examples"]
    fused: DawidSkene | None

    @property
    def undecidable(self) -> Bool[np.ndarray, " examples"]:
        """The ties of two people alone: no third answer anywhere tells which of the two is better."""
        return self.ties & (((self.annotations.labels != MISSING).any(0)).sum() <= 2)


def measure_agreement(
    annotations: Annotations,
    *,
    reference: Int[np.ndarray, " examples"] | None = None,
    resamples: int = USUAL_RESAMPLES,
    seed: int = 0,
) -> Agreement:
    """Agreement between people, with themselves, and with a reference.

    Args:
        reference: the class of each example as far as it is known, -1 where not.
    Raises:
        InputError: fewer than two annotators, or no example that two of them answered.
    """
    _check(annotations, reference)
    counts = annotations.counts
    numbers = len(annotations.annotators) * len(annotations.classes) ** 2
    return Agreement(
        annotations=annotations,
        pairwise=pairwise_agreement(counts, resamples=resamples, seed=seed),
        fleiss=fleiss_kappa(counts, resamples=resamples, seed=seed),
        cohen=_pairs(annotations, resamples, seed),
        with_others=_with_others(annotations, counts, resamples, seed),
        self_agreement=_self_agreement(annotations),
        accuracy={} if reference is None else _accuracy(annotations, reference),
        majority=majority_labels(annotations),
        ties=tied_examples(annotations),
        fused=fuse_annotators(annotations) if numbers <= MOST_NUMBERS else None,
    )


def _pairs(annotations: Annotations, resamples: int, seed: int) -> dict[tuple[str, str], Estimate]:
    names = annotations.annotators
    answered = (annotations.labels != MISSING).astype(np.int64)
    shared = answered.T @ answered
    pairs = [pair for pair in combinations(range(len(names)), 2) if shared[pair]]
    chosen = sorted(sorted(pairs, key=lambda pair: -shared[pair])[:MOST_PAIRS])
    return {
        (names[a], names[b]): cohen_kappa(
            annotations.labels[:, a], annotations.labels[:, b], resamples=resamples, seed=seed
        )
        for a, b in chosen
    }


def _with_others(annotations: Annotations, counts: np.ndarray, resamples: int, seed: int) -> dict[str, Estimate | None]:
    found = dict[str, Estimate | None]()
    for index, name in enumerate(annotations.annotators):
        own = annotations.labels[:, index]
        others, mine = counts.copy(), np.flatnonzero(own != MISSING)
        others[mine, own[mine]] -= 1
        majority = np.where(others.sum(1) > 0, others.argmax(1), MISSING)
        shared = ((own != MISSING) & (majority != MISSING)).any()
        found[name] = cohen_kappa(own, majority, resamples=resamples, seed=seed) if shared else None
    return found


def _self_agreement(annotations: Annotations) -> dict[str, Estimate]:
    found = dict[str, Estimate]()
    for index, name in enumerate(annotations.annotators):
        own = [repeat for repeat in annotations.repeats if repeat.annotator == index]
        if own:
            found[name] = share_of(sum(repeat.first == repeat.again for repeat in own), len(own))
    return found


def _accuracy(annotations: Annotations, reference: np.ndarray) -> dict[str, Estimate]:
    found = dict[str, Estimate]()
    for index, name in enumerate(annotations.annotators):
        own = annotations.labels[:, index]
        judged = (own != MISSING) & (reference != MISSING)
        if judged.any():
            found[name] = share_of(int((own[judged] == reference[judged]).sum()), int(judged.sum()))
    return found


def _check(annotations: Annotations, reference: np.ndarray | None) -> None:
    if len(annotations.annotators) < 2:
        raise InputError(f"agreement needs two annotators or more, got {len(annotations.annotators)}")
    if not ((annotations.labels != MISSING).sum(1) >= 2).any():
        raise InputError("agreement needs examples that two annotators answered, got none; let them see the same ones")
    if reference is not None and len(reference) != len(annotations.ids):
        raise InputError(f"reference must be a label for each of {len(annotations.ids)} ids, got {len(reference)}")
