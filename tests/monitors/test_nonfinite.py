import torch
from torch import Tensor, nn

from assay.monitors.nonfinite import BirthObserver, nearest_broken_gradient
from assay.monitors.tracing import Tracing


class Logarithm(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return inputs.log().exp()


def birth_in(model: nn.Module, inputs: Tensor):
    births = BirthObserver()
    with torch.no_grad(), Tracing(model, [births]):
        model(inputs)
    return births.birth


def test_the_first_operation_that_breaks_is_named():
    model = nn.Sequential(nn.Identity(), nn.ReLU(), nn.Sequential(Logarithm()), nn.Flatten())
    birth = birth_in(model, -torch.ones(2, 3))
    assert (birth.module, birth.operation, birth.broken_parameter) == ("2.0", "log", False)


def test_a_broken_parameter_is_told_from_a_broken_operation():
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    model[0].weight.data[0, 0] = float("nan")
    birth = birth_in(model, torch.ones(2, 3))
    assert (birth.module, birth.operation, birth.broken_parameter) == ("0", "linear", True)


def test_masks_of_minus_infinity_are_made_on_purpose():
    class Masked(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            return inputs.masked_fill(inputs < 0, float("-inf")).softmax(-1)

    assert birth_in(Masked(), torch.tensor([[1.0, -1.0]])) is None


def test_broken_inputs_are_nobodys_fault():
    assert birth_in(nn.Sequential(nn.Linear(3, 3)), torch.full((2, 3), float("nan"))) is None


def test_the_gradient_nearest_to_the_birth():
    class Root(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            return (inputs * 0).sqrt()  # finite, with an infinite slope times 0

    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), Root(), nn.Linear(2, 1))
    model(torch.ones(3, 2)).sum().backward()
    assert nearest_broken_gradient(model.named_parameters()) == "1.bias"
    model.zero_grad()
    assert nearest_broken_gradient(model.named_parameters()) is None
