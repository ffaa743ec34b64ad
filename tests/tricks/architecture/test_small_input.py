import pytest
import torch

from assay.models.convnet import ConvNet
from assay.models.counting import count_multiply_adds
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.small_input import SmallInput, scale_down


def test_pixels_that_fall_together_are_averaged():
    image = torch.arange(8.0).view(1, 1, 2, 4)
    assert scale_down(image, factor=2.0).flatten().tolist() == [2.5, 4.5]
    assert scale_down(torch.zeros(2, 3, 9, 32), factor=1.5).shape == (2, 3, 6, 21)
    assert scale_down(image, factor=100.0).shape == (1, 1, 1, 1)
    assert torch.equal(scale_down(image, factor=1.0), image)


def test_the_network_costs_a_quarter_and_answers_as_on_the_small_image(tiny_images):
    specification = tiny_images.specification
    recipe = Recipe(model=ResNet(width=4))
    plain, small = (build_model(r, specification, seed=0) for r in (recipe, recipe | SmallInput()))
    images = torch.randn(2, *specification.input_shape, generator=torch.Generator().manual_seed(0))
    assert torch.equal(small.eval()(images), plain.eval()(scale_down(images, factor=2.0)))
    assert count_multiply_adds(small, (1, 32, 32)) < count_multiply_adds(plain, (1, 32, 32)) / 3.9


def test_off_leaves_the_network_alone(tiny_images):
    recipe = Recipe(model=ResNet(width=4)) | SmallInput(1.0)
    assert type(build_model(recipe, tiny_images.specification, seed=0)) is torch.nn.Sequential


@pytest.mark.parametrize("model", [ConvNet((4, 4, 4)), ConvNet((4,), head="flatten")], ids=repr)
def test_a_network_that_cannot_work_on_small_images_is_refused(model, tiny_images):
    with pytest.raises(RecipeError, match=r"SmallInput: the network cannot work on images .* scaled down by 4; lower"):
        build_model(Recipe(model=model) | SmallInput(4.0), tiny_images.specification, seed=0)


def test_refusals():
    with pytest.raises(ValueError, match=r"factor must be finite and at least 1, got 0\.5; 2 halves both sides"):
        SmallInput(0.5)
    with pytest.raises(RecipeError, match="SmallInput needs a convolutional network; this recipe has MLP"):
        Recipe(model=MLP()) | SmallInput()
