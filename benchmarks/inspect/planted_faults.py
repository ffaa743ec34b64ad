"""All planted faults: those that any data can have, those of pictures, and those of rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from planted_draws import draw_pictures, draw_signals, draw_table, draw_vectors
from planted_fault import Drawn, Fault, is_classified, is_fine, judged_part, of_kinds, some
from planted_in_pictures import FAULTS as OF_PICTURES
from planted_in_rows import FAULTS as OF_ROWS
from planted_sets import Arrays

SHARED = ("train_test_duplicates", "train_validation_duplicates", "validation_test_duplicates")


OTHER_SHARES = ("label_drift", "classes_missing_in_test", "classes_missing_in_validation")
TWICE = ("duplicates", "train_validation_duplicates")
"""Where the source has no validation part, it is taken from training, and copies come to lie on both sides."""


def any_of(*draws: Callable[..., Drawn], **options: bool) -> Callable[[np.random.Generator], Drawn]:
    """One of several kinds of data, by lot."""
    return lambda chance: draws[chance.integers(len(draws))](chance, **options)


def leak(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Training examples, as they are, in another part."""
    assert isinstance(drawn, Arrays)
    part = judged_part(drawn, chance)
    rows = some(chance, drawn.rows("train"), 0.005, 0.05)
    return drawn.added(drawn.inputs[rows], drawn.labels[rows], part)


def repeat(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Examples twice, before anything is divided."""
    rows = some(chance, np.arange(len(drawn)), 0.04, 0.2, count=12)
    if isinstance(drawn, Arrays):
        return drawn.added(drawn.inputs[rows], drawn.labels[rows], "train")
    return drawn.take(chance.permutation(np.concatenate([np.arange(len(drawn)), rows])))


def collect_twice(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """A tenth to a third of the training examples once more, in the training part."""
    assert isinstance(drawn, Arrays)
    rows = some(chance, drawn.rows("train"), 0.1, 0.33)
    return drawn.added(drawn.inputs[rows], drawn.labels[rows], "train")


def contradict(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Examples once more, under another class."""
    rows = some(chance, np.arange(len(drawn)), 0.005, 0.03, count=2)
    kinds, place = np.unique(drawn.labels, return_inverse=True)
    others = kinds[(place[rows] + chance.integers(1, len(kinds), len(rows))) % len(kinds)]
    if isinstance(drawn, Arrays):
        return drawn.added(drawn.inputs[rows], others, "train")
    labels = np.concatenate([drawn.labels, others])
    return drawn.take(np.concatenate([np.arange(len(drawn)), rows])).with_column(drawn.target, labels)


def starve(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """One class has a fiftieth of the examples of the largest."""
    kinds, counts = np.unique(drawn.labels, return_counts=True)
    poor = chance.choice(kinds[np.arange(len(kinds)) != counts.argmax()])
    rows = np.flatnonzero(drawn.labels == poor)
    if isinstance(drawn, Arrays) and drawn.parts is not None:
        kept = np.concatenate(
            [np.intersect1d(rows, drawn.rows(part))[: _few(drawn, part)] for part in set(drawn.parts)]
        )
    else:
        kept = rows[: max(3, int(counts.max()) // 50)]
    return drawn.take(np.sort(np.concatenate([np.flatnonzero(drawn.labels != poor), kept])))


def _has_a_large_class(drawn: Drawn) -> bool:
    """A fiftieth of it is three examples or more, as a class needs to be divided."""
    return is_classified(drawn) and int(np.unique(drawn.labels, return_counts=True)[1].max()) >= 150


def _few(drawn: Arrays, part: str) -> int:
    return max(1, int(np.unique(drawn.labels[drawn.rows(part)], return_counts=True)[1].max()) // 50)


def reweigh(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """A part in which some classes are far rarer than in training."""
    assert isinstance(drawn, Arrays)
    part = judged_part(drawn, chance)
    kinds, counts = np.unique(drawn.labels, return_counts=True)
    # The larger half of the classes: of rare ones nobody would see it.
    large = kinds[np.argsort(-counts)][: max(1, len(kinds) // 2)]
    rare = np.isin(drawn.labels, large) & (np.array(drawn.parts) == part)
    dropped = chance.random(len(drawn)) < chance.uniform(0.6, 0.9)
    return drawn.take(np.flatnonzero(~(rare & dropped)))


def leave_out(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """A part without one of the classes."""
    assert isinstance(drawn, Arrays)
    part = judged_part(drawn, chance)
    kinds, counts = np.unique(drawn.labels, return_counts=True)
    common = kinds[counts >= counts.mean()]
    gone = (drawn.labels == chance.choice(common)) & (np.array(drawn.parts) == part)
    return drawn.take(np.flatnonzero(~gone))


def by_order(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Parts cut from examples that lie in order of their class, but for some that were mixed in."""
    assert isinstance(drawn, Arrays)
    n = len(drawn)
    order = np.argsort(np.searchsorted(drawn.classes, drawn.labels) + chance.uniform(-0.8, 0.8, n), kind="stable")
    parts = np.array(sorted(drawn.parts or (), key=("train", "validation", "test").index))
    trained = np.unique(drawn.labels[order][parts == "train"])
    kept = np.isin(drawn.labels[order], trained)
    return replace(drawn.take(order), parts=tuple(parts.tolist())).take(np.flatnonzero(kept))


def _trains_two(drawn: Drawn) -> bool:
    return len(np.unique(drawn.labels)) >= 4


ANY = any_of(draw_pictures, draw_vectors, draw_signals, draw_table)
DIVIDED = any_of(draw_pictures, draw_vectors, draw_signals, divided=True)
ARRAYS = any_of(draw_vectors, draw_signals, draw_pictures, divided=False)
GENERAL = (
    Fault("leak", "training examples in another split", SHARED, DIVIDED, leak),
    Fault("repeated", "examples twice, divided by lot", SHARED, draw_table, repeat, is_fine),
    Fault("repeated_in_arrays", "examples twice, divided by lot", SHARED, ARRAYS, repeat),
    Fault("collected_twice", "a tenth or more of the training examples twice", TWICE, DIVIDED, collect_twice),
    Fault("contradicted", "equal examples under two classes", ("conflicting_labels",), ANY, contradict,
          lambda drawn: is_classified(drawn) and is_fine(drawn)),
    Fault("starved", "a class with a fiftieth of the largest", ("class_balance",), ANY, starve, _has_a_large_class),
    Fault("reweighed", "a split with other shares of the classes", ("label_drift",), DIVIDED, reweigh),
    Fault("class_left_out", "a split without one of the classes", OTHER_SHARES, DIVIDED,
          leave_out, of_kinds(2, 8)),
    Fault("divided_by_order", "splits cut from examples in order of class", OTHER_SHARES,
          any_of(draw_pictures, draw_vectors, draw_signals, divided=True), by_order, _trains_two),
)  # fmt: skip
FAULTS: tuple[Fault, ...] = (*GENERAL, *OF_PICTURES, *OF_ROWS)
