import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.tricks.penalty.l2_penalty import L2Penalty, half_sum_of_squares


def test_by_hand():
    model = nn.Linear(2, 1)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[3.0, -4.0]]))
    assert half_sum_of_squares(model).item() == 12.5


def test_under_plain_sgd_it_is_weight_decay_of_the_weights():
    strength, inputs = 0.1, torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    weights = []
    for decay in (0.0, strength):
        torch_state = torch.random.fork_rng()
        with torch_state:
            torch.default_generator.manual_seed(1)
            model = nn.Linear(3, 2, bias=False)
        loss = model(inputs).square().mean()
        if not decay:
            (penalty,) = (Recipe() | L2Penalty(strength)).penalties
            loss = loss + penalty(model, inputs, inputs, inputs)
        loss.backward()
        torch.optim.SGD(model.parameters(), lr=0.5, weight_decay=decay).step()
        weights.append(model.weight.detach())
    torch.testing.assert_close(weights[0], weights[1])


def test_a_negative_strength_is_refused():
    with pytest.raises(ValueError, match="strength must be finite and at least 0, got -1"):
        L2Penalty(-1.0)
