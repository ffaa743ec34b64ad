import pytest
import torch
from torch import nn

from assay.recipe import Recipe, RecipeError
from assay.tricks.norm.global_contrast_norm import GlobalContrastNorm
from assay.tricks.norm.range_scaling import RangeScaling, scale_range


def test_by_hand():
    assert scale_range(torch.tensor([0.0, 127.5, 255.0]), low=0.0, high=255.0).tolist() == [-1.0, 0.0, 1.0]


def test_the_network_sees_bytes_from_minus_one_to_one(tiny_images):
    model = RangeScaling().edit(nn.Identity(), tiny_images.specification)
    raw = tiny_images.train.inputs
    expected = raw.double() / 127.5 - 1.0
    found = model(tiny_images.specification.normalization(raw))
    torch.testing.assert_close(found.double(), expected, atol=1e-5, rtol=0)


def test_an_empty_range_and_a_second_scale_are_refused():
    with pytest.raises(ValueError, match=r"low must be below high, got 1.0 and 1.0; 0 and 255 are usual"):
        RangeScaling(1.0, 1.0)
    with pytest.raises(RecipeError, match="GlobalContrastNorm and RangeScaling both set input scale; keep one"):
        Recipe() | RangeScaling() | GlobalContrastNorm()
