import pytest
import torch

from assay.recipe import Recipe
from assay.tricks.loss.flooding import Flooding, flood


def test_reflects_below_the_level_by_hand():
    assert flood(torch.tensor(0.02), level=0.05).item() == pytest.approx(0.08)
    assert flood(torch.tensor(0.30), level=0.05).item() == pytest.approx(0.30)


@pytest.mark.parametrize(("value", "slope"), [(0.02, -1.0), (0.30, 1.0)])
def test_gradient_changes_sign_below_the_level(value, slope):
    loss = torch.tensor(value, requires_grad=True)
    flood(loss, level=0.05).backward()
    assert loss.grad is not None
    assert loss.grad.item() == slope


def test_level_0_is_identity():
    loss = torch.tensor(0.123)
    assert flood(loss, level=0.0) is loss


def test_trick_carries_its_level():
    (edit,) = (Recipe() | Flooding(0.5)).loss_edits
    assert edit(torch.tensor(0.25)).item() == 0.75


def test_refuses_a_negative_level():
    with pytest.raises(ValueError, match=r"level must be finite and at least 0, got -0.1"):
        Flooding(-0.1)
