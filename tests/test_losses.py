"""Losses on class indices and on distributions: by hand, against PyTorch, and what they refuse."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.losses import LOSSES, CrossEntropy, MeanSquaredError, loss_for


def test_cross_entropy_by_hand():
    # softmax(0, ln 3) = (1/4, 3/4)
    outputs = torch.tensor([[0.0, math.log(3.0)], [0.0, 0.0]])
    losses = CrossEntropy()(outputs, torch.tensor([0, 1]), reduction="none")
    torch.testing.assert_close(losses, torch.tensor([math.log(4.0), math.log(2.0)]))
    assert CrossEntropy()(outputs, torch.tensor([0, 1])).item() == pytest.approx((math.log(4) + math.log(2)) / 2)


def test_cross_entropy_of_a_blend_is_the_blend_of_cross_entropies():
    outputs = torch.tensor([[0.0, math.log(3.0)]])
    loss = CrossEntropy()(outputs, torch.tensor([[0.25, 0.75]]))
    assert loss.item() == pytest.approx(0.25 * math.log(4) + 0.75 * math.log(4 / 3))


def test_indices_and_one_hot_rows_are_the_same_target():
    outputs = torch.randn(50, 7, generator=torch.Generator().manual_seed(0))
    indices = torch.arange(50) % 7
    dense = F.one_hot(indices, 7).float()
    torch.testing.assert_close(CrossEntropy()(outputs, indices), CrossEntropy()(outputs, dense))
    torch.testing.assert_close(CrossEntropy()(outputs, indices), nn.CrossEntropyLoss()(outputs, indices))


def test_mean_squared_error_by_hand():
    outputs, targets = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 0.0], [0.0, 4.0]])
    losses = MeanSquaredError()(outputs, targets, reduction="none")
    torch.testing.assert_close(losses, torch.tensor([2.0, 4.5]))
    torch.testing.assert_close(MeanSquaredError()(outputs, targets), torch.tensor(3.25))


@pytest.mark.parametrize("loss", [kind() for kind in LOSSES], ids=repr)
def test_the_mean_is_the_mean_of_the_examples(loss):
    generator = torch.Generator().manual_seed(1)
    outputs, targets = torch.randn(20, 4, generator=generator), torch.rand(20, 4, generator=generator).softmax(1)
    losses = loss(outputs, targets, reduction="none")
    assert losses.shape == (20,)
    torch.testing.assert_close(loss(outputs, targets), losses.mean())


def test_a_row_against_a_column_is_refused_instead_of_broadcast():
    with pytest.raises(ValueError, match=r"one shape, got \(4, 1\) and \(4,\); broadcasting would train on noise"):
        MeanSquaredError()(torch.zeros(4, 1), torch.zeros(4))


def test_each_task_has_its_maximum_likelihood():
    assert loss_for("classification") == CrossEntropy()
    assert loss_for("regression") == MeanSquaredError()
    assert [loss_for(kind().task) for kind in LOSSES] == [kind() for kind in LOSSES]
