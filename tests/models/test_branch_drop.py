import pytest
from torch import nn

from assay.models.branch_drop import fill_drops, residual_blocks
from assay.models.resnet import ResNet


@pytest.mark.parametrize(("rule", "expected"), [("linear", [0.1, 0.2, 0.3]), ("uniform", [0.3, 0.3, 0.3])])
def test_probabilities_by_hand(rule, expected):
    network = ResNet(8, 4).build((1, 8, 8), 2)
    names = list(network.state_dict())
    assert fill_drops(network, nn.Dropout, probability=0.3, rule=rule) is network
    assert [block.drop.p for block in residual_blocks(network)] == pytest.approx(expected)
    assert list(network.state_dict()) == names


def test_a_network_without_branches_is_refused():
    with pytest.raises(ValueError, match="must have residual blocks with a branch and a drop, got Linear"):
        residual_blocks(nn.Linear(2, 2))
