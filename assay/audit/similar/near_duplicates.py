"""Near duplicates: the same picture saved, cut or turned anew; across splits they let memory pass for skill."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from assay.audit.equal_groups import EqualGroups
from assay.audit.names import label_of
from assay.audit.similar.groups import KINDS, Pairs
from assay.audit.similar.like_examples import LikeExamples
from assay.audit.similar.near_pictures import LEAST_PICTURES
from assay.data.data import Data
from assay.figure import Images, encode_png
from assay.finding import Finding

SHOWN_PAIRS = 20
PICTURED_PAIRS = 12
SOURCE = "Barz and Denzler 2020, Do We Train on Test Data? (arXiv:1902.00423)"


def find_near_duplicates(data: Data, like: LikeExamples) -> list[Finding]:
    """A note on like pictures inside each split; `suspect` for every two splits that share some.

    Pictures that are equal in every value are the business of `find_duplicates`; here they only join groups.
    """
    splits = combinations(range(len(like.equals.names)), 2)
    across = [_across(data, like, first, second) for first, second in splits]
    return [_within(data, like), *(finding for finding in across if finding is not None)]


def _within(data: Data, like: LikeExamples) -> Finding:
    equals, split = like.equals, like.equals.split
    pairs = like.pairs.of_kinds("flip", "perceptual", "near")
    inside = pairs.where(split[pairs.first] == split[pairs.second])
    sizes = {name: len(scan) for name, scan in zip(equals.names, equals.scans, strict=True)}
    members = np.union1d(inside.first, inside.second)
    counts = {name: int((split[members] == i).sum()) for i, name in enumerate(equals.names)}
    parts = ", ".join(f"{counts[name]:,} of {sizes[name]:,} in {name}" for name in equals.names)
    return Finding(
        "near_duplicates",
        "note",
        f"Images almost the same as another one of their split: {parts}{_unseen(like)}.",
        evidence={"n": sum(sizes.values()), "n_compared": like.compared, "count": len(members), "sizes": sizes,
                  "members": counts, "pairs": len(inside), "kinds": inside.counts(), "groups": _largest_groups(like),
                  "shown": _shown(equals, inside)},
        cause="One picture saved twice, cut, mirrored or recoloured, or frames of one film." if members.size else "",
        fix="Keep one of each, or keep them in one split (--group)." if members.size else "",
        source=SOURCE,
        figures=_pictures(data, "Nearly equal images in one split", equals, inside),
    )  # fmt: skip


def _across(data: Data, like: LikeExamples, first: int, second: int) -> Finding | None:
    equals, split = like.equals, like.equals.split
    pairs = like.pairs.of_kinds("flip", "perceptual", "near")
    low, high = np.minimum(split[pairs.first], split[pairs.second]), np.maximum(split[pairs.first], split[pairs.second])
    shared = pairs.where((low == first) & (high == second))
    if not len(shared):
        return None
    one, other, n = equals.names[first], equals.names[second], len(equals.scans[second])
    rows = np.union1d(shared.first, shared.second)
    hits, grouped = int((split[rows] == second).sum()), int(like.twins(other, one).sum())
    return Finding(
        f"{one}_{other}_near_duplicates",
        "suspect",
        f"{hits:,} of {n:,} {other} images ({hits / n:.2%}) are almost the same as one in {one}.",
        evidence={"count": hits, "n": n, "n_compared": like.compared, "count_in_groups": grouped, "pairs": len(shared),
                  "kinds": shared.counts(), "shown": _shown(equals, shared)},
        cause=f"Copies that were saved, cut or mirrored anew fell into both splits: the {other} score partly measures "
        "memory.",
        fix=f"Look at the pairs; remove these from {one}, or split again with each group in one split (--group), and "
        f"give the {other} score without them too.",
        source=SOURCE,
        figures=_pictures(data, f"Nearly equal images in {one} and {other}", equals, shared),
    )  # fmt: skip


def _unseen(like: LikeExamples) -> str:
    return "" if like.compared else f" (mirror images only: {LEAST_PICTURES} that differ are needed to know the usual)"


def _largest_groups(like: LikeExamples) -> list[list[str]]:
    sizes = np.bincount(like.group)
    largest = np.argsort(-sizes, kind="stable")[:SHOWN_PAIRS]
    return [
        [like.equals.member(row).id for row in np.flatnonzero(like.group == number)[:10]]
        for number in largest
        if sizes[number] > 1
    ]


def _shown(equals: EqualGroups, pairs: Pairs) -> list[dict[str, str | float]]:
    return [
        {"first": equals.member(pairs.first[i]).id, "second": equals.member(pairs.second[i]).id,
         "kind": KINDS[pairs.kind[i]], "expected_by_chance": float(pairs.expected[i])}
        for i in range(min(SHOWN_PAIRS, len(pairs)))
    ]  # fmt: skip


def _pictures(data: Data, title: str, equals: EqualGroups, pairs: Pairs) -> tuple[Images, ...]:
    """The surest and the least sure pairs side by side, as both tell something."""
    if not len(pairs):
        return ()
    count = min(PICTURED_PAIRS, len(pairs))
    chosen = np.unique(np.r_[: (count + 1) // 2, len(pairs) - count // 2 : len(pairs)])
    shown = [
        (equals.member(row), KINDS[pairs.kind[i]])
        for i in chosen
        for row in (int(pairs.first[i]), int(pairs.second[i]))
    ]
    captions = tuple(
        f"{kind}: {member.split} {member.id} ({label_of(data.specification, member.target)})" for member, kind in shown
    )
    return (Images(title, tuple(encode_png(member.inputs) for member, _ in shown), captions),)
