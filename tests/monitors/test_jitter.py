import math

import pytest
import torch

from assay.monitors.jitter import measure_jitter


def test_distributions_worked_by_hand():
    even, sure = torch.zeros(1, 2), torch.tensor([[math.log(3.0), 0.0]])  # 1/2 1/2 and 3/4 1/4
    assert measure_jitter(even, sure, are_logits=True) == pytest.approx(0.25)
    assert measure_jitter(sure, sure + 7.0, are_logits=True) == pytest.approx(0.0, abs=1e-7)
    assert measure_jitter(torch.tensor([[99.0, 0.0]]), torch.tensor([[0.0, 99.0]]), are_logits=True) == 1.0


def test_other_outputs_against_their_own_spread():
    before = torch.tensor([[0.0], [2.0]])
    assert measure_jitter(before, before, are_logits=False) == 0.0
    assert measure_jitter(before, before + 1.0, are_logits=False) == pytest.approx(1.0)
