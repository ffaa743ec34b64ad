import pytest
import torch
from torch import nn

from assay.monitors.update_ratios import measure_update_ratios, weights_now


def test_plain_gradient_descent_moves_by_rate_times_gradient():
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.weight.grad = torch.full((2, 3), 2.0)
    before = weights_now(model.named_parameters())
    size = float(model.weight.detach().norm())
    optimizer.step()
    found = measure_update_ratios(before, model.named_parameters())
    assert found == {"weight": pytest.approx(0.2 * 6**0.5 / size, rel=1e-4)}


def test_weights_of_zero_and_frozen_ones_have_no_ratio():
    zero, frozen = nn.Parameter(torch.zeros(2, 2)), nn.Parameter(torch.ones(2, 2), requires_grad=False)
    named = [("zero", zero), ("frozen", frozen)]
    before = weights_now(named)
    assert set(before) == {"zero"}
    with torch.no_grad():
        zero.add_(1.0)
    assert measure_update_ratios(before, named) == {}
    assert measure_update_ratios({}, named) == {}
