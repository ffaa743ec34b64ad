"""Which subsets are trained on and how long: by hand, and for any number of examples and classes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.audit.learning_curve.curve import LEAST_SPAN
from assay.audit.learning_curve.plan import (
    FEWEST_STEPS,
    Lengths,
    first_size,
    judged_by,
    least_size,
    possible_sizes,
)
from assay.audit.learning_curve.sizes import LEAST_SIZES


def test_sizes_hang_on_the_whole_and_end_where_a_class_has_five() -> None:
    sizes = possible_sizes(48_000, 10)
    assert sizes[-8:] == (1500, 2461, 4038, 6625, 10869, 17832, 29256, 48000)
    assert sizes[0] == 77
    assert [round(after / before, 1) for before, after in pairwise(sizes)] == [1.6] * (len(sizes) - 1)
    assert least_size(10) == 50
    assert least_size(0) == 16


@given(st.integers(2, 200_000), st.integers(0, 500))
def test_any_sizes_make_a_curve_or_there_are_none(examples: int, classes: int) -> None:
    sizes = possible_sizes(examples, classes)
    if not sizes:
        assert examples < LEAST_SPAN * least_size(classes)
        return
    assert sizes[-1] == examples
    assert sizes[0] >= least_size(classes)
    assert len(sizes) >= LEAST_SIZES
    assert sizes[-1] >= LEAST_SPAN * sizes[0] * 0.99
    assert all(after > before for before, after in pairwise(sizes))


def test_a_training_has_equal_passes_and_never_too_few_steps() -> None:
    lengths = Lengths(batch_size=128, passes=6)
    assert (lengths.batch(48_000), lengths.steps(48_000), lengths.epochs(48_000)) == (128, 2250, 6.0)
    # 300 / 4 is above 64: 64 a batch, 4 batches an epoch, 200 steps are 50 epochs.
    assert (lengths.batch(300), lengths.steps(300), lengths.epochs(300)) == (64, FEWEST_STEPS, 50.0)
    assert (lengths.batch(50), lengths.batch(16), lengths.batch(9)) == (16, 16, 9)
    assert lengths.work(48_000) == 2250
    assert lengths.work(300) == 100
    assert lengths.work(16) == pytest.approx(0.3 * FEWEST_STEPS)


@given(st.integers(16, 100_000), st.integers(1, 512))
def test_more_examples_never_get_fewer_steps(size: int, batch_size: int) -> None:
    lengths = Lengths(batch_size)
    assert 1 <= lengths.batch(size) <= min(size, batch_size)
    assert lengths.steps(2 * size) >= 0.9 * lengths.steps(size)


def test_where_to_begin_leaves_time_for_eight_sizes() -> None:
    sizes, lengths = possible_sizes(48_000, 10), Lengths(128)
    whole = 3 * sum(lengths.work(size) for size in sizes[-8:])
    assert first_size(sizes, lengths, seconds=whole, step_seconds=1.0) == len(sizes) - 8
    assert first_size(sizes, lengths, seconds=whole - 1, step_seconds=1.0) == len(sizes) - 9
    assert first_size(sizes, lengths, seconds=0.1, step_seconds=1.0) == 0
    few = possible_sizes(300, 2)
    assert first_size(few, lengths, seconds=1e9, step_seconds=1.0) == 0


def test_sizes_far_below_the_largest_do_not_judge_it() -> None:
    assert judged_by((10, 20, 40, 80, 160, 320, 640)) == (20, 40, 80, 160, 320, 640)
    assert judged_by((1, 2, 3, 4, 1000)) == (1, 2, 3, 4, 1000)
