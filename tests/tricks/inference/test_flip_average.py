import pytest
import torch
from torch import nn

from assay.recipe import Recipe, RecipeError
from assay.tricks.inference.flip_average import FlipAverage, FlipAveragedNetwork, shifted_views


class Corner(nn.Module):
    """Answers with the pixel at the upper left."""

    def forward(self, inputs):
        return inputs[:, :, 0, 0]


IMAGE = torch.arange(9.0).view(1, 1, 3, 3)


def test_by_hand():
    network = FlipAveragedNetwork(Corner())
    assert network(IMAGE).item() == 0.0
    assert network.eval()(IMAGE).item() == 1.0


def test_shifted_views_by_hand():
    """Reflected, the image's second row and column lie above and left of it."""
    up_left, down_right = shifted_views(IMAGE, shift=1)
    assert up_left[0, 0].tolist() == [[4.0, 3.0, 4.0], [1.0, 0.0, 1.0], [4.0, 3.0, 4.0]]
    assert down_right[0, 0].tolist() == [[4.0, 5.0, 4.0], [7.0, 8.0, 7.0], [4.0, 5.0, 4.0]]
    # Unmoved (0 + 2) / 2 with weight 1/2; up-left (4 + 4) / 2 and down-right (4 + 4) / 2 with 1/4 each.
    assert FlipAveragedNetwork(Corner(), shift=1).eval()(IMAGE).item() == 0.5 + 2.0


def test_a_network_that_does_not_care_answers_as_before_and_a_mirrored_image_gets_the_same_answer():
    generator = torch.Generator().manual_seed(0)
    images, mean = torch.randn(4, 3, 6, 6, generator=generator), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    torch.testing.assert_close(FlipAveragedNetwork(mean).eval()(images), mean(images))
    network = FlipAveragedNetwork(nn.Sequential(nn.Flatten(), nn.Linear(108, 2))).eval()
    torch.testing.assert_close(network(images), network(images.flip(-1)))


def test_what_it_refuses(tiny_images):
    (edit,) = (Recipe() | FlipAverage(1)).model_edits
    network = edit(Corner(), tiny_images.specification).eval()
    with pytest.raises(RecipeError, match=r"FlipAverage needs images .*, got inputs of shape \(2, 3\)"):
        network(torch.zeros(2, 3))
    with pytest.raises(ValueError, match="shift must be finite and at least 0, got -1"):
        FlipAverage(-1)
