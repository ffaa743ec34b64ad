import pytest
import torch
from torch import nn

from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay, no_decay_on_vectors


@pytest.mark.parametrize("builder", [MLP((8,)), ConvNet((4,)), ResNet(8, 4), ResNet(8, 4, norm="group")])
def test_exactly_the_weights_of_convolutions_and_linear_layers_decay(builder):
    model = builder.build((1, 8, 8), 2)
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            decays = isinstance(module, nn.Conv2d | nn.Linear) and name == "weight"
            assert no_decay_on_vectors(module, name, parameter) == ({} if decays else {"weight_decay": 0.0})


def test_scalars_do_not_decay():
    assert no_decay_on_vectors(nn.Module(), "scale", nn.Parameter(torch.tensor(1.0))) == {"weight_decay": 0.0}


def test_a_step_without_gradient_shrinks_weights_and_leaves_biases():
    (rule,) = (Recipe() | NoBiasDecay()).parameter_rules
    layer = nn.Linear(2, 2)
    before = {name: parameter.detach().clone() for name, parameter in layer.named_parameters()}
    groups = [{"params": [parameter], **rule(layer, name, parameter)} for name, parameter in layer.named_parameters()]
    optimizer = SGD(learning_rate=0.1, weight_decay=0.5).build(groups)
    for parameter in layer.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert torch.equal(layer.bias, before["bias"])
    # With Nesterov momentum the first step is (1 + momentum) times the plain one: 1.9 * 0.1 * 0.5.
    assert torch.allclose(layer.weight, before["weight"] * (1 - 1.9 * 0.1 * 0.5))
