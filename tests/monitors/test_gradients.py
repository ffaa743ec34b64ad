import math

import pytest
import torch
from torch import nn

from assay.monitors.gradients import dense, measure_gradients, total_norm


def test_norm_and_size_worked_by_hand():
    first, second, without = (nn.Parameter(torch.zeros(2)) for _ in range(3))
    first.grad, second.grad = torch.tensor([3.0, 4.0]), torch.tensor([0.0, 12.0])
    found = measure_gradients([("first", first), ("second", second), ("without", without)])
    assert found["first"].norm == pytest.approx(5.0)
    assert found["first"].size == pytest.approx(5.0 / math.sqrt(2))
    assert set(found) == {"first", "second"}
    assert total_norm(found) == pytest.approx(13.0)
    assert measure_gradients([("without", without)]) == {}


def test_agrees_with_torch():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))
    model(torch.randn(5, 4)).square().sum().backward()
    expected = float(nn.utils.get_total_norm([p.grad for p in model.parameters()]))
    assert total_norm(measure_gradients(model.named_parameters())) == pytest.approx(expected)


def test_what_is_not_finite_stays_so():
    parameter = nn.Parameter(torch.zeros(2))
    parameter.grad = torch.tensor([float("nan"), 1.0])
    assert math.isnan(measure_gradients([("p", parameter)])["p"].norm)


def test_sparse_gradients():
    table = nn.Embedding(10, 2, sparse=True)
    table(torch.tensor([1, 1, 3])).sum().backward()
    assert dense(table.weight.grad).tolist() == [[2.0, 2.0], [1.0, 1.0]]
    assert measure_gradients(table.named_parameters())["weight"].norm == pytest.approx(math.sqrt(10))
