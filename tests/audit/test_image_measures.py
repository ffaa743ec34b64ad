"""Contrast and sharpness of pictures by hand, and values that are no numbers."""

import math

import pytest
import torch

from assay.audit.image_measures import measure_border, measure_colour, measure_contrast, measure_sharpness


def test_contrast_by_hand() -> None:
    images = torch.tensor([[[[0, 10], [20, 30]]], [[[7, 7], [7, 7]]]], dtype=torch.uint8)
    assert measure_contrast(images).tolist() == pytest.approx([math.sqrt(125), 0.0])


def test_values_that_are_not_finite_are_left_out() -> None:
    rows = torch.tensor([[1.0, 3.0, math.nan, math.inf], [math.nan] * 4])
    assert measure_contrast(rows).tolist() == [1.0, 0.0]


def test_sharpness_by_hand() -> None:
    # One bright pixel of 3x4: the Laplacian of the two inner pixels is -4 * 8 and 8, its variance 400; the image's
    # variance is 64/12 - (8/12)^2.
    image = torch.zeros(1, 1, 3, 4)
    image[0, 0, 1, 1] = 8.0
    assert measure_sharpness(image).tolist() == pytest.approx([400 / (64 / 12 - (8 / 12) ** 2)])


def test_a_blurred_image_is_less_sharp_and_a_slope_has_no_edge() -> None:
    generator = torch.Generator().manual_seed(0)
    sharp = torch.rand(5, 3, 16, 16, generator=generator)
    blurred = torch.nn.functional.avg_pool2d(sharp, 3, stride=1, padding=1)
    assert measure_sharpness(0.01 * sharp).tolist() == pytest.approx(measure_sharpness(sharp).tolist(), rel=1e-3)
    assert (measure_sharpness(blurred) < 0.2 * measure_sharpness(sharp)).all()
    slope = torch.arange(16.0).expand(1, 1, 16, 16)
    assert measure_sharpness(slope).item() == pytest.approx(0.0, abs=1e-9)


def test_noise_of_single_pixels_has_a_sharpness_of_twenty() -> None:
    noise = torch.randn(4, 1, 200, 200, generator=torch.Generator().manual_seed(0))
    assert measure_sharpness(noise).tolist() == pytest.approx([20.0] * 4, rel=0.03)


def test_an_image_of_equal_pixels_has_no_sharpness() -> None:
    assert measure_sharpness(torch.full((1, 3, 5, 5), 7, dtype=torch.uint8)).isnan().all()


@pytest.mark.parametrize("shape", [(2, 5), (2, 1, 2, 9)])
def test_what_has_no_inner_pixels_has_no_sharpness(shape: tuple[int, ...]) -> None:
    assert measure_sharpness(torch.rand(shape)).isnan().all()


def test_colour_and_border_by_hand() -> None:
    image = torch.zeros(1, 2, 3, 4, dtype=torch.uint8)
    image[0, 0, 1, 1:3] = 120  # inside
    image[0, 1, 0] = 50  # the upper edge
    assert measure_colour(image).tolist() == [[20.0, pytest.approx(200 / 12)]]
    assert measure_border(image).tolist() == [[0.0, 20.0]]


def test_what_lies_inside_is_no_border() -> None:
    image = torch.zeros(1, 1, 32, 40)
    image[:, :, 1:-1, 1:-1] = 9.0
    assert measure_border(image).tolist() == [[0.0]]
    image[:, :, 0, 0] = 140.0  # one of 140 pixels
    assert measure_border(image).tolist() == [[1.0]]


@pytest.mark.parametrize("shape", [(2, 5), (2, 7, 9)])
def test_what_is_no_image_has_no_colour(shape: tuple[int, ...]) -> None:
    assert measure_colour(torch.rand(shape)).isnan().all()
    assert measure_border(torch.rand(shape)).isnan().all()
