"""A corrected view of data: relabelled and without what was dropped; the data itself stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from assay.audit.decisions.checking import are_same, check_names, class_index, label_now
from assay.audit.decisions.decision import Decision, Label
from assay.audit.decisions.reading import DecisionLog
from assay.audit.decisions.state import State, fold
from assay.audit.decisions.telling import Applied, tell_applied, tell_conflicts, tell_outdated
from assay.data.data import Data
from assay.data.specification import Specification
from assay.data.split import Split
from assay.data.statistics import normalization_of
from assay.errors import InputError


def apply_decisions(
    data: Data, decisions: DecisionLog | Sequence[Decision], *, referee: str | None = None, seed: int = 0
) -> Data:
    """The data as its reviewers say it is: every example stays in its split, or is dropped from it.

    Where reviewers differ the example stays as it is, with a finding; so does one whose label is no longer what
    its reviewer saw. What is fixed on the training split is fixed anew. Findings say what was done, and by whom.

    Args:
        referee: a reviewer whose word settles conflicts.
        seed: chooses the examples that stand for inputs too large for memory, when these are measured anew.
    Raises:
        InputError: a decision for an unknown or ambiguous id, a label that is no class, or a class or split that
            loses its last example.
    """
    log = decisions if isinstance(decisions, DecisionLog) else DecisionLog(Path("decisions"), tuple(decisions))
    places = check_names(data, log)
    state = _settled(fold(log.decisions), referee)
    applied, outdated = list[Applied](), list[Decision]()
    for id, agreed in state.agreed.items():
        split, position = places[id]
        current = label_now(data, split, position)
        stale = [one for one in agreed if _is_stale(one, current)]
        outdated += stale
        if not stale:
            applied.append(Applied(split, position, agreed))
    splits = {name: _corrected(data, name, applied, log.path) for name in ("train", "validation", "test")}
    found = (*log.findings, *tell_applied(data, log.path.name, applied), *tell_conflicts(state.conflicts),
             *tell_outdated(outdated))  # fmt: skip
    specification = _measured_anew(data, splits["train"], log.path, seed)
    return replace(data, **splits, specification=specification, findings=(*data.findings, *found))


def _settled(state: State, referee: str | None) -> State:
    if referee is None:
        return state
    word = {
        id: {referee: words[referee]} if referee in words and words[referee].action != "unsure" else words
        for id, words in state.standing.items()
    }
    return State(word)


def _is_stale(decision: Decision, current: Label) -> bool:
    """Whether the data calls the example neither what the reviewer saw nor what the reviewer wanted."""
    known = (decision.previous, decision.label)
    return decision.previous is not None and not any(are_same(current, label) for label in known)


def _corrected(data: Data, name: str, applied: Sequence[Applied], path: Path) -> Split:
    split: Split = getattr(data, name)
    mine = [one for one in applied if one.split == name]
    targets = split.targets.clone()
    for one in (one for one in mine if one.action == "relabel"):
        targets[one.position] = class_index(data.specification, one.decisions[0], path)
    dropped = {one.position for one in mine if one.action == "drop"}
    changed = replace(split, targets=targets)
    if not dropped:
        return changed
    kept = [position for position in range(len(split)) if position not in dropped]
    if not kept:
        raise InputError(f"{path}: the decisions drop all {len(split)} {name} examples; keep some of them")
    return changed.select(torch.tensor(kept, dtype=torch.int64))


def _measured_anew(data: Data, train: Split, path: Path, seed: int) -> Specification:
    """The specification that reading the corrected source would have fixed."""
    before = data.specification
    same = len(train) == len(data.train)
    fixed = replace(before, normalization=before.normalization if same else normalization_of(train, seed=seed))
    if before.task == "classification":
        counts = torch.bincount(train.targets, minlength=len(before.classes)).double()
        had = torch.bincount(data.train.targets, minlength=len(before.classes))
        for index in ((counts == 0) & (had > 0)).nonzero().flatten().tolist():
            raise InputError(f"{path}: the decisions leave no training example of class {before.classes[index]!r}; "
                             "keep some of them, or remove the class from the source")  # fmt: skip
        return replace(fixed, class_frequencies=tuple((counts / counts.sum()).tolist()))
    mean, deviation = train.targets.double().mean().item(), train.targets.double().std(correction=0).item()
    if deviation == 0.0:
        raise InputError(f"{path}: the decisions leave the target {mean:g} in every training example; keep others")
    return replace(fixed, target_mean=mean, target_std=deviation)
