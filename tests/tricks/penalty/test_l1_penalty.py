import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.tricks.penalty.l1_penalty import L1Penalty, sum_of_magnitudes


def test_by_hand_without_biases_and_norms():
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([[1.0, -2.0], [0.0, 3.0]]))
    assert sum_of_magnitudes(model).item() == 6.0
    (penalty,) = (Recipe() | L1Penalty(0.5)).penalties
    outputs = model(torch.ones(2, 2))
    penalty(model, outputs, outputs, outputs).backward()
    assert torch.equal(model[0].weight.grad, 0.5 * torch.tensor([[1.0, -1.0], [0.0, 1.0]]))
    assert model[0].bias.grad is None
    assert model[1].weight.grad is None


def test_shared_weights_count_once_and_frozen_ones_not_at_all():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    torch.testing.assert_close(sum_of_magnitudes(model), model[0].weight.abs().sum())
    model.requires_grad_(False)
    assert sum_of_magnitudes(model).item() == 0.0


def test_a_negative_strength_is_refused():
    with pytest.raises(ValueError, match="strength must be finite and at least 0, got -1"):
        L1Penalty(-1.0)
