import torch
from torch import nn

from assay.models.spatial_attention import PixelAttention


def test_every_value_is_weighed_by_its_pixels_channels():
    layer = PixelAttention(2)
    nn.init.zeros_(layer.convolution.bias)
    with torch.no_grad():
        layer.convolution.weight.copy_(torch.tensor([[0.0, 1.0], [0.0, 0.0]]).view(2, 2, 1, 1))
    inputs = torch.tensor([[4.0, 4.0], [1.0, -1.0]]).view(1, 2, 1, 2)
    up, down = (4 * torch.tensor(value).sigmoid() for value in (1.0, -1.0))
    torch.testing.assert_close(layer(inputs).flatten(), torch.tensor([up, down, 0.5, -0.5]))
