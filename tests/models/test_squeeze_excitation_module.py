import torch
from torch import nn

from assay.models.squeeze_excitation import ChannelAttention
from assay.randomness import scoped_seed


def test_shares_by_hand():
    """Two channels of averages 1 and 3; one unit sums them, and only the second channel listens to it."""
    layer = ChannelAttention(2)
    first, last = layer.shares[0], layer.shares[2]
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    nn.init.ones_(first.weight[0])
    with torch.no_grad():
        last.weight[1, 0] = 1.0
    inputs = torch.tensor([[0.0, 2.0], [2.0, 4.0]]).view(1, 2, 1, 2)
    share = torch.tensor(4.0).sigmoid()
    torch.testing.assert_close(layer(inputs).flatten(), torch.tensor([0.0, 1.0, 2 * share, 4 * share]))


def test_shares_lie_between_0_and_1_and_are_one_a_channel():
    with scoped_seed(0, "attention"):
        layer, inputs = ChannelAttention(8), torch.rand(3, 8, 4, 4) + 0.1
    ratio = layer(inputs) / inputs
    assert 0 < ratio.min() < ratio.max() < 1
    torch.testing.assert_close(ratio.amax((2, 3)), ratio.amin((2, 3)))


def test_units_are_a_sixteenth_but_at_least_four():
    assert ChannelAttention(16).shares[0].out_features == 4
    assert ChannelAttention(256).shares[0].out_features == 16
