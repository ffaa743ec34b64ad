import inspect

import pytest
import torch

from assay.models.pyramid_pooling import PyramidPool, StackedPools


def test_a_pyramid_of_a_4x4_image_by_hand():
    image = torch.arange(16.0).view(1, 1, 4, 4)
    assert PyramidPool((1, 2))(image).flatten().tolist() == [15.0, 5.0, 7.0, 13.0, 15.0]
    assert PyramidPool()(image).flatten()[-16:].tolist() == list(range(16))


@pytest.mark.parametrize("shape", [(2, 3, 9, 13), (2, 3, 1, 1), (2, 3, 4, 2)])
def test_a_pyramid_of_any_image_has_as_many_numbers(shape):
    assert PyramidPool()(torch.zeros(shape)).shape == (2, 3, 21)


def test_stacked_pools_by_hand():
    row = torch.tensor([5.0, 0.0, 0.0, 0.0, 7.0]).view(1, 1, 1, 5)
    outputs = StackedPools((3, 5))(row)
    assert outputs[0, :, 0].tolist() == [[5, 0, 0, 0, 7], [5, 5, 0, 7, 7], [5, 5, 7, 7, 7]]


def test_stacked_pools_keep_size_and_multiply_channels():
    assert StackedPools()(torch.zeros(2, 3, 6, 4)).shape == (2, 12, 6, 4)


def test_even_kernels_are_refused():
    with pytest.raises(ValueError, match=r"kernels must be odd, so that maps keep their size, got \(4,\)"):
        StackedPools((4,))
    assert inspect.signature(StackedPools).parameters["kernels"].default == (5, 9, 13)
