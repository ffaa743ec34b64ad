import pytest
import torch
from torch import nn

from assay.recipe import Recipe
from assay.tricks.inference.logit_scale import LogitScale


def edited(trick, model, tiny_images):
    (edit,) = (Recipe() | trick).model_edits
    return edit(model, tiny_images.specification)


def test_by_hand_in_training_and_after(tiny_images):
    network = edited(LogitScale(0.5), nn.Identity(), tiny_images)
    assert network(torch.tensor([[2.0, -4.0]])).tolist() == [[1.0, -2.0]]
    assert network.eval()(torch.tensor([[2.0, -4.0]])).tolist() == [[1.0, -2.0]]


def test_factor_1_is_the_network_itself(tiny_images):
    network = nn.Linear(2, 2)
    assert edited(LogitScale(1.0), network, tiny_images) is network


@pytest.mark.parametrize("factor", [0.0, -1.0, float("inf"), float("nan")])
def test_bad_factors_are_refused(factor):
    with pytest.raises(ValueError, match=r"factor must be finite and above 0, got .*; 1/9 is usual"):
        LogitScale(factor)
