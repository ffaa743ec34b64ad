import pytest
import torch
from torch import nn

from assay.learner import build_learner
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.models.weight_layers import WEIGHT_LAYERS, FannedWeight
from assay.randomness import scoped_seed
from assay.recipe import Recipe
from assay.tricks.initialisation.layer_sequential_init import (
    LayerSequentialInit,
    draw_orthonormal,
    scale_to_unit_variance,
)


def deviations(model, inputs):
    """Of every layer's outputs without its bias, in the order in which they run."""
    found = []
    hooks = [
        layer.register_forward_hook(
            lambda layer, _, outputs: found.append(
                (outputs if layer.bias is None else outputs - layer.bias.view(-1, *[1] * (outputs.dim() - 2))).std()
            )
        )
        for layer in model.modules()
        if isinstance(layer, WEIGHT_LAYERS)
    ]
    model(inputs)
    for hook in hooks:
        hook.remove()
    return torch.stack(found)


@pytest.mark.parametrize("builder", [MLP((16, 16)), ResNet(8, 4)])
def test_every_layers_outputs_have_deviation_one_on_that_batch(builder):
    inputs = 7.0 * torch.randn(12, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    with scoped_seed(0, "model"):
        model = builder.build((1, 8, 8), 4)
    assert (deviations(model, inputs) - 1).abs().max() > 0.3
    scale_to_unit_variance(model, inputs)
    found = deviations(model, inputs)
    torch.testing.assert_close(found, torch.ones_like(found))


def test_nothing_but_weights_changes():
    model = ResNet(8, 4).build((1, 8, 8), 4).eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    scale_to_unit_variance(model, torch.randn(12, 1, 8, 8))
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {f"{name}.weight" for name, layer in model.named_modules() if isinstance(layer, WEIGHT_LAYERS)}
    assert not model.training
    assert not any(parameter.grad is not None for parameter in model.parameters())


def test_a_shared_layer_is_scaled_once_and_a_silent_one_is_left():
    layer, silent = nn.Linear(4, 4), nn.Linear(4, 4)
    nn.init.zeros_(silent.weight)
    model = nn.Sequential(layer, layer, silent)
    scale_to_unit_variance(model, torch.randn(8, 4))
    assert not silent.weight.any()
    assert deviations(nn.Sequential(layer), torch.randn(8, 4)).isfinite().all()


def test_the_shorter_side_is_orthonormal():
    values = torch.empty(3, 2, 2, 2).contiguous(memory_format=torch.channels_last)
    draw_orthonormal(FannedWeight(values, 8, 12))
    matrix = values.flatten(1)
    torch.testing.assert_close(matrix @ matrix.T, torch.eye(3))


def test_a_learner_starts_from_it(tiny_images):
    recipe = Recipe(model=MLP((16,))) | LayerSequentialInit()
    inputs = torch.randn(24, 1, 8, 8)
    learner = build_learner(
        recipe, tiny_images.specification, seed=0, device=torch.device("cpu"), sample=lambda: inputs
    )
    torch.testing.assert_close(deviations(learner.model, inputs), torch.ones(2))
