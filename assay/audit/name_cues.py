"""Words in the names of files that go with classes: each class was collected somewhere else.

    V = sqrt(chi-squared / n) of a word (there or not) and the class                            (Cramér 1946)

The ending of a name counts as a word. A network does not see names, but what they stand for: another camera, hospital
or search engine leaves traces in the pictures. A word of a class's name says nothing of that class, and is asked of the
files of the other classes alone: `flower_0001.jpg` in every folder tells nothing, and in some of the others it does.
Words that mark one class alone, where every class has such a word, are other names of the classes (ImageNet's numbers),
as far as names can tell, and a note.

Source: Cramér 1946, Mathematical Methods of Statistics, section 21.9; Zech et al. 2018, Variable generalization
performance of a deep learning model to detect pneumonia in chest radiographs (hospitals recognised by their pictures).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    """A word in names, how strongly it goes with the classes, and the classes most of whose files have it.

    n, classes: files compared and their classes; those of a class that the word names are not.
    """

    word: str
    strength: float
    marks: tuple[int, ...]
    n: int
    classes: int


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
    words = [words_of(path, name) for path, name in zip(ids, names, strict=True)]
    found = strongest_words(words, targets, dict(zip(targets.tolist(), names, strict=True)))
    return [_finding(data, found, len(np.unique(targets)))] if found else []


def words_of(path: str, label: str) -> frozenset[str]:
    """Words of two letters or more in a path, without the folder of its class; its ending."""
    whole = PurePosixPath(path)
    pieces = whole.with_suffix("").parts
    kept = [piece for piece in pieces if piece != label and piece.lower() not in PARTS]
    return frozenset([whole.suffix.lower(), *(word for piece in kept for word in _letters(piece))])


def strongest_words(
    words: Sequence[frozenset[str]], targets: Int[np.ndarray, " n"], names: Mapping[int, str] | None = None
) -> list[Word]:
    """Words that go with the class more strongly than .5 and than chance, the strongest first.

    Args:
        names: of the classes; a word in one of them is asked of the other classes' files alone.
    """
    kinds, place = np.unique(targets, return_inverse=True)
    holders = dict[str, list[int]]()
    for row, held in enumerate(words):
        for word in held:
            holders.setdefault(word, []).append(row)
    asked = {word: rows for word, rows in holders.items() if FEW <= len(rows) <= len(words) - FEW}
    own = dict[str, list[int]]()
    for position, kind in enumerate(kinds.tolist()):
        for word in set(_letters((names or {}).get(kind, ""))):
            own.setdefault(word, []).append(position)
    found = list[Word]()
    for word, rows in asked.items():
        has = np.zeros(len(words), dtype=bool)
        has[rows] = True
        told, chance = _compare(word, has, place, kinds, _named_by(word, own))
        if chance * len(asked) < CHANCE and told.strength >= STRONG:
            found.append(told)
    return sorted(found, key=lambda one: (-one.strength, one.word))


def _letters(text: str) -> list[str]:
    return re.findall(r"[a-z]{2,}", text.lower())


def _named_by(word: str, own: Mapping[str, list[int]]) -> list[int]:
    """Places of the classes that a word names, whole or in part; an ending names none."""
    if word.startswith("."):
        return []
    return sorted({one for mine, places in own.items() if word in mine or mine in word for one in places})


def _compare(
    word: str,
    has: Bool[np.ndarray, " n"],
    place: Int[np.ndarray, " n"],
    kinds: Int[np.ndarray, " classes"],
    named: list[int],
) -> tuple[Word, float]:
    """How strongly a word goes with the classes that it does not name, and how likely chance does as much."""
    from scipy.stats import chi2

    if named:
        kept = ~np.isin(place, named)
        has, place = has[kept], place[kept]
    members = np.bincount(place, minlength=len(kinds))
    n, classes, count = len(has), int((members > 0).sum()), int(has.sum())
    if n < LEAST or classes < 2 or not FEW <= count <= n - FEW:
        return Word(word, 0.0, (), n, classes), 1.0
    statistic = _chi_squared(has, np.unique(place, return_inverse=True)[1], members[members > 0])
    marks = np.flatnonzero((members > 0) & (np.bincount(place[has], minlength=len(kinds)) >= COMMON * members))
    strength = float(np.sqrt(statistic / n))
    return Word(word, strength, tuple(kinds[marks].tolist()), n, classes), float(chi2.sf(statistic, classes - 1))


def _chi_squared(
    has: Bool[np.ndarray, " n"], place: Int[np.ndarray, " n"], members: Int[np.ndarray, " classes"]
) -> float:
    share = has.mean()
    with_it = np.bincount(place[has], minlength=len(members))
    return float((((with_it - members * share) ** 2) / (members * share * (1 - share))).sum())


def _finding(data: Data, found: list[Word], classes: int) -> Finding:
    alone = {word.marks[0] for word in found if len(word.marks) == 1}
    are_names = len(alone) == classes and all(len(word.marks) == 1 for word in found)
    classes_of = {label: label_of(data.specification, label) for word in found for label in word.marks}
    worst, name = found[0], [classes_of[label] for label in found[0].marks]
    said = ", ".join(repr(word.word) for word in found[:5]) + (", …" if len(found) > 5 else "")
    return Finding(
        "name_cues",
        "note" if are_names else "suspect",
        f"File names tell the class by {said}: {worst.word!r} is in most names of {len(name)} of {worst.classes} "
        f"{'classes' if worst.classes == classes else 'classes that it does not name'} ({', '.join(name[:4])}), "
        f"V = {worst.strength:.2f} (n={worst.n:,} files of training and validation).",
        {"n": worst.n, "limit": STRONG, "words": {word.word: word.strength for word in found[:SHOWN]},
         "classes": {word.word: [classes_of[label] for label in word.marks] for word in found[:SHOWN]}},
        cause="The words are other names of the classes; or each class comes from a source of its own."
        if are_names
        else "Some classes come from another source (camera, site, search) than the others, and its traces tell them.",
        fix="Nothing, if the words are names of the classes."
        if are_names
        else "Collect every class from every source, or judge on a source that training does not hold.",
        source=SOURCE,
    )  # fmt: skip
