import pytest
import torch

from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.activation.leaky_relu import LeakyReLU
from assay.tricks.activation.rrelu import RReLU


def test_slopes_are_random_in_training_and_two_elevenths_in_evaluation(tiny_images):
    inputs = torch.randn(5, 1, 8, 8)
    leaky, random = (
        build_model(Recipe() | trick, tiny_images.specification, seed=0) for trick in (LeakyReLU(2 / 11), RReLU())
    )
    assert not torch.equal(random(inputs), random(inputs))
    assert torch.equal(random.eval()(inputs), leaky(inputs))


@pytest.mark.parametrize(("low", "high", "message"), [
    (0.5, 8.0, "low must be finite and at least 1, got 0.5"),
    (3.0, 2.0, "high must be finite and at least 3, got 2.0; 8 is usual with low=3"),
])  # fmt: skip
def test_bad_bounds_are_refused(low, high, message):
    with pytest.raises(ValueError, match=message):
        RReLU(low, high)
