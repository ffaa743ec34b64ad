import copy

import pytest
import torch
from torch import nn

from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.optimizer.adam import UseAdam
from assay.tricks.optimizer.decoupled_sgd import DecoupledSGD
from assay.tricks.weights.norm_bias_rate import NormBiasRate


def network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.LayerNorm(4), nn.Linear(4, 2)).double()


def train(model: nn.Module, optimizer: torch.optim.Optimizer, edit: NormBiasRate | None = None) -> nn.Module:
    state = edit.start(model) if edit else {}
    generator = torch.Generator().manual_seed(1)
    for step in range(4):
        optimizer.zero_grad()
        model(torch.randn(6, 3, generator=generator).double()).square().mean().backward()
        optimizer.step()
        if edit:
            edit.edit(state, model, Clock(step, 4, 2))
    return model


@pytest.mark.parametrize("builder", [SGD(0.01, weight_decay=0.1), DecoupledSGD(0.01), UseAdam(0.001)], ids=repr)
def test_it_is_a_learning_rate_of_its_own(builder):
    (edit,) = (Recipe() | NormBiasRate(8.0)).weight_edits
    model = network()
    found = train(model, builder.build([{"params": list(model.parameters())}]), edit)
    model = network()
    biases = [model[1].bias, model[2].bias]
    others = [p for p in model.parameters() if not any(p is bias for bias in biases)]
    groups = [{"params": others}, {"params": biases, "lr": 8.0 * builder.learning_rate}]
    expected = train(model, builder.build(groups))
    for name, value in expected.state_dict().items():
        torch.testing.assert_close(found.state_dict()[name], value)


def test_factor_one_changes_nothing():
    model, plain = network(), network()
    train(model, SGD(0.1).build([{"params": list(model.parameters())}]), NormBiasRate(1.0))
    train(plain, SGD(0.1).build([{"params": list(plain.parameters())}]))
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), plain.parameters(), strict=True))


def test_only_norms_and_no_frozen_biases():
    model = copy.deepcopy(network())
    model[1].bias.requires_grad_(False)
    assert set(NormBiasRate().start(model)) == {"2.bias"}


def test_bad_factors_are_refused():
    with pytest.raises(ValueError, match="factor must be finite and at least 0, got nan; the usual value is 64"):
        NormBiasRate(float("nan"))
