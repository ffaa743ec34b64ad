import pytest
import torch

from assay.models.shake import draw_factors, shake
from assay.randomness import scoped_seed


def test_forward_and_backward_by_hand():
    inputs = torch.tensor([[2.0, 3.0]], requires_grad=True)
    outputs = shake(inputs, torch.tensor([[0.5]]), torch.tensor([[-4.0]]))
    assert outputs.tolist() == [[1.0, 1.5]]
    outputs.backward(torch.tensor([[1.0, 10.0]]))
    assert inputs.grad is not None
    assert inputs.grad.tolist() == [[-4.0, -40.0]]


def test_equal_factors_have_the_true_gradient():
    inputs = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    factor = torch.full((3, 1), 0.3, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: shake(x, factor, factor), inputs)


@pytest.mark.parametrize(
    ("level", "shape"),
    [("batch", (1, 1, 1, 1)), ("image", (4, 1, 1, 1)), ("channel", (4, 3, 1, 1)), ("pixel", (4, 3, 2, 5))],
)
def test_one_draw_for_each_of_a_level(level, shape):
    assert draw_factors(torch.zeros(4, 3, 2, 5), level).shape == shape


def test_draws_keep_to_their_range():
    with scoped_seed(0, "test"):
        draws = draw_factors(torch.zeros(100, 10, 3, 3), "pixel", low=-1.0, high=1.0)
    assert draws.min() >= -1.0
    assert draws.max() < 1.0
    # The deviation of a mean of 9,000 draws is sqrt(1 / 3 / 9000) = 0.006.
    assert abs(draws.mean().item()) < 0.025
