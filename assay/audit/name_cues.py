"""Words in the names of files that go with classes: each class was collected somewhere else.

    V = sqrt(chi-squared / n) of a word (there or not) and the class                            (Cramér 1946)

The ending of a name counts as a word. A network does not see names, but what they stand for: another camera, hospital
or search engine leaves traces in the pictures. Words of the class itself are left out, and so are words that mark one
class alone where every class has such a word: these are other names of the classes (ImageNet's numbers), as far as
names can tell, and a note.

Source: Cramér 1946, Mathematical Methods of Statistics, section 21.9; Zech et al. 2018, Variable generalization
performance of a deep learning model to detect pneumonia in chest radiographs (hospitals recognised by their pictures).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from jaxtyping import Bool, Int

from assay.audit.counts import splits_of
from assay.audit.names import label_of
from assay.data.data import Data
from assay.finding import Finding

LEAST, FEW = 30, 5
CHANCE = 1e-3
STRONG = 0.5  # V from which it is told; this audit's own
COMMON = 0.5  # share of a class that has a word, from which the class is one of those it marks
SHOWN = 12
PARTS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing"})
SOURCE = "Zech et al. 2018, Variable generalization performance of a deep learning model to detect pneumonia"


@dataclass(frozen=True)
class Word:
    """A word in names, how strongly it goes with the classes, and the classes most of whose files have it."""

    word: str
    strength: float
    marks: tuple[int, ...]


def find_name_cues(data: Data) -> list[Finding]:
    """`suspect` where words of file names tell classes apart; a note where they look like names of the classes."""
    if data.specification.task != "classification" or not data.specification.is_image:
        return []
    splits = [split for name, split in splits_of(data).items() if name != "test"]
    ids = [name for split in splits for name in split.ids]
    if len(ids) < LEAST or "/" not in ids[0]:
        return []
    targets = np.concatenate([split.targets.numpy() for split in splits])
    names = [label_of(data.specification, label) for label in targets.tolist()]
    found = strongest_words([words_of(path, name) for path, name in zip(ids, names, strict=True)], targets)
    return [_finding(data, found, len(ids), len(np.unique(targets)))] if found else []


def words_of(path: str, label: str) -> frozenset[str]:
    """Words of two letters or more in a path below the folder of its class, without those of the class; its ending."""
    whole = PurePosixPath(path)
    pieces = whole.with_suffix("").parts
    kept = [piece for piece in pieces if piece != label and piece.lower() not in PARTS]
    own = set(re.findall(r"[a-z]{2,}", label.lower()))
    words = (word for piece in kept for word in re.findall(r"[a-z]{2,}", piece.lower()))
    return frozenset([whole.suffix.lower(), *(w for w in words if not any(w in mine or mine in w for mine in own))])


def strongest_words(words: Sequence[frozenset[str]], targets: Int[np.ndarray, " n"]) -> list[Word]:
    """Words that go with the class more strongly than .5 and than chance, the strongest first."""
    from scipy.stats import chi2

    kinds, place = np.unique(targets, return_inverse=True)
    holders = dict[str, list[int]]()
    for row, held in enumerate(words):
        for word in held:
            holders.setdefault(word, []).append(row)
    asked = {word: rows for word, rows in holders.items() if FEW <= len(rows) <= len(words) - FEW}
    members, found = np.bincount(place), list[Word]()
    for word, rows in asked.items():
        has = np.zeros(len(words), dtype=bool)
        has[rows] = True
        statistic = _chi_squared(has, place, members)
        chance = float(chi2.sf(statistic, len(kinds) - 1)) * len(asked)
        strength = float(np.sqrt(statistic / len(words)))
        marks = np.flatnonzero(np.bincount(place[has], minlength=len(kinds)) >= COMMON * members)
        if chance < CHANCE and strength >= STRONG:
            found.append(Word(word, strength, tuple(kinds[marks].tolist())))
    return sorted(found, key=lambda one: (-one.strength, one.word))


def _chi_squared(
    has: Bool[np.ndarray, " n"], place: Int[np.ndarray, " n"], members: Int[np.ndarray, " classes"]
) -> float:
    share = has.mean()
    with_it = np.bincount(place[has], minlength=len(members))
    return float((((with_it - members * share) ** 2) / (members * share * (1 - share))).sum())


def _finding(data: Data, found: list[Word], n: int, classes: int) -> Finding:
    alone = {word.marks[0] for word in found if len(word.marks) == 1}
    are_names = len(alone) == classes and all(len(word.marks) == 1 for word in found)
    classes_of = {label: label_of(data.specification, label) for word in found for label in word.marks}
    worst, name = found[0], [classes_of[label] for label in found[0].marks]
    said = ", ".join(repr(word.word) for word in found[:5]) + (", …" if len(found) > 5 else "")
    return Finding(
        "name_cues",
        "note" if are_names else "suspect",
        f"File names tell the class by {said}: {worst.word!r} is in most names of {len(name)} of {classes} classes "
        f"({', '.join(name[:4])}), V = {worst.strength:.2f} (n={n:,} files of training and validation).",
        {"n": n, "limit": STRONG, "words": {word.word: word.strength for word in found[:SHOWN]},
         "classes": {word.word: [classes_of[label] for label in word.marks] for word in found[:SHOWN]}},
        cause="The words are other names of the classes; or each class comes from a source of its own."
        if are_names
        else "Some classes come from another source (camera, site, search) than the others, and its traces tell them.",
        fix="Nothing, if the words are names of the classes."
        if are_names
        else "Collect every class from every source, or judge on a source that training does not hold.",
        source=SOURCE,
    )  # fmt: skip
