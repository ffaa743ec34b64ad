import pytest
import torch
from torch import nn

from assay.models.feature_pyramid import FeaturePyramid, PathAggregation


def keep_centres(module: nn.Module) -> None:
    """Every convolution becomes the sum over channels of the pixel in its middle."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
            with torch.no_grad():
                layer.weight[:, :, layer.kernel_size[0] // 2, layer.kernel_size[1] // 2] = 1.0


FINE = torch.tensor([[1.0, 2.0, 3.0, 4.0]] * 4).view(1, 1, 4, 4)
MIDDLE = torch.tensor([[10.0, 20.0], [30.0, 40.0]]).view(1, 1, 2, 2)
COARSE = torch.full((1, 1, 1, 1), 100.0)


def test_what_is_coarse_comes_down_by_hand():
    neck = FeaturePyramid((1, 1, 1), 1)
    keep_centres(neck)
    fine, middle, coarse = neck([FINE, MIDDLE, COARSE])
    assert coarse.item() == 100.0
    assert middle[0, 0].tolist() == [[110.0, 120.0], [130.0, 140.0]]
    assert fine[0, 0].tolist() == [[111.0, 112.0, 123.0, 124.0]] * 2 + [[131.0, 132.0, 143.0, 144.0]] * 2


@pytest.mark.parametrize("merge", ["add", "concatenate"])
def test_what_is_fine_goes_up_by_hand(merge):
    """A convolution of stride 2 that keeps centres picks every other pixel: 1 and 3 of each other row."""
    neck = PathAggregation(1, 3, merge)
    keep_centres(neck)
    fine, middle, coarse = neck([FINE, MIDDLE, COARSE])
    assert torch.equal(fine, FINE)
    assert middle[0, 0].tolist() == [[11.0, 23.0], [31.0, 43.0]]
    assert coarse.item() == 111.0


def test_sizes_and_channels_with_odd_sides():
    maps = [torch.zeros(2, 8, 7, 9), torch.zeros(2, 16, 4, 5), torch.zeros(2, 32, 2, 3)]
    levels = PathAggregation(6, 3, "concatenate")(FeaturePyramid((8, 16, 32), 6)(maps))
    assert [level.shape for level in levels] == [(2, 6, 7, 9), (2, 6, 4, 5), (2, 6, 2, 3)]


def test_wrong_numbers_of_maps_are_refused():
    with pytest.raises(ValueError, match="maps must be one for each of the 3 levels, finest first, got 1"):
        FeaturePyramid((1, 1, 1), 1)([FINE])
    with pytest.raises(ValueError, match="maps must be one for each of the 2 levels, finest first, got 3"):
        PathAggregation(1, 2)([FINE, MIDDLE, COARSE])
