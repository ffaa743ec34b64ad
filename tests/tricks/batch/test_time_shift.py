import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.time_shift import TimeShift, shift_time


def test_by_hand():
    signals = torch.tensor([[1.0, 2.0, 3.0, 4.0]]).repeat(3, 1)
    shifts = torch.tensor([0, 1, -2])
    assert shift_time(signals, shifts).tolist() == [[1, 2, 3, 4], [4, 1, 2, 3], [3, 4, 1, 2]]
    assert shift_time(signals, shifts, border="zero").tolist() == [[1, 2, 3, 4], [0, 1, 2, 3], [3, 4, 0, 0]]


def test_agrees_with_roll_on_every_channel():
    signals = torch.rand(4, 3, 11, generator=torch.Generator().manual_seed(0))
    found = shift_time(signals, torch.tensor([3, -5, 0, 11]))
    for ours, signal, shift in zip(found, signals, (3, -5, 0, 11), strict=True):
        assert torch.equal(ours, signal.roll(shift, dims=-1))


def test_shifts_reach_both_limits():
    pulse = torch.zeros(300, 20)
    pulse[:, 10] = 1.0
    (edit,) = (Recipe() | TimeShift(0.2)).input_edits
    moved = edit(pulse, torch.arange(300), torch.Generator().manual_seed(0), Clock(0, 1, 1))
    assert sorted(set(moved.argmax(1).tolist())) == list(range(6, 15))


def test_refusals():
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got 1.5"):
        TimeShift(1.5)
    with pytest.raises(ValueError, match="border must be one of wrap, zero, got 'edge'"):
        TimeShift(border="edge")
