import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.tricks.penalty.orthogonal_penalty import OrthogonalPenalty, distance_from_orthogonal


def test_by_hand():
    """W W^T - 1 = [[3, 2], [2, 1]] - 1 for rows (1, 1, 1) and (1, 0, 1) - with lengths 3 and 2."""
    weight = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    assert distance_from_orthogonal(weight).item() == 4 + 4 + 4 + 1
    assert distance_from_orthogonal(weight.T).item() == 13.0


@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (4, 2, 3, 3), (30, 2, 3, 3)])
def test_an_orthogonal_weight_costs_nothing(shape):
    weight = nn.init.orthogonal_(torch.empty(shape), generator=torch.Generator().manual_seed(0))
    assert distance_from_orthogonal(weight).item() < 1e-8


def test_the_trick_adds_all_layers():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    (penalty,) = (Recipe() | OrthogonalPenalty(0.5)).penalties
    expected = 0.5 * (distance_from_orthogonal(model[0].weight) + distance_from_orthogonal(model[1].weight))
    torch.testing.assert_close(penalty(model, torch.ones(1), torch.ones(1), torch.ones(1)), expected)


def test_a_negative_strength_is_refused():
    with pytest.raises(ValueError, match="strength must be finite and at least 0, got -1"):
        OrthogonalPenalty(-1.0)
