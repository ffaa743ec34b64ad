"""The network of airbench: its shapes, what is frozen, and where it starts."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from assay.errors import InputError
from assay.models.airbench import Airbench
from assay.models.counting import count_parameters
from assay.recipe import Recipe
from assay.training.train import train
from assay.tricks.norm.patch_whitening import PatchWhitening


def test_on_cifar_it_has_the_published_shape():
    model = Airbench().build((24, 31, 31), 10)
    assert model(torch.zeros(2, 24, 31, 31)).shape == (2, 10)
    # 9 (24*64 + 64*64 + 64*256 + 3 * 256*256), 2 * 2 (64 + 256 + 256), 256*10
    assert count_parameters(model) == 9 * (1536 + 4096 + 16384 + 3 * 65536) + 2304 + 2560


def test_scales_are_fixed_and_convolutions_pass_their_input_on():
    model = Airbench(widths=(8, 16, 16)).build((4, 16, 16), 3)
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == 6
    assert not any(norm.weight.requires_grad for norm in norms)
    assert all(norm.bias.requires_grad for norm in norms)
    first = model[1]
    images = torch.randn(2, 4, 7, 7, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(first(images)[:, :4], images)
    assert first.weight[4:].abs().sum() > 0


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="at least 9x9 pixels, got 8x8; use ConvNet"):
        Airbench().build((1, 8, 8), 10)
    with pytest.raises(InputError, match="Airbench needs images"):
        Airbench().build((5,), 10)
    with pytest.raises(ValueError, match="widths must be at least 1"):
        Airbench(widths=(0, 1, 1))


def test_it_stands_behind_whitened_patches(tiny_images):
    recipe = Recipe(model=Airbench(widths=(4, 8, 8)), batch_size=8, epochs=1) | PatchWhitening()
    data = replace(tiny_images, train=larger(tiny_images.train), validation=larger(tiny_images.validation),
                   specification=replace(tiny_images.specification, input_shape=(1, 16, 16)))  # fmt: skip
    run = train(recipe, data)
    first = next(module for module in run.model.modules() if isinstance(module, nn.Conv2d))
    # Both signs of the four values of a grey 2x2 patch.
    assert first.in_channels == 8
    assert run.validation.n == 8


def larger(split):
    return replace(split, inputs=split.inputs.repeat_interleave(2, 2).repeat_interleave(2, 3))
