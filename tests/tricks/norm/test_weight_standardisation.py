import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.initialisation.fixup import Fixup
from assay.tricks.norm.spectral_norm import SpectralNorm
from assay.tricks.norm.weight_standardisation import WeightStandardisation, standardise_filters


def test_by_hand():
    weight = torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    torch.testing.assert_close(standardise_filters(weight, eps=0.0), torch.tensor([[-1.0, 0.0, 1.0]]).expand(2, 3))
    assert torch.equal(standardise_filters(weight[:, :1], eps=0.0), weight[:, :1])


def test_every_convolution_is_standardised_at_each_use(tiny_images):
    (edit,) = (Recipe(model=ConvNet((4, 6))) | WeightStandardisation()).model_edits
    network = ConvNet((4, 6)).build((1, 8, 8), 4)
    names = [name for name, _ in network.named_parameters()]
    edit(network, tiny_images.specification)
    found = [module.weight for module in network.modules() if isinstance(module, nn.Conv2d)]
    for weight in found:
        torch.testing.assert_close(weight.mean((1, 2, 3)), torch.zeros(len(weight)), atol=1e-6, rtol=0)
        torch.testing.assert_close(weight.flatten(1).std(1), torch.ones(len(weight)), atol=1e-3, rtol=0)
    assert len(found) == 2
    assert len(list(network.parameters())) == len(names)


def test_gradients_are_centred(tiny_images):
    network = nn.Sequential(nn.Conv2d(2, 3, 3))
    WeightStandardisation().edit(network, tiny_images.specification)
    network(torch.randn(2, 2, 5, 5, generator=torch.Generator().manual_seed(0))).square().mean().backward()
    (gradient,) = [p.grad for name, p in network.named_parameters() if "original" in name]
    torch.testing.assert_close(gradient.mean((1, 2, 3)), torch.zeros(3), atol=1e-6, rtol=0)
    assert gradient.abs().max() > 1e-3


def test_what_has_no_convolutions_is_refused(tiny_images):
    with pytest.raises(RecipeError, match="WeightStandardisation needs a network with convolutions"):
        Recipe(model=MLP()) | WeightStandardisation()
    with pytest.raises(RecipeError, match="WeightStandardisation and Fixup both set weight norm; keep one"):
        Recipe(model=ResNet()) | Fixup() | WeightStandardisation()
    with pytest.raises(InputError, match="WeightStandardisation needs a Conv1d or Conv2d or Conv3d, got Linear"):
        WeightStandardisation().edit(nn.Linear(2, 2), tiny_images.specification)
    with pytest.raises(RecipeError, match="SpectralNorm and WeightStandardisation both set weight norm; keep one"):
        Recipe(model=ConvNet()) | WeightStandardisation() | SpectralNorm()
    with pytest.raises(ValueError, match="eps must be finite and at least 0"):
        WeightStandardisation(-1.0)
