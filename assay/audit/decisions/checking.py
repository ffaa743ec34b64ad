"""Decisions beside the data they are about: every id must be an example, every label something it can be called."""

from __future__ import annotations

import difflib
from collections import Counter
from pathlib import Path

import numpy as np

from assay.audit.decisions.decision import Decision, Label
from assay.audit.decisions.reading import DecisionLog
from assay.data.data import Data
from assay.data.specification import Specification
from assay.errors import InputError

SHOWN_CLASSES = 10
MOST_COMPARED = 20_000
"""Ids among which a near one is looked for; more would take seconds for a hint."""


def check_names(data: Data, log: DecisionLog) -> dict[str, tuple[str, int]]:
    """Where each decided example lies: its split and its position there.

    Raises:
        InputError: an id is of no example or of several, or a label is no class; names file and line.
    """
    wanted = {decision.id for decision in log.decisions}
    places, counts = dict[str, tuple[str, int]](), Counter[str]()
    for name in ("train", "validation", "test"):
        for position, id in enumerate(getattr(data, name).ids):
            if id in wanted:
                places[id] = (name, position)
                counts[id] += 1
    for decision in log.decisions:
        if decision.id not in places:
            raise InputError(f"{_where(log.path, decision)}: {_say_unknown(data, decision.id)}")
        if counts[decision.id] > 1:
            raise InputError(
                f"{_where(log.path, decision)}: id {decision.id!r} is that of {counts[decision.id]} examples of "
                f"{data.name}; give each its own id"
            )
        if decision.action == "relabel":
            class_index(data.specification, decision, log.path)
    return places


def class_index(specification: Specification, decision: Decision, path: Path) -> float | int:
    """The target that a relabel means: the index of its class, or its number.

    Raises:
        InputError: no such class, or a word where a number must be.
    """
    label, classes = decision.label, specification.classes
    if specification.task == "regression":
        if isinstance(label, str) or label is None:
            raise InputError(f"{_where(path, decision)}: label must be a number for regression, got {label!r}")
        return float(label)
    name = str(label)
    if name in classes:
        return classes.index(name)
    near = difflib.get_close_matches(name, classes, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    known = ", ".join(classes[:SHOWN_CLASSES]) + (", ..." if len(classes) > SHOWN_CLASSES else "")
    raise InputError(f"{_where(path, decision)}: label {name!r} is not a class{guess}; the classes are {known}")


def label_now(data: Data, split: str, position: int) -> Label:
    """What the data calls an example, as a decision says it."""
    target = getattr(data, split).targets[position].item()
    classes = data.specification.classes
    if data.specification.task == "regression":
        return float(target)
    return classes[target] if 0 <= target < len(classes) else str(target)


def are_same(first: Label, second: Label) -> bool:
    """Whether two labels are one: numbers as the data holds them, in 32 bits; all else by its name."""
    if isinstance(first, float) and isinstance(second, (int, float)):
        return bool(np.float32(first) == np.float32(second))
    return str(first) == str(second)


def _say_unknown(data: Data, id: str) -> str:
    ids = [name for split in (data.train, data.validation, data.test) for name in split.ids]
    near = difflib.get_close_matches(id, ids, n=1) if len(ids) <= MOST_COMPARED else []
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    return (
        f"no example of {data.name} has the id {id!r}{guess}; its ids look like {ids[0]!r}. "
        "Are these the decisions of this source?"
    )


def _where(path: Path, decision: Decision) -> str:
    return f"{path}: line {decision.line}" if decision.line else f"{path}: decision of {decision.reviewer}"
