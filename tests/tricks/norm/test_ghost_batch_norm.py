import pytest
import torch
from torch import nn

from assay.tricks.norm.ghost_batch_norm import GhostBatchNorm, GhostBatchNormLayer


def draw(batch):
    return 3.0 * torch.randn(batch, 4, 2, 2, generator=torch.Generator().manual_seed(batch)) + 1.0


def test_each_part_is_normalised_by_itself_and_updates_the_running_statistics_in_turn():
    """As torch's batch norm that sees one small batch after the other."""
    inputs, ours, theirs = draw(12), GhostBatchNormLayer(4, 4), nn.BatchNorm2d(4)
    expected = torch.cat([theirs(part) for part in inputs.split(4)])
    assert torch.equal(ours(inputs), expected)
    assert all(torch.equal(ours.state_dict()[name], value) for name, value in theirs.state_dict().items())
    assert torch.equal(ours.eval()(inputs), theirs.eval()(inputs))


@pytest.mark.parametrize(("batch", "lengths"), [(10, [5, 5]), (11, [6, 5]), (7, [7]), (3, [3]), (12, [4, 4, 4])])
def test_sizes_that_do_not_divide_the_batch_make_longer_parts(batch, lengths):
    inputs, ours = draw(batch), GhostBatchNormLayer(4, 4)
    expected = torch.cat([nn.BatchNorm2d(4)(part) for part in inputs.split(lengths)])
    assert torch.equal(ours(inputs), expected)


def test_the_batchs_own_size_turns_it_off():
    inputs, ours, theirs = draw(8), GhostBatchNorm(8).make(4), nn.BatchNorm2d(4)
    assert torch.equal(ours(inputs), theirs(inputs))
    assert torch.equal(ours.running_var, theirs.running_var)


def test_vectors_have_ghosts_too():
    inputs = draw(8)[:, :, 0, 0]
    expected = torch.cat([nn.BatchNorm1d(4)(part) for part in inputs.split(4)])
    assert torch.equal(GhostBatchNormLayer(4, 4)(inputs), expected)


def test_a_size_of_none_is_refused():
    with pytest.raises(ValueError, match="size must be finite and at least 1, got 0; 16 to 128 are usual"):
        GhostBatchNorm(0)
