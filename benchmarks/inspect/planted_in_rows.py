"""Faults of tables, vectors and signals: columns that leak, drift, repeat or never vary; rows that hang together."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from planted_draws import draw_signals, draw_table, draw_vectors
from planted_fault import Drawn, Fault, is_classified, judged_part, of_kinds, some
from planted_sets import Arrays, Table

SOME_GROUPS = (6, 12)


def leak_code(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """The class under another name: a number for each, or a word."""
    assert isinstance(drawn, Table)
    kinds, place = np.unique(drawn.labels, return_inverse=True)
    codes = chance.permutation(len(kinds))[place]
    if chance.random() < 0.5:
        return drawn.with_column("status", np.array([f"state {letter}" for letter in "uvwxyz"])[codes])
    return drawn.with_column("status", np.round(codes * 10 + chance.normal(0, 0.5, len(drawn)), 2))


def leak_units(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """The target in other units, to a thousandth of its spread."""
    assert isinstance(drawn, Table)
    noise = chance.normal(0, 0.01 * drawn.labels.std(), len(drawn))
    return drawn.with_column("amount", np.round(32 + 1.8 * (drawn.labels + noise), 4))


def leak_row_number(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Rows in order of their class, and the number of the row as a column."""
    assert isinstance(drawn, Table)
    ordered = drawn.take(np.argsort(drawn.labels, kind="stable"))
    return ordered.with_column("number", np.arange(1, len(drawn) + 1))


