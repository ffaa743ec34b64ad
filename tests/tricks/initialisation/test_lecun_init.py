import pytest
import torch

from assay.models.weight_layers import FannedWeight
from assay.network import build_model
from assay.randomness import scoped_seed
from assay.recipe import Recipe
from assay.tricks.initialisation.lecun_init import LecunInit, draw_lecun


def test_a_unit_normal_over_the_root_of_fan_in():
    values = torch.empty(5, 16)
    with scoped_seed(0, "draw"):
        draw_lecun(FannedWeight(values, 16, 5))
    with scoped_seed(0, "draw"):
        torch.testing.assert_close(values, torch.empty(5, 16).normal_() / 4)


def test_sums_of_unit_inputs_have_variance_one(tiny_images):
    model = build_model(Recipe() | LecunInit(), tiny_images.specification, seed=0)
    sums = torch.randn(200, 64, generator=torch.Generator().manual_seed(0)) @ model[1].weight.T
    # 8,192 weights: their mean square is off by about 1.6 %.
    assert sums.var().item() == pytest.approx(1.0, rel=0.08)
