import pytest
import torch
from torch import nn

from assay.models.counting import count_multiply_adds
from assay.models.cross_stage_partial import PartialStage
from assay.models.residual_block import basic_block


class TimesTen(nn.Module):
    def forward(self, inputs):
        return 10 * inputs


def test_one_half_passes_the_blocks_and_one_goes_round():
    """Enter takes channel 0, bypass channel 1, the transition keeps both: 10 and 1 times what came in."""
    stage = PartialStage(2, TimesTen(), nn.Identity)
    for path, weights in (
        *((stage.enter, [[1.0, 0.0]]), (stage.bypass, [[0.0, 1.0]])),
        *((stage.leave, [[1.0]]), (stage.transition, [[1.0, 0.0], [0.0, 1.0]])),
    ):
        with torch.no_grad():
            path[0].weight.copy_(torch.tensor(weights)[:, :, None, None])
    assert stage(torch.tensor([3.0, 4.0]).view(1, 2, 1, 1)).flatten().tolist() == [30.0, 4.0]


def test_half_as_wide_blocks_cost_a_quarter():
    def blocks(channels):
        return nn.Sequential(*(basic_block(channels, channels, 1, nn.BatchNorm2d) for _ in range(4)))

    whole, part = (count_multiply_adds(blocks(channels), (channels, 6, 6)) for channels in (16, 8))
    assert 4 * part == whole
    assert count_multiply_adds(PartialStage(16, blocks(8)), (16, 6, 6)) < whole / 2


def test_an_odd_number_of_channels_is_refused():
    with pytest.raises(ValueError, match="channels must be even, for half of them go round the blocks, got 3"):
        PartialStage(3, nn.Identity())
