import math
from dataclasses import dataclass

import pytest
import torch

from assay.optimizers import SGD, Adam, AdamW
from assay.recipe import Recipe, RecipeError
from assay.tricks.optimizer.weight_decay import WeightDecay, decay


def test_by_hand():
    assert decay(torch.tensor([2.0, -4.0]), learning_rate=0.5, weight_decay=0.1).tolist() == pytest.approx([1.9, -3.8])


@pytest.mark.parametrize("settings", [SGD(0.1, momentum=0.0, weight_decay=0.2), AdamW(0.1, weight_decay=0.2)])
def test_torchs_optimisers_take_the_same_step_when_there_is_no_gradient(settings):
    weight = torch.nn.Parameter(torch.tensor([1.0, -3.0, 0.25]))
    expected = decay(weight.detach().clone(), learning_rate=0.1, weight_decay=0.2)
    weight.grad = torch.zeros_like(weight)
    settings.build([{"params": [weight]}]).step()
    assert torch.allclose(weight.detach(), expected)


def test_zero_is_identity():
    weight = torch.randn(4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(decay(weight, learning_rate=0.1, weight_decay=0.0), weight)


@pytest.mark.parametrize("optimizer", [SGD(), Adam(), AdamW()])
def test_the_trick_sets_the_optimisers_decay_and_nothing_else(optimizer):
    changed = (Recipe(optimizer=optimizer) | WeightDecay(0.03)).optimizer
    assert changed == type(optimizer)(learning_rate=optimizer.learning_rate, weight_decay=0.03)
    assert changed.build([{"params": [torch.nn.Parameter(torch.ones(1))]}]).param_groups[0]["weight_decay"] == 0.03


@dataclass(frozen=True)
class OtherDecay:
    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.set_options(self, "optimizer", weight_decay=0.1)


def test_two_tricks_cannot_both_set_the_decay():
    with pytest.raises(RecipeError, match="WeightDecay and OtherDecay both set the optimizer's weight_decay"):
        Recipe() | OtherDecay() | WeightDecay()


@pytest.mark.parametrize("weight_decay", [-1e-4, math.nan, math.inf])
def test_bad_decays_are_refused(weight_decay):
    with pytest.raises(ValueError, match=r"weight_decay must be finite and at least 0, got .*; the usual value"):
        WeightDecay(weight_decay)
    with pytest.raises(ValueError, match="weight_decay must be"):
        decay(torch.ones(1), learning_rate=0.1, weight_decay=weight_decay)
