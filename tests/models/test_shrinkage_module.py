import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.models.shrinkage import ShrinkageLayer, soft_threshold
from assay.randomness import scoped_seed


def test_soft_threshold_by_hand_and_as_pytorch_has_it():
    values = torch.tensor([-3.0, -1.0, 0.0, 0.5, 2.0])
    assert soft_threshold(values, torch.ones(1)).tolist() == [-2.0, 0.0, 0.0, 0.0, 1.0]
    torch.testing.assert_close(soft_threshold(values, torch.full((1,), 0.7)), F.softshrink(values, 0.7))


def test_a_threshold_of_zero_is_the_identity():
    values = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(soft_threshold(values, torch.zeros(2, 3, 1, 1)), values)


@pytest.mark.parametrize("shared", [False, True])
def test_thresholds_are_half_the_levels_when_the_network_says_nothing(shared):
    """Levels of two channels: mean |x| = 1 and 3; a share of sigmoid(0) = 1/2, alone or of their mean 2."""
    layer = ShrinkageLayer(2, shared=shared).eval()
    nn.init.zeros_(layer.shares[3].weight)
    nn.init.zeros_(layer.shares[3].bias)
    inputs = torch.tensor([[-2.0, 0.0], [2.0, 4.0]]).view(1, 2, 1, 2)
    assert layer.thresholds(inputs).tolist() == ([[1.0]] if shared else [[0.5, 1.5]])
    assert layer(inputs).flatten().tolist() == ([-1.0, 0.0, 1.0, 3.0] if shared else [-1.5, 0.0, 0.5, 2.5])


@pytest.mark.parametrize("shared", [False, True])
def test_no_threshold_silences_a_channel_and_gradients_reach_the_shares(shared):
    with scoped_seed(0, "shrinkage"):
        layer, inputs = ShrinkageLayer(8, shared=shared), torch.randn(6, 8, 5, 5)
    thresholds = layer.thresholds(inputs)
    assert thresholds.shape == (6, 1 if shared else 8)
    assert (thresholds > 0).all()
    assert (thresholds < inputs.abs().amax((2, 3))).all()
    layer(inputs).square().sum().backward()
    assert all(parameter.grad is not None for parameter in layer.parameters())
