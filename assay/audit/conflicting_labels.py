"""Conflicting labels: equal inputs that are called different things, so that no model can be right."""

from __future__ import annotations

import numpy as np

from assay.audit.coincidence import FEW, expected_coincidences
from assay.audit.equal_groups import EqualGroups
from assay.audit.names import kind_of, label_of
from assay.data.data import Data
from assay.figure import Images, encode_png
from assay.finding import Finding

SHOWN_GROUPS = 20
PICTURED_GROUPS = 8
NOTED_FIX = "Add columns that tell these examples apart, or accept the bound."


def find_conflicting_labels(data: Data, equals: EqualGroups) -> list[Finding]:
    """An alert when equal inputs carry different labels, with the accuracy this puts out of reach.

    For regression, and for tables so coarse that different examples coincide, it is a note:
    equal inputs with unequal targets are then the rule, and say how much the inputs leave open.
    """
    groups = _conflicting_groups(equals)
    if not groups:
        return []
    n, examples = len(equals.group), sum(map(len, groups))
    classification = data.specification.task == "classification"
    expected = expected_coincidences(data, equals.scans[0], n * (n - 1) // 2)
    noted = not classification or expected >= FEW
    unreachable = _unreachable(equals, groups) / n
    kind = "labels" if classification else "targets"
    bound = f" No model that sees only the inputs can be right on more than {1 - unreachable:.2%} of all."
    conflicts = [[_describe(data, equals, row) for row in rows[:10]] for rows in groups[:SHOWN_GROUPS]]
    return [
        Finding(
            "conflicting_labels",
            "note" if noted else "proved",
            f"{examples:,} of {n:,} examples have equal inputs but different {kind} ({len(groups):,} groups)."
            f"{bound if classification else ''}",
            evidence={"n": n, "examples": examples, "groups": len(groups), "expected_by_chance": expected,
                      "unreachable": unreachable if classification else None, "conflicts": conflicts},
            cause="The inputs do not decide the answer." if noted else "At least one label of each group is wrong.",
            fix=NOTED_FIX if noted else "Look at each group, correct the wrong labels, and keep one copy.",
            source="Karpathy 2019, A Recipe for Training Neural Networks, step 1: corrupted labels",
            figures=_pictures(data, equals, groups),
        )
    ]  # fmt: skip


def _conflicting_groups(equals: EqualGroups) -> list[np.ndarray]:
    """The rows of each group whose targets are not all the same."""
    low, high = (np.full(equals.group.max() + 1, limit) for limit in (np.inf, -np.inf))
    np.minimum.at(low, equals.group, equals.targets)
    np.maximum.at(high, equals.group, equals.targets)
    return equals.rows_of(np.flatnonzero(low < high))


def _unreachable(equals: EqualGroups, groups: list[np.ndarray]) -> int:
    """Examples that one answer per group, the commonest, gets wrong."""
    targets = equals.targets
    return sum(len(rows) - int(np.unique(targets[rows], return_counts=True)[1].max()) for rows in groups)


def _describe(data: Data, equals: EqualGroups, row: np.integer) -> dict[str, str]:
    member = equals.member(row)
    return {"id": member.id, "split": member.split, "label": label_of(data.specification, member.target)}


def _pictures(data: Data, equals: EqualGroups, groups: list[np.ndarray]) -> tuple[Images, ...]:
    """One picture a group, with all that it is called."""
    if not data.specification.is_image:
        return ()
    pngs, captions = [], []
    for rows in groups[:PICTURED_GROUPS]:
        members = [equals.member(row) for row in rows[:4]]
        pngs.append(encode_png(members[0].inputs))
        captions.append("; ".join(f"{member.id}: {label_of(data.specification, member.target)}" for member in members))
    return (Images(f"Equal {kind_of(data.specification)} with different labels", tuple(pngs), tuple(captions)),)
