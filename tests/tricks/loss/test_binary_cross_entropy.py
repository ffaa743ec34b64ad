import math

import pytest
import torch
import torch.nn.functional as F

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.binary_cross_entropy import BinaryCrossEntropy, BinaryCrossEntropyLoss


def test_by_hand():
    """p = (0.8, 0.5) against (0.7, 0.3)."""
    outputs, targets = torch.tensor([[math.log(4.0), 0.0]]), torch.tensor([[0.7, 0.3]])
    expected = -(0.7 * math.log(0.8) + 0.3 * math.log(0.2)) + math.log(2.0)
    assert BinaryCrossEntropyLoss()(outputs, targets).item() == pytest.approx(expected)
    assert BinaryCrossEntropyLoss("mean")(outputs, targets).item() == pytest.approx(expected / 2)


def test_the_first_loss_of_flat_outputs():
    outputs, targets = torch.zeros(3, 7), torch.tensor([0, 3, 6])
    assert BinaryCrossEntropyLoss()(outputs, targets).item() == pytest.approx(7 * math.log(2))
    assert BinaryCrossEntropyLoss("mean")(outputs, targets).item() == pytest.approx(math.log(2))


def test_agrees_with_torch_and_indices_are_one_hot_rows():
    outputs, indices = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)), torch.arange(6) % 4
    rows = F.one_hot(indices, 4).float()
    loss = BinaryCrossEntropyLoss("mean")
    torch.testing.assert_close(loss(outputs, indices), F.binary_cross_entropy_with_logits(outputs, rows))
    torch.testing.assert_close(loss(outputs, rows, "none").mean(), loss(outputs, rows))


def test_the_threshold_makes_shares_yes_or_no():
    outputs, mixed = torch.tensor([[1.0, -2.0, 0.5]]), torch.tensor([[0.75, 0.25, 0.0]])
    loss = BinaryCrossEntropyLoss(threshold=0.2)
    assert torch.equal(loss(outputs, mixed), BinaryCrossEntropyLoss()(outputs, torch.tensor([[1.0, 1.0, 0.0]])))


def test_what_it_refuses():
    assert (Recipe() | BinaryCrossEntropy("mean")).loss == BinaryCrossEntropyLoss("mean")
    with pytest.raises(RecipeError, match="BinaryCrossEntropy needs a classification task"):
        Recipe(loss=MeanSquaredError()) | BinaryCrossEntropy()
    with pytest.raises(ValueError, match="over_classes must be one of sum, mean, got 'max'"):
        BinaryCrossEntropy("max")
    with pytest.raises(ValueError, match=r"threshold must be in \[0, 1\], got 2"):
        BinaryCrossEntropy(threshold=2.0)