def leak_by_absence(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """A column that is filled only where the answer is one of two."""
    assert isinstance(drawn, Table)
    filled = drawn.labels == np.unique(drawn.labels)[chance.integers(2)]
    return drawn.with_column("treatment", np.where(filled, np.round(chance.normal(5, 1, len(drawn)), 3), np.nan))


def repeat_column(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """The same column twice, under another name; of numbers, at times in other units."""
    assert isinstance(drawn, Table)
    name = str(chance.choice(sorted(drawn.inputs)))
    values = drawn.columns[name]
    return drawn.with_column("copy", values * 2 if values.dtype.kind in "if" and chance.random() < 0.5 else values)


def fix_column(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """A column that never varies."""
    assert isinstance(drawn, Table)
    value = np.array("unknown") if chance.random() < 0.5 else np.array(chance.integers(100))
    return drawn.with_column("constant", np.full(len(drawn), value))


def empty_cells(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """A column of numbers with missing cells."""
    assert isinstance(drawn, Table)
    numbers = [name for name, values in drawn.inputs.items() if values.dtype.kind in "if"]
    name = str(chance.choice(numbers))
    values = drawn.columns[name].astype(float)
    values[some(chance, np.arange(len(drawn)), 0.005, 0.4)] = np.nan
    return drawn.with_column(name, values)


def stray_word(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """One word in a column of numbers."""
    assert isinstance(drawn, Table)
    numbers = [name for name, values in drawn.inputs.items() if values.dtype.kind in "if"]
    name = str(chance.choice(numbers))
    values = drawn.columns[name].astype(str)
    values[chance.integers(len(drawn))] = chance.choice(["oops", "12,5 kg", "#REF!"])
    return drawn.with_column(name, values.astype(object))


def patients(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Several rows of each of many patients, whose readings are alike; the column that names them stays an input."""
    assert isinstance(drawn, Table)
    count = len(drawn) // int(chance.integers(*SOME_GROUPS))
    who = chance.integers(0, count, len(drawn))
    word = str(chance.choice(["patient_id", "subject", "user_id", "PatientID", "customer"]))
    columns = dict(drawn.columns)
    for name, values in drawn.inputs.items():
        if values.dtype.kind == "f":
            columns[name] = values + (values.std() * chance.normal(0, 1, count))[who]
    return replace(drawn, columns={word: who + 1000, **columns})


def in_time(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Vectors that change little from one to the next, as readings of a machine do; so does the class."""
    assert isinstance(drawn, Arrays)
    n, width = drawn.inputs.shape
    steps = chance.normal(0, 1, (n, width)) * np.sqrt(1 - 0.97**2)
    walk = np.zeros((n, width))
    walk[0] = chance.normal(0, 1, width)
    for row in range(1, n):
        walk[row] = 0.97 * walk[row - 1] + steps[row]
    cuts = np.quantile(walk[:, 0], np.arange(1, len(drawn.classes)) / len(drawn.classes))
    return replace(drawn, inputs=(walk * 3 + 20).astype(np.float32), labels=np.searchsorted(cuts, walk[:, 0]))


def overlap(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Signals cut from long recordings, each with half to nine tenths of the one before."""
    assert isinstance(drawn, Arrays)
    n, channels, length = drawn.inputs.shape
    step = max(1, round(length * chance.uniform(0.1, 0.5)))
    order = np.argsort(drawn.labels, kind="stable")
    labels = drawn.labels[order]
    recording = np.cumsum(chance.normal(0, 1, (channels, step * n + length)), axis=1)
    recording = recording - np.linspace(0, 1, recording.shape[1]) * recording[:, -1:]
    inputs = np.stack([recording[:, row * step : row * step + length] for row in range(n)])
    return replace(drawn, inputs=inputs.astype(np.float32), labels=labels)


def shift_column(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """A column of one part in other units, moved by a deviation or two, or stuck at 0."""
    assert isinstance(drawn, Arrays)
    rows, column, inputs = (
        drawn.rows(judged_part(drawn, chance)),
        int(chance.integers(drawn.inputs.shape[1])),
        (drawn.inputs.copy()),
    )
    values, kind = inputs[rows, column], int(chance.integers(3))
    moved = values + chance.uniform(1, 2) * values.std()
    inputs[rows, column] = (values * 1000, moved, np.zeros_like(values))[kind]
    return replace(drawn, inputs=inputs)


def louder(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """All signals of one part at two to four times the gain."""
    assert isinstance(drawn, Arrays)
    inputs = drawn.inputs.copy()
    inputs[drawn.rows(judged_part(drawn, chance))] *= chance.uniform(2, 4)
    return replace(drawn, inputs=inputs)


def gain_of_class(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Each class recorded at a gain of its own."""
    assert isinstance(drawn, Arrays)
    gains = chance.permutation(4.0 ** np.arange(len(drawn.classes)))[np.searchsorted(drawn.classes, drawn.labels)]
    spread = drawn.inputs.std((1, 2), keepdims=True)
    return replace(drawn, inputs=(drawn.inputs / spread * gains[:, None, None]).astype(np.float32))


def kill_sensor(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """A channel or column with one value everywhere."""
    assert isinstance(drawn, Arrays)
    inputs = drawn.inputs.copy()
    inputs[:, chance.integers(inputs.shape[1])] = chance.choice([0.0, -1.0, 3.5])
    return replace(drawn, inputs=inputs)


def not_a_number(drawn: Drawn, chance: np.random.Generator) -> Drawn:
    """Some values that are nan or infinite."""
    assert isinstance(drawn, Arrays)
    inputs = drawn.inputs.copy()
    for row in some(chance, np.arange(len(drawn)), 0.002, 0.02, count=1):
        inputs.reshape(len(drawn), -1)[row, chance.integers(inputs[0].size)] = chance.choice([np.nan, np.inf])
    return replace(drawn, inputs=inputs)


def _has_measurements(drawn: Drawn) -> bool:
    """Columns that patients can be alike in."""
    return isinstance(drawn, Table) and any(values.dtype.kind == "f" for values in drawn.inputs.values())


def _two_kinds_of_vectors(drawn: Drawn) -> bool:
    return isinstance(drawn, Arrays) and len(drawn) >= 400 and len(drawn.classes) <= 4


VECTORS, SIGNALS = partial(draw_vectors, divided=True), partial(draw_signals, divided=True)
FAULTS = (
    Fault("leak_code", "a column holds the class under another name", ("single_columns",), draw_table, leak_code,
          is_classified),
    Fault("leak_units", "a column holds the target in other units", ("single_columns",), draw_table, leak_units,
          lambda drawn: not is_classified(drawn)),
    Fault("leak_row_number", "rows lie in order of class, and a column counts them", ("single_columns",), draw_table,
          leak_row_number, is_classified),
    Fault("leak_by_absence", "a column is filled only where the answer is one of two", ("single_columns",), draw_table,
          leak_by_absence, of_kinds(2, 2)),
    Fault("repeated_column", "a column twice", ("duplicate_columns",), draw_table, repeat_column),
    Fault("constant_column", "a column that never varies", ("constant_columns",), draw_table, fix_column),
    Fault("missing_cells", "cells are missing", ("missing_cells",), draw_table, empty_cells),
    Fault("stray_word", "a word among numbers", (), draw_table, stray_word, refused="row"),
    Fault("patients", "rows of one patient on both sides", ("groups_straddle_splits",), draw_table, patients,
          _has_measurements),
    Fault("in_time", "rows that follow one another in time, divided by lot", ("order_dependence",),
          partial(draw_vectors, divided=False), in_time, _two_kinds_of_vectors),
    Fault("overlapping", "signals that overlap, divided by lot", ("order_dependence",),
          partial(draw_signals, divided=False), overlap),
    Fault("shift_column", "a column that is otherwise in one split", ("drift",), VECTORS, shift_column),
    Fault("shift_louder", "a split that was recorded louder", ("drift",), SIGNALS, louder),
    Fault("cue_gain", "loudness tells the class", ("single_columns",), draw_signals, gain_of_class),
    Fault("dead_sensor", "a channel that never varies", ("constant_columns", "constant_channels", "dead_channels"),
          draw_signals, kill_sensor, lambda drawn: isinstance(drawn, Arrays) and drawn.inputs.shape[1] > 1),
    Fault("dead_feature", "a feature that never varies", ("constant_columns",), draw_vectors, kill_sensor),
    Fault("nan_in_signals", "values that are no numbers", ("inputs_finite",), draw_signals, not_a_number,
          refused="missing or infinite"),
)  # fmt: skip
