import colorsys

import pytest
import torch

from assay.recipe import RecipeError
from assay.tricks.colours import greys, hsv_from_rgb, require_byte_images, rgb_from_hsv


def pixels() -> torch.Tensor:
    corners = torch.cartesian_prod(*[torch.tensor([0.0, 0.5, 1.0])] * 3)
    random = torch.rand(50, 3, generator=torch.Generator().manual_seed(0))
    return torch.cat((corners, random))


def test_hsv_agrees_with_colorsys_and_back():
    rgb = pixels()
    hsv = hsv_from_rgb(rgb.T[None, :, None, :])[0, :, 0].T
    expected = torch.tensor([colorsys.rgb_to_hsv(*pixel) for pixel in rgb.tolist()])
    torch.testing.assert_close(hsv, expected, atol=1e-5, rtol=0)
    back = rgb_from_hsv(hsv.T[None, :, None, :])[0, :, 0].T
    torch.testing.assert_close(back, rgb, atol=1e-5, rtol=0)


def test_grey_of_a_grey_is_itself():
    image = torch.rand(2, 1, 3, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(greys(image), image)
    torch.testing.assert_close(greys(image.expand(2, 3, 3, 3)), image)


def test_what_has_no_colours_is_refused():
    with pytest.raises(RecipeError, match="Tint needs grey or colour images of bytes, got 3 channels of float32; take"):
        require_byte_images(torch.zeros(1, 3, 2, 2), "Tint")
    with pytest.raises(RecipeError, match="got 5 channels of uint8"):
        require_byte_images(torch.zeros(1, 5, 2, 2, dtype=torch.uint8), "Tint")
    with pytest.raises(RecipeError, match=r"Tint needs images .* got inputs of shape \(4, 30\)"):
        require_byte_images(torch.zeros(4, 30), "Tint")
