"""Judge every label by several models that have not seen it, and say which look wrong.

    groups        equal and nearly equal examples stay in one fold
    folds         each judge is trained on all but one, and answers for that one
    fuse          one ranking of all their answers, with proposals and an estimate of the noise

A judgement is kept as soon as it is made: called again with the same folder, it goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int

from assay.audit.cleaning.fold import Dynamics, Fold
from assay.audit.cleaning.groups import groups_of
from assay.audit.cleaning.joined import join_splits
from assay.audit.cleaning.judge_all import judge_all
from assay.audit.cleaning.judges import Pool, network_judges, plain_judges
from assay.audit.cleaning.networks import TIMED_SECONDS, Plan, network_recipes, plan_networks, time_epoch
from assay.audit.labels.folds import stratified_folds
from assay.audit.labels.fuse import fuse
from assay.audit.labels.fusion import Fusion
from assay.audit.labels.given import check_labels
from assay.audit.texts.text_features import with_text_features
from assay.budget import Budget
from assay.data.data import Data
from assay.device import choose_device
from assay.errors import InputError
from assay.finding import Skipped
from assay.saying import Say, silent
from assay.whole_file import write_whole

LIKE_SHARE = 0.1
"""Of the budget, for comparing all images with all."""
MOST_PROBABILITIES = 100_000_000
"""Of one judge: 400 MB."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Every example of all splits, in their order.

    probabilities: out of fold, of each member. dynamics: over all trainings of networks; None without any.
    plan: folds and epochs. skipped: what there was no time for, or what does not apply. data: as it was given.
    """

    data: Data
    ids: tuple[str, ...]
    split: np.ndarray
    labels: np.ndarray
    probabilities: Mapping[str, np.ndarray]
    fusion: Fusion
    dynamics: Dynamics | None
    plan: Plan
    skipped: tuple[Skipped, ...]
    seconds: float


def judge_labels(
    data: Data,
    *,
    budget_seconds: float = 600.0,
    members: Mapping[str, Callable[[], Any]] | None = None,
    folds: int | None = None,
    folder: Path | None = None,
    seed: int = 0,
    device: str | torch.device | None = None,
    announce: Say = silent,
) -> Judged:
    """Train the judges out of fold and fuse what they say.

    Args:
        budget_seconds: time for everything; with less, networks train shorter, on fewer folds, or not at all.
        members: factories of further models with `fit` and `predict_proba`, by name.
        folds: of all members; by default 5, or 3 where time is short.
        folder: where judgements are kept; without one, a stopped call begins anew.
    Raises:
        InputError: the target is a number; too many classes for so many examples; fewer than two of either; a
            member's answer is not probabilities.
    """
    budget, labels = Budget(budget_seconds), _labels_of(data)
    announce("reads the examples", 0.0)
    everything, split = join_splits(data)
    fingerprint = replace(data, train=everything).fingerprint
    described = with_text_features(data, seed=seed)
    whole = replace(described, train=join_splits(described)[0])
    pool = Pool(whole, labels, seed, choose_device(device), _workers(everything))
    group, skipped = groups_of(data, everything, LIKE_SHARE * budget_seconds, seed=seed)
    recipes = network_recipes(data.specification, len(labels), pool.device)
    plan = _decided(folder, f"{fingerprint} {seed} {budget_seconds:g} {folds}",
                    lambda: _make_plan(pool, recipes, budget.remaining, folds, group))  # fmt: skip
    parts = _fold_rows(stratified_folds(labels, folds=plan.folds, groups=group, seed=seed))
    fewest = min(len(part.rest) for part in parts)
    judges = [*plain_judges(pool, members or {}, fewest), *network_judges(pool, recipes, plan)]
    probabilities, learnt = judge_all(judges, parts, pool, folder, fingerprint, announce, lambda: budget.remaining)
    announce("fuses the answers", 1.0)
    return Judged(data, everything.ids, split, labels, probabilities, fuse(probabilities, labels), learnt.mean(), plan,
                  (*skipped, *_left_out(recipes, plan)), budget.used)  # fmt: skip


def _labels_of(data: Data) -> Int[np.ndarray, " n"]:
    specification, classes = data.specification, len(data.specification.classes)
    if specification.task != "classification":
        raise InputError(f"{data.name}: labels to clean must be classes, its target is a number; name another --target")
    targets = torch.cat([split.targets for split in (data.train, data.validation, data.test)])
    if len(targets) * classes > MOST_PROBABILITIES:
        raise InputError(f"{data.name}: {len(targets):,} examples of {classes:,} classes are more than "
                         f"{MOST_PROBABILITIES:,} probabilities of each judge, which are held at once; clean a part of "
                         "the classes at a time")  # fmt: skip
    return check_labels(targets.numpy(), specification.num_outputs)


def _workers(split: Any) -> int:
    return 0 if split.in_memory else len(os.sched_getaffinity(0))


def _left_out(recipes: Iterable[str], plan: Plan) -> list[Skipped]:
    reason = "3 epochs of 3 folds do not fit into the budget; give a larger one"
    return [Skipped(name, f"{name}: {reason}") for name in recipes if name not in plan.seconds]


def _make_plan(pool: Pool, recipes: Mapping[str, Any], seconds: float, folds: int | None, group: np.ndarray) -> Plan:
    started = time.perf_counter()
    timed = {
        name: time_epoch(recipe, pool.data, device=pool.device, workers=pool.workers,
                         seconds=min(TIMED_SECONDS, 0.02 * seconds))
        for name, recipe in recipes.items()
    }  # fmt: skip
    left = seconds - (time.perf_counter() - started)
    return plan_networks(left, timed, folds=folds, examples=len(np.unique(group)))


def _decided(folder: Path | None, asked: str, make: Callable[[], Plan]) -> Plan:
    """The plan, made once for a folder and a question."""
    path = None if folder is None else folder / "plan.json"
    if path is not None and path.is_file():
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            kept = {}
        if kept.get("asked") == asked:
            return Plan(**kept["plan"])
    plan = make()
    if path is not None:
        write_whole(path, json.dumps({"asked": asked, "plan": plan.to_dict()}, indent=1))
    return plan


def _fold_rows(fold_of: Int[np.ndarray, " n"]) -> list[Fold]:
    return [
        Fold(number, np.flatnonzero(fold_of == number), np.flatnonzero(fold_of != number))
        for number in range(int(fold_of.max()) + 1)
    ]
