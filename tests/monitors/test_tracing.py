import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assay.monitors.tracing import Operation, Tracing


class Both(nn.Module):
    """One activation as a module, one as a function, one as a method."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU())

    def forward(self, inputs: Tensor) -> Tensor:
        return F.relu(self.body(inputs)).tanh()


def hooks_of(model: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())


def test_functions_methods_and_modules_are_seen_with_the_module_that_ran():
    model, seen = Both(), []
    with Tracing(model, [seen.append]):
        model(torch.ones(2, 3))
    found = [(one.module, one.name) for one in seen if one.name in ("linear", "relu", "tanh")]
    assert found == [("body.0", "linear"), ("body.1", "relu"), ("", "relu"), ("", "tanh")]
    assert hooks_of(model) == 0


def test_nothing_is_left_after_an_exception():
    model, seen = Both(), []
    with pytest.raises(RuntimeError, match="shapes"), Tracing(model, [seen.append]):
        model(torch.ones(2, 5))
    assert hooks_of(model) == 0
    seen.clear()
    model(torch.ones(2, 3))
    assert seen == []


def test_outputs_are_the_same_inside_the_block():
    model = Both()
    outside = model(torch.ones(2, 3))
    with Tracing(model, [lambda operation: None]):
        inside = model(torch.ones(2, 3))
    assert torch.equal(outside, inside)
    assert inside.requires_grad


def test_arguments_by_position_and_by_name():
    by_position = Operation("", "clamp", (1, 2), {}, None)
    by_name = Operation("", "clamp", (1,), {"min": 2}, None)
    assert by_position.argument(1, "min") == by_name.argument(1, "min") == 2
    assert by_name.argument(2, "max") is None
