import pytest
import torch
from torch import nn

from assay.tricks.norm.cross_iteration_batch_norm import (
    CrossIterationBatchNorm,
    CrossIterationBatchNormLayer,
    join_statistics,
)


def draw(number, batch=6):
    return (1 + number) * torch.randn(batch, 4, 2, 2, generator=torch.Generator().manual_seed(number)) + number


def test_by_hand():
    """Values 0, 2 and values 4, 8 together: mean 3.5, variance (12.25 + 2.25 + 0.25 + 20.25) / 4."""
    mean, variance = torch.tensor([1.0]), torch.tensor([1.0])
    past = torch.tensor([[6.0], [99.0]]), torch.tensor([[4.0], [99.0]])
    joint = join_statistics(mean, variance, *past, seen=torch.tensor(1))
    assert [value.item() for value in joint] == [3.5, 8.75]
    assert [value.item() for value in join_statistics(mean, variance, *past, seen=torch.tensor(0))] == [1.0, 1.0]


def test_it_normalises_as_the_window_together_would_be():
    """Batches of one size: the newest part of torch's batch norm over all of them."""
    layer = CrossIterationBatchNormLayer(4, window=3)
    for number in range(5):
        outputs = layer(draw(number))
        together = torch.cat([draw(n) for n in range(max(0, number - 2), number + 1)])
        expected = nn.BatchNorm2d(4)(together)[-6:]
        torch.testing.assert_close(outputs, expected, atol=1e-4, rtol=1e-4)


def test_running_statistics_and_evaluation_are_batch_norms():
    ours, theirs = CrossIterationBatchNormLayer(4, window=3), nn.BatchNorm2d(4)
    for number in range(4):
        ours(draw(number)), theirs(draw(number))
    torch.testing.assert_close(ours.eval()(draw(9)), theirs.eval()(draw(9)))
    before = ours.past_means.clone()
    ours(draw(8))
    assert torch.equal(ours.past_means, before), "evaluation must leave no trace"


def test_a_window_of_one_is_batch_norm_with_its_gradient():
    ours, theirs = CrossIterationBatchNorm(1).make(4), nn.BatchNorm2d(4)
    for number in range(3):
        one, other = draw(number).requires_grad_(), draw(number).requires_grad_()
        torch.testing.assert_close(ours(one), theirs(other))
        ours(one).square().mul(draw(7)).sum().backward()
        theirs(other).square().mul(draw(7)).sum().backward()
        torch.testing.assert_close(one.grad, other.grad, atol=1e-4, rtol=1e-4)


def test_the_window_travels_in_the_state_dict():
    first, second = (CrossIterationBatchNormLayer(4, window=3) for _ in range(2))
    for number in range(3):
        first(draw(number))
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(draw(3)), second(draw(3)))


def test_a_window_of_nothing_is_refused():
    with pytest.raises(ValueError, match="window must be finite and at least 1, got 0"):
        CrossIterationBatchNorm(0)
