import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.errors import InputError
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.recipe import Recipe, RecipeError
from assay.training.train import Training
from assay.tricks.norm.patch_whitening import PatchWhitening, whitening_layer
from assay.tricks.norm.weight_standardisation import WeightStandardisation


def test_patches_are_white_and_their_negatives_follow(tiny_images):
    recipe = Recipe(model=ResNet(8, 4), batch_size=24) | PatchWhitening(eps=0.0)
    training = Training(recipe, tiny_images)
    model, inputs = training.learner.model, training._first_inputs()
    outputs = model.prepare[0](inputs)
    assert outputs.shape == (24, 8, 7, 7)
    assert torch.equal(outputs[:, :4], -outputs[:, 4:])
    rows = outputs[:, :4].transpose(0, 1).flatten(1)
    torch.testing.assert_close(rows.cov(correction=0), torch.eye(4), atol=1e-4, rtol=0)


def test_filters_are_frozen_and_the_bias_is_trained(tiny_images):
    training = Training(Recipe(model=ResNet(8, 4), batch_size=12) | PatchWhitening(), tiny_images)
    layer = training.learner.model.prepare[0]
    before = layer.filters.clone()
    assert not any(parameter.shape == before.shape for parameter in training.learner.parameters)
    next(iter(training))
    assert torch.equal(layer.filters, before)
    assert layer.bias.any()


def test_the_bias_is_held_after_its_epochs_and_over_a_restart(tiny_images, tmp_path):
    """2 steps an epoch: the third step changes the bias no more, and resuming does not set it free."""
    recipe = Recipe(model=ResNet(8, 4), batch_size=12, epochs=4) | PatchWhitening(bias_epochs=1.0)
    training = Training(recipe, tiny_images, evaluations=1, checkpoint=tmp_path / "c")
    biases = []
    for step in training:
        biases.append(whitening_layer(training.learner.model).bias.tolist())
        if step.number == 2:
            break
    training.save()
    resumed = Training(recipe, tiny_images, evaluations=1, checkpoint=tmp_path / "c")
    next(iter(resumed))
    biases.append(whitening_layer(resumed.learner.model).bias.tolist())
    assert biases[0] != biases[1]
    assert biases[1] == biases[2] == biases[3]


def test_unfitted_it_shows_the_patches_themselves(tiny_images):
    network = build_model(Recipe(model=ResNet(8, 4)) | PatchWhitening(), tiny_images.specification, seed=0)
    images = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    patches = F.unfold(images, 2).view(2, 4, 7, 7)
    torch.testing.assert_close(network.prepare[0](images)[:, :4], patches)
    first = next(module for module in network.modules() if isinstance(module, nn.Conv2d))
    assert first.in_channels == 8
    assert first.bias is None
    assert network(images).shape == (2, 4)


def test_networks_it_cannot_stand_before_are_refused(tiny_images):
    with pytest.raises(RecipeError, match="PatchWhitening needs a network with convolutions"):
        Recipe(model=MLP()) | PatchWhitening()
    with pytest.raises(InputError, match="whose first convolution takes 1 channels, got None; take PatchWhitening out"):
        PatchWhitening().make_room(nn.Linear(2, 2), tiny_images.specification)
    network = WeightStandardisation().edit(ResNet(8, 4).build((1, 8, 8), 4), tiny_images.specification)
    with pytest.raises(InputError, match="whose first convolution takes 1 channels, got Parametrized"):
        PatchWhitening().make_room(network, tiny_images.specification)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0,), r"size must be in \[1, 16\], got 0"),
        ((2, -1.0), "eps must be finite"),
        ((2, 0.0, 0.0), "bias_epochs must be above 0, got 0.0; airbench's is 3"),
    ],
)
def test_impossible_values_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        PatchWhitening(*values)
