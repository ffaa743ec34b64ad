import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.training.train import train
from assay.tricks.initialisation.fixup import Fixup
from assay.tricks.norm.spectral_norm import SpectralNorm


def largest(weight):
    return torch.linalg.matrix_norm(weight.double().flatten(1), ord=2)


def test_the_largest_singular_value_is_one(tiny_images):
    network = nn.Sequential(nn.Conv2d(2, 4, 3), nn.Flatten(), nn.Linear(36, 3))
    expected = network[2].weight.detach() / largest(network[2].weight)
    SpectralNorm(iterations=50).edit(network, tiny_images.specification)
    network(torch.zeros(1, 2, 5, 5))
    for layer in (network[0], network[2]):
        assert largest(layer.weight.detach()).item() == pytest.approx(1.0, abs=1e-4)
    torch.testing.assert_close(network[2].weight.detach(), expected.float(), atol=1e-4, rtol=1e-3)


def test_evaluation_leaves_its_vectors_where_they_are(tiny_images):
    network = nn.Sequential(nn.Linear(8, 5))
    SpectralNorm().edit(network, tiny_images.specification)
    network.eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network(torch.ones(1, 8))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    network.train()(torch.ones(1, 8))
    assert any(not torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_it_trains_a_perceptron(tiny_images):
    run = train(Recipe(model=MLP((8,)), batch_size=12, epochs=2) | SpectralNorm(), tiny_images)
    assert all(largest(m.weight.detach()) < 1.3 for m in run.model.modules() if isinstance(m, nn.Linear))


def test_zeros_networks_without_weights_and_no_iterations_are_refused(tiny_images):
    zeros = nn.Linear(2, 2)
    nn.init.zeros_(zeros.weight)
    with pytest.raises(InputError, match="needs weights that are not all 0, got a Linear of zeros; take out"):
        SpectralNorm().edit(zeros, tiny_images.specification)
    with pytest.raises(RecipeError, match="SpectralNorm and Fixup both set weight norm; keep one"):
        Recipe(model=ResNet()) | Fixup() | SpectralNorm()
    with pytest.raises(InputError, match=r"SpectralNorm needs a Conv1d or .* or Linear, got ReLU without any"):
        SpectralNorm().edit(nn.ReLU(), tiny_images.specification)
    with pytest.raises(ValueError, match="iterations must be finite and at least 1, got 0"):
        SpectralNorm(0)
    with pytest.raises(ValueError, match="eps must"):
        SpectralNorm(eps=-1.0)
