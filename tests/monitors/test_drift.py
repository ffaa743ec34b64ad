import pytest
import torch
from torch import nn

from assay.monitors.drift import measure_drift, measure_statistics_gap


def test_drift_worked_by_hand():
    then = {"a": torch.tensor([3.0, 4.0]), "zero": torch.zeros(2), "count": torch.tensor(3), "gone": torch.ones(1)}
    now = {"a": torch.tensor([3.0, 9.0]), "zero": torch.tensor([0.0, 2.0]), "count": torch.tensor(4)}
    assert measure_drift(then, now) == {"a": pytest.approx(1.0), "zero": pytest.approx(2.0)}


def test_running_statistics_that_agree_and_that_do_not():
    torch.manual_seed(0)
    norm, batch = nn.BatchNorm1d(3), torch.randn(4000, 3)
    gap = measure_statistics_gap(norm, batch)
    assert gap.shift == pytest.approx(0.0, abs=0.05)
    assert gap.scale == pytest.approx(1.0, abs=0.1)
    far = measure_statistics_gap(norm, 2.0 * batch + 5.0)
    assert far.shift == pytest.approx(5.0, abs=0.1)
    assert far.scale == pytest.approx(4.0, abs=0.3)


def test_nothing_to_say_without_statistics_or_with_few_values():
    assert measure_statistics_gap(nn.BatchNorm1d(3, track_running_stats=False), torch.randn(99, 3)) is None
    assert measure_statistics_gap(nn.BatchNorm1d(3), torch.randn(4, 3)) is None
    assert measure_statistics_gap(nn.BatchNorm2d(3), torch.randn(4, 3, 8, 8)) is not None
