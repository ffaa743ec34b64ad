"""Every judge on every fold, in the time there is; what is kept is not made again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from assay.audit.cleaning.fold import Fold, Judgement, Learnt
from assay.audit.cleaning.judges import Judge, Pool
from assay.audit.cleaning.kept import file_of, find_judgement, identity_of, keep_judgement
from assay.audit.cleaning.network_judge import NetworkJudge
from assay.saying import Say

Work = tuple[Fold, Judge]
LEFT_FOR_NETWORKS, LEAST_SHARE = 0.9, 0.2
"""Of what is left of the budget; and of what a training was to have, which it gets even where all is spent."""


def judge_all(
    judges: Sequence[Judge], parts: Sequence[Fold], pool: Pool, folder: Path | None, fingerprint: str,
    announce: Say, left: Callable[[], float] = lambda: math.inf,
) -> tuple[dict[str, np.ndarray], Learnt]:  # fmt: skip
    """Probabilities (n, classes) by member, 0 for what is in no fold, and how the examples were learnt.

    Args:
        left: seconds of the budget.
    """
    shape = len(pool.labels), pool.data.specification.num_outputs
    found = {name: np.zeros(shape, dtype=np.float32) for judge in judges for name in judge.members}
    learnt, works = Learnt(shape[0]), in_order(judges, parts)
    for number, (fold, _) in enumerate(works):
        say = _part_of_all(announce, f"fold {fold.number + 1} of {len(parts)}", number, len(works))
        judgement = _kept_or_made(works[number:], folder, fingerprint, say, left)
        for name, values in judgement.probabilities.items():
            found[name][fold.held] = values
        if judgement.dynamics is not None:
            learnt.add(fold, judgement.dynamics)
    return found, learnt


def in_order(judges: Iterable[Judge], parts: Sequence[Fold]) -> list[Work]:
    """Networks last: they can be as long as what is left then, the others take what they take."""
    ordered = sorted(judges, key=lambda judge: isinstance(judge, NetworkJudge))
    plain = [judge for judge in ordered if not isinstance(judge, NetworkJudge)]
    networks = ordered[len(plain) :]
    return [(fold, judge) for group in (plain, networks) for fold in parts for judge in group]


def in_its_time(judge: Judge, coming: Sequence[Work], seconds: float) -> Judge:
    """The judge with its share of what is left for the networks still to come, however fast the machine is now."""
    if not isinstance(judge, NetworkJudge):
        return judge
    weights = [other.seconds for _, other in coming if isinstance(other, NetworkJudge)]
    share = LEFT_FOR_NETWORKS * max(0.0, seconds) * judge.seconds / sum(weights)
    return replace(judge, seconds=max(LEAST_SHARE * judge.seconds, min(judge.seconds, share)))


def _kept_or_made(
    coming: Sequence[Work], folder: Path | None, fingerprint: str, say: Say, left: Callable[[], float]
) -> Judgement:
    """The first of what is to come; one that does not tell what it depends on is always made anew."""
    fold, judge = coming[0]
    description = None if folder is None else judge.describe
    if folder is None or description is None:
        return in_its_time(judge, coming, left()).judge(fold, say)
    path, identity = file_of(folder, judge.name, fold), identity_of(description, fold, fingerprint)
    judgement = find_judgement(path, identity)
    if judgement is None:
        judgement = in_its_time(judge, coming, left()).judge(fold, say)
        keep_judgement(path, identity, judgement)
    return judgement


def _part_of_all(announce: Say, where: str, done: int, total: int) -> Say:
    return lambda text, fraction: announce(f"{where}: {text}", (done + fraction) / total)
