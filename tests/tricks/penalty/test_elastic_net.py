import pytest
import torch
from torch import nn

from assay.recipe import Recipe, Trick
from assay.tricks.penalty.elastic_net import ElasticNet
from assay.tricks.penalty.l1_penalty import L1Penalty
from assay.tricks.penalty.l2_penalty import L2Penalty


def value(trick: Trick, model: nn.Module) -> torch.Tensor:
    (penalty,) = (Recipe() | trick).penalties
    return penalty(model, torch.ones(1), torch.ones(1), torch.ones(1))


def test_by_hand():
    model = nn.Linear(2, 1)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[3.0, -4.0]]))
    # 0.1 * (0.25 * 7 + 0.75 * 12.5)
    assert value(ElasticNet(0.1, 0.25), model).item() == pytest.approx(0.1 * (1.75 + 9.375))


def test_its_ends_are_l1_and_l2():
    model = nn.Linear(5, 3)
    torch.testing.assert_close(value(ElasticNet(0.2, 1.0), model), value(L1Penalty(0.2), model))
    torch.testing.assert_close(value(ElasticNet(0.2, 0.0), model), value(L2Penalty(0.2), model))


def test_bad_values_are_refused():
    with pytest.raises(ValueError, match="strength must be finite and at least 0, got -1"):
        ElasticNet(-1.0)
    with pytest.raises(ValueError, match=r"l1_share must be in \[0, 1\], got 2"):
        ElasticNet(l1_share=2.0)
