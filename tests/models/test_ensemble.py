import pytest
import torch
from torch import Tensor, nn

from assay.models.ensemble import Ensemble


class Constant(nn.Module):
    """Answers the same row whatever it is asked."""

    def __init__(self, *row: float) -> None:
        super().__init__()
        self.row = torch.tensor(row)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.row.expand(len(inputs), -1)


INPUTS = torch.zeros(2, 3)


def test_probabilities_are_averaged_by_hand() -> None:
    """(.8, .2) and (.4, .6) make (.6, .4)."""
    members = [Constant(*torch.tensor(row).log().tolist()) for row in ((0.8, 0.2), (0.4, 0.6))]
    outputs = Ensemble(members, classes=True)(INPUTS)
    assert torch.allclose(outputs.softmax(1), torch.tensor([[0.6, 0.4]] * 2))
    assert torch.allclose(outputs.exp().sum(1), torch.ones(2))  # they are logarithms of probabilities already


def test_a_members_scale_of_logits_does_not_make_it_louder() -> None:
    """Logits of 1000 weigh no more than any certain answer; nothing overflows."""
    outputs = Ensemble([Constant(1000.0, 0.0), Constant(0.0, 1.0)], classes=True)(INPUTS)
    expected = (torch.tensor([1.0, 0.0]) + torch.tensor([0.0, 1.0]).softmax(0)) / 2
    assert torch.allclose(outputs.softmax(1)[0], expected, atol=1e-6)


def test_regression_averages_outputs() -> None:
    assert torch.equal(Ensemble([Constant(1.0), Constant(4.0)], classes=False)(INPUTS), torch.full((2, 1), 2.5))


def test_one_member_answers_as_itself() -> None:
    member = nn.Linear(3, 4)
    inputs = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    outputs = Ensemble([member], classes=True)(inputs)
    assert torch.allclose(outputs.softmax(1), member(inputs).softmax(1), atol=1e-6)


def test_modes_and_weights_reach_the_members() -> None:
    ensemble = Ensemble([nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5)) for _ in range(2)], classes=True)
    ensemble.eval()
    assert not any(module.training for module in ensemble.modules())
    assert len(list(ensemble.parameters())) == 4


def test_refuses_no_member() -> None:
    with pytest.raises(ValueError, match="at least one member"):
        Ensemble([], classes=True)
