"""The algebra of schedules: clocks, and schedules made of schedules."""

from functools import partial

import pytest
import torch

from assay.schedule import Clock, chain, clocks, cycle_steps, product, restart, scale
from assay.tricks.schedule.cosine import cosine
from assay.tricks.schedule.linear_decay import linear_decay

line = partial(linear_decay, end_factor=0.0)


def factors(schedule, steps, steps_per_epoch):
    return [schedule(clock) for clock in clocks(range(steps), total_steps=steps, steps_per_epoch=steps_per_epoch)]


def half(clock):
    return 0.5


def seen(clock):
    """Not a factor: what the schedule is told, for tests of the clocks it gets."""
    return clock.step + 1000 * clock.total_steps


def test_product_and_scale_by_hand():
    clock = Clock(5, 10, 5)
    assert product(line, half)(clock) == 0.25
    assert product()(clock) == 1.0
    assert scale(line, 3.0)(clock) == 1.5


def test_products_agree_with_torchs_chained_schedulers():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    one = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 - step / 20)
    for step in range(20):
        assert product(line, half)(Clock(step, 20, 5)) == pytest.approx(0.5 * one.get_last_lr()[0])
        optimizer.step()
        one.step()


def test_chain_by_hand():
    """10 steps, handed over at 4: each part sees its own stretch as the whole training."""
    assert factors(chain(line, half, at=(0.4,)), 10, 5) == pytest.approx([1.0, 0.75, 0.5, 0.25] + 6 * [0.5])
    assert factors(chain(seen, seen, at=(0.4,)), 10, 5) == [*range(4000, 4004), *range(6000, 6006)]


def test_chain_agrees_with_torchs_sequence():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    parts = (
        torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1.0, end_factor=0.5, total_iters=6),
        torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=14),
    )
    theirs = torch.optim.lr_scheduler.SequentialLR(optimizer, parts, milestones=[6])
    ours = factors(chain(partial(linear_decay, end_factor=0.5), cosine, at=(0.3,)), 20, 5)
    for factor in ours:
        assert factor == pytest.approx(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()


def test_chain_of_one_is_that_one_and_every_part_gets_at_least_a_step_of_length():
    assert factors(chain(line, at=()), 7, 3) == factors(line, 7, 3)
    assert factors(chain(line, half, line, at=(0.01, 0.02)), 3, 3) == factors(line, 3, 3)


def test_restarts_by_hand():
    """Periods of 1, 2 and 4 epochs of 2 steps: 2, 4 and 8 steps."""
    found = factors(restart(seen, period_epochs=1.0, multiplier=2.0), 14, 2)
    assert found == [*range(2000, 2002), *range(4000, 4004), *range(8000, 8008)]
    assert factors(restart(line, period_epochs=1.0), 6, 2) == [1.0, 0.5] * 3


def test_restarts_hold_where_epochs_differ_in_steps():
    """With a growing batch the clock says how many passes are over; a restart stays at its epoch."""
    schedule = restart(line, period_epochs=2.0)
    assert schedule(Clock(50, 100, 10, passes=2.0)) == 1.0
    assert schedule(Clock(51, 100, 10, passes=2.5)) == pytest.approx(0.75)


def test_cycle_steps_round_up():
    assert [cycle_steps(total, 4) for total in (1, 4, 10, 12)] == [1, 1, 3, 3]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: chain(line, line, at=()), r"at must have one share fewer than the 2 schedules, got \(\)"),
        (lambda: chain(line, line, line, at=(0.5, 0.5)), r"at must rise within \(0, 1\), got \(0.5, 0.5\)"),
        (lambda: chain(line, line, at=(1.0,)), r"at must rise within \(0, 1\), got \(1.0,\)"),
        (lambda: restart(line, period_epochs=0.0), "period_epochs must be positive and finite, got 0.0"),
        (lambda: restart(line, period_epochs=1.0, multiplier=0.5), "multiplier must be finite and at least 1, got 0.5"),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ValueError, match=message):
        make()
