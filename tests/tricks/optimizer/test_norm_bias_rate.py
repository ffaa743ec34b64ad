import pytest
import torch
from torch import nn

from assay.learner import parameter_groups
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.optimizer.adam import UseAdam
from assay.tricks.optimizer.decoupled_sgd import DecoupledSGD
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay
from assay.tricks.optimizer.norm_bias_rate import NormBiasRate


def network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.LayerNorm(4), nn.Linear(4, 2)).double()


def groups(recipe: Recipe, model: nn.Module) -> list[dict]:
    return parameter_groups(model, recipe.parameter_rules, recipe.optimizer)


def test_rate_and_decay_by_hand_and_only_of_norms():
    model = network()
    model[1].bias.requires_grad_(False)
    recipe = Recipe(optimizer=SGD(0.01, weight_decay=0.5)) | NormBiasRate(8.0)
    plain, fast = groups(recipe, model)
    assert fast == {"params": [model[2].bias], "lr": 0.08, "weight_decay": 0.0625}
    assert set(plain) == {"params"}
    assert len(plain["params"]) == 6


@pytest.mark.parametrize("builder", [SGD(0.01, 0.0, weight_decay=0.5), DecoupledSGD(0.01, weight_decay=0.5)], ids=repr)
def test_all_weights_decay_alike_in_a_step(builder):
    """Without a gradient only the decay acts: by 0.01 * 0.5 everywhere."""
    model = network()
    nn.init.ones_(model[1].bias)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = builder.build(groups(Recipe(optimizer=builder) | NormBiasRate(64.0), model))
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.detach(), before[name] * 0.995)


def test_a_step_follows_the_gradient_by_the_factor():
    model = network()
    before = model[1].bias.detach().clone(), model[0].bias.detach().clone()
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    recipe = Recipe() | UseAdam(0.001, weight_decay=0.0) | NormBiasRate(8.0)
    recipe.optimizer.build(groups(recipe, model)).step()
    torch.testing.assert_close(before[0] - model[1].bias.detach(), torch.full((4,), 0.008).double())
    torch.testing.assert_close(before[1] - model[0].bias.detach(), torch.full((4,), 0.001).double())


def test_biases_without_decay_stay_without_it_in_either_order():
    for recipe in (Recipe() | NoBiasDecay() | NormBiasRate(), Recipe() | NormBiasRate() | NoBiasDecay()):
        decays = [group.get("weight_decay") for group in groups(recipe, network()) if "lr" in group]
        assert decays == [0.0]


def test_factor_one_is_off_and_factor_zero_holds_them_still():
    assert groups(Recipe() | NormBiasRate(1.0), network())[0].keys() == {"params"}
    still = groups(Recipe() | NormBiasRate(0.0), network())[1]
    assert {name: value for name, value in still.items() if name != "params"} == {"lr": 0.0}


def test_bad_factors_are_refused():
    with pytest.raises(ValueError, match="factor must be finite and at least 0, got nan; the usual value is 64"):
        NormBiasRate(float("nan"))
