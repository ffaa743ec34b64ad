import pytest
import torch
from torch import nn

from assay.models.weight_layers import FannedWeight
from assay.network import build_model
from assay.randomness import scoped_seed
from assay.recipe import Recipe
from assay.tricks.initialisation.he_init import HeInit, draw_he, he_deviation


def test_by_hand():
    assert he_deviation(8) == 0.5
    assert he_deviation(4, slope=1.0) == 0.5


@pytest.mark.parametrize("fan", ["in", "out"])
def test_the_draw_is_pytorchs(fan):
    ours, theirs = torch.empty(5, 7, 3, 3), torch.empty(5, 7, 3, 3)
    with scoped_seed(0, "draw"):
        draw_he(FannedWeight(ours, 63, 45), fan=fan, slope=0.2)
    with scoped_seed(0, "draw"):
        nn.init.kaiming_normal_(theirs, a=0.2, mode=f"fan_{fan}", nonlinearity="leaky_relu")
    torch.testing.assert_close(ours, theirs)


def test_the_scale_is_kept_through_ten_layers_of_relu(tiny_images):
    layers = [layer for _ in range(10) for layer in (nn.Linear(256, 256, bias=False), nn.ReLU())]
    model, inputs = nn.Sequential(*layers), torch.randn(64, 256, generator=torch.Generator().manual_seed(0))
    (edit,) = (Recipe() | HeInit()).model_edits
    with scoped_seed(0, "model"):
        edit(model, tiny_images.specification)
    # Each layer's mean square wanders by some percent at this width; without the factor 2 it would be 2 ^ -10.
    assert 0.3 < model(inputs).square().mean().item() < 3.0


def test_the_trick_draws_the_first_layer(tiny_images):
    model = build_model(Recipe() | HeInit(), tiny_images.specification, seed=0)
    # 8,192 draws: their deviation is off by less than 1 % two times in three.
    assert model[1].weight.std().item() == pytest.approx((2 / 64) ** 0.5, rel=0.04)


def test_refusals():
    with pytest.raises(ValueError, match="fan must be one of in, out, got 'both'"):
        HeInit("both")
    with pytest.raises(ValueError, match=r"slope must be in \[0, 1\], got 2; 0 is ReLU"):
        HeInit(slope=2)
