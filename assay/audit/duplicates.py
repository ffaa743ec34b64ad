"""Exact duplicates: inside a split they weigh twice, across splits they make the score a lie."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from assay.audit.coincidence import FEW, expected_coincidences, level_of_equals
from assay.audit.equal_groups import EqualGroups
from assay.audit.names import kind_of, label_of
from assay.data.data import Data
from assay.figure import Images, encode_png
from assay.finding import Finding, Level

SHOWN_PAIRS = 20
PICTURED_PAIRS = 8
MANY = 0.05  # share of copies in a split from which it is an alert; this audit's own
SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks, step 1: duplicate examples"


def find_duplicates(data: Data, equals: EqualGroups) -> list[Finding]:
    """A note on copies inside each split, `suspect` where they are many; an alert for every two that share some."""
    pairs = combinations(range(len(equals.names)), 2)
    shared = [_find_shared(data, equals, first, second) for first, second in pairs]
    return [_find_copies(data, equals), *(finding for finding in shared if finding is not None)]


def equal_by_chance(data: Data, equals: EqualGroups, first: str = "train", second: str = "test") -> np.ndarray:
    """(rows,) whether each is in a group that two splits share, where chance explains that they share some."""
    if not {first, second} <= set(equals.names):
        return np.zeros(len(equals.group), dtype=bool)
    places = equals.names.index(first), equals.names.index(second)
    shared = np.asarray((equals.counts[:, list(places)] > 0).all(axis=1))
    if not shared.any() or _level(data, equals, *places)[0] != "note":
        return np.zeros(len(equals.group), dtype=bool)
    return shared[equals.group]


def _level(data: Data, equals: EqualGroups, first: int, second: int) -> tuple[Level, int, float]:
    """How sure it is that two splits share examples, the rows of the second in the first, pairs expected by chance."""
    counts, sizes = equals.counts, [len(scan) for scan in equals.scans]
    hits, others = int(counts[counts[:, first] > 0, second].sum()), int(counts[counts[:, first] > 1, first].sum())
    expected = expected_coincidences(data, equals.scans[0], sizes[first] * sizes[second])
    return level_of_equals(expected, (hits, sizes[second]), (others, sizes[first])), hits, expected


def _find_copies(data: Data, equals: EqualGroups) -> Finding:
    counts = equals.counts
    sizes = {name: len(scan) for name, scan in zip(equals.names, equals.scans, strict=True)}
    copies = {name: int((counts[:, i] - 1).clip(0).sum()) for i, name in enumerate(equals.names)}
    parts = ", ".join(f"{copies[name]:,} of {sizes[name]:,} in {name}" for name in equals.names)
    many = [name for name in equals.names if copies[name] >= MANY * sizes[name] and not _by_chance(data, equals, name)]
    groups = equals.rows_of(np.flatnonzero((counts > 1).any(axis=1))[:SHOWN_PAIRS])
    title = f"Equal {kind_of(data.specification)} in one split"
    return Finding(
        "duplicates",
        "suspect" if many else "note",
        f"Copies of an earlier example in the same split: {parts}.",
        evidence={"n": sum(sizes.values()), "copies": copies, "sizes": sizes, "limit": MANY,
                  "groups": [[equals.member(row).id for row in rows[:10]] for rows in groups]},
        cause="The same file or row was collected more than once." if any(copies.values()) else "",
        fix="Keep one of each, unless they are meant to weigh more." if any(copies.values()) else "",
        source=SOURCE,
        figures=_pictures(data, title, equals, [tuple(rows[:2].tolist()) for rows in groups]),
    )  # fmt: skip


def _by_chance(data: Data, equals: EqualGroups, name: str) -> bool:
    """Whether rows of this split are so coarse that some agree without being copies."""
    scan = equals.scans[equals.names.index(name)]
    return expected_coincidences(data, scan, len(scan) * (len(scan) - 1) // 2) >= FEW


def _find_shared(data: Data, equals: EqualGroups, first: int, second: int) -> Finding | None:
    counts, sizes = equals.counts, [len(scan) for scan in equals.scans]
    shared = np.flatnonzero((counts[:, first] > 0) & (counts[:, second] > 0))
    if not len(shared):
        return None
    names = equals.names[first], equals.names[second]
    level, hits, expected = _level(data, equals, first, second)
    groups = equals.rows_of(shared[:SHOWN_PAIRS])
    pairs = [tuple(int(rows[equals.split[rows] == split][0]) for split in (first, second)) for rows in groups]
    chance = "" if expected < FEW else f" About {expected:.3g} pairs would agree by chance: the rows are coarse."
    return Finding(
        f"{names[0]}_{names[1]}_duplicates",
        level,
        f"{hits:,} of {sizes[second]:,} {names[1]} examples ({hits / sizes[second]:.2%}) are also in {names[0]}."
        f"{chance}",
        evidence={"count": hits, "n": sizes[second], "groups": len(shared), "expected_by_chance": expected,
                  "pairs": [[equals.member(row).id for row in pair] for pair in pairs]},
        cause=f"The splits share examples, so the {names[1]} score partly measures memory.",
        fix=f"Remove these from {names[0]}, or split again with equal examples in one group (--group).",
        source=SOURCE,
        figures=_pictures(data, f"In both {names[0]} and {names[1]}", equals, pairs),
    )  # fmt: skip


def _pictures(data: Data, title: str, equals: EqualGroups, pairs: list[tuple[int, ...]]) -> tuple[Images, ...]:
    if not data.specification.is_image or not pairs:
        return ()
    members = [equals.member(row) for pair in pairs[:PICTURED_PAIRS] for row in pair]
    captions = tuple(
        f"{member.split}: {member.id} ({label_of(data.specification, member.target)})" for member in members
    )
    return (Images(title, tuple(encode_png(member.inputs) for member in members), captions),)
