"""Which step is in which epoch, by hand."""

import copy

from assay.schedule import Clock
from assay.timetable import Timetable


def test_epochs_that_are_alike_drop_their_last_smaller_batch():
    """23 examples in batches of 5: four steps an epoch, ten in two and a half."""
    timetable = Timetable(5, 2.5, 23)
    assert (timetable.steps_per_epoch, timetable.total_steps) == (4, 10)
    assert [step for step in range(1, 11) if timetable.ends_an_epoch(step)] == [4, 8]
    assert list(timetable.positions(range(2, 10))) == [(0, range(2, 4)), (1, range(4)), (2, range(2))]
    assert list(timetable.clocks(range(3, 5), 10)) == [Clock(3, 10, 4), Clock(4, 10, 4)]


def test_a_batch_larger_than_the_split_is_the_split():
    assert Timetable(100, 3.0, 23).total_steps == 3
    assert Timetable(100, 0.001, 23).total_steps == 1


def test_a_batch_that_grows_makes_epochs_shorter():
    """Batches of 4, 8 and 16 of 24 examples: 6, 3 and 1 steps."""
    timetable = Timetable(4, 3.0, 24, lambda clock: 2.0**clock.step)
    assert [timetable.steps_in(epoch) for epoch in range(3)] == [6, 3, 1]
    assert timetable.total_steps == 10
    assert [step for step in range(1, 11) if timetable.ends_an_epoch(step)] == [6, 9, 10]
    assert [clock.epoch for clock in timetable.clocks(range(5, 10), 10)] == [5 / 6, 1, 1 + 1 / 3, 1 + 2 / 3, 2]


def test_a_moment_behind_the_end_is_the_last():
    for timetable in (Timetable(4, 3.0, 24), Timetable(4, 3.0, 24, lambda clock: 2.0**clock.step)):
        steps = range(timetable.total_steps)
        moments = [timetable.clock(step) for step in steps]
        assert moments == list(timetable.clocks(steps, timetable.total_steps))
        assert timetable.clock(1000) == moments[-1]
        assert copy.deepcopy(timetable).clock(2) == moments[2]
