import pytest

from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.initialisation.small_random_init import SmallRandomInit


def test_every_layer_has_the_same_small_deviation(tiny_images):
    model = build_model(Recipe() | SmallRandomInit(), tiny_images.specification, seed=0)
    for layer in (model[1], model[3]):
        assert layer.weight.std().item() == pytest.approx(0.001, rel=0.04)
        assert abs(layer.weight.mean().item()) < 5e-5


@pytest.mark.parametrize("scale", [0.0, -0.1, float("nan"), float("inf")])
def test_equal_units_are_refused_with_the_reason(scale):
    with pytest.raises(
        ValueError, match=r"scale must be finite and above 0, got .*; .*stay equal for ever \(symmetry\)"
    ):
        SmallRandomInit(scale)
