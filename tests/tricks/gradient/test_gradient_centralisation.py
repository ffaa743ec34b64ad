import torch
from torch import nn

from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.tricks.gradient.gradient_centralisation import GradientCentralisation, centralise


def test_by_hand():
    gradient = torch.tensor([[1.0, 2.0, 6.0], [0.0, 0.0, 3.0]])
    assert centralise(gradient).tolist() == [[-2.0, -1.0, 3.0], [-1.0, -1.0, 2.0]]


def test_a_filters_mean_is_over_all_its_inputs():
    gradient = torch.randn(4, 3, 2, 2, generator=torch.Generator().manual_seed(0)).double()
    found = centralise(gradient)
    torch.testing.assert_close(found, torch.stack([unit - unit.mean() for unit in gradient]))
    assert found.sum(dim=(1, 2, 3)).abs().max() < 1e-12


def test_vectors_and_single_inputs_are_left_alone():
    for shape in ((5,), (4, 1), (4, 1, 1, 1)):
        gradient = torch.ones(shape)
        assert torch.equal(centralise(gradient), gradient)


def test_the_sum_of_a_units_weights_does_not_move():
    (edit,) = (Recipe() | GradientCentralisation()).gradient_edits
    layer = nn.Linear(6, 3).double()
    before, bias = layer.weight.detach().sum(1), layer.bias.detach().clone()
    optimizer = SGD(0.1).build([{"params": list(layer.parameters())}])
    for number in range(3):
        layer(torch.arange(6.0).double() + number).square().sum().backward()
        edit(list(layer.parameters()))
        optimizer.step()
    torch.testing.assert_close(layer.weight.detach().sum(1), before)
    assert not torch.equal(layer.bias, bias)
