import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assay.monitors.tracing import Tracing
from assay.monitors.units import Activity, UnitObserver, merge


def activities_of(model: nn.Module, inputs: Tensor) -> list[Activity]:
    units = UnitObserver()
    with Tracing(model, [units]):
        model(inputs)
    return units.activities


def linear(weights: list[list[float]], bias: list[float]) -> nn.Linear:
    layer = nn.Linear(len(weights[0]), len(weights))
    layer.load_state_dict({"weight": torch.tensor(weights), "bias": torch.tensor(bias)})
    return layer


def test_a_unit_below_zero_for_all_examples_is_dead():
    model = nn.Sequential(linear([[1.0], [1.0], [0.0]], [0.0, -9.0, -1.0]), nn.ReLU())
    (activity,) = activities_of(model, torch.tensor([[1.0], [-2.0]]))
    assert activity.alive.tolist() == [True, False, False]
    assert (activity.name, activity.dead, activity.units) == ("1 relu", 2, 3)


@pytest.mark.parametrize("function", [F.relu, torch.relu, lambda x: x.clamp(min=0), F.gelu, F.silu, F.relu6])
def test_functional_activations_count(function):
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = linear([[1.0], [1.0]], [0.0, -60.0])

        def forward(self, inputs: Tensor) -> Tensor:
            return function(self.layer(inputs))

    (activity,) = activities_of(Net(), torch.tensor([[2.0], [3.0]]))
    assert activity.alive.tolist() == [True, False]


def test_channels_of_images_and_of_sequences():
    images = nn.Sequential(nn.Conv2d(1, 3, 1), nn.ReLU())
    nn.init.constant_(images[0].weight, 1.0)
    images[0].bias.data.copy_(torch.tensor([0.0, 0.0, -9.0]))
    assert activities_of(images, torch.rand(2, 1, 4, 5))[0].alive.tolist() == [True, True, False]
    sequences = nn.Sequential(linear([[1.0], [1.0]], [0.0, -9.0]), nn.ReLU())
    assert activities_of(sequences, torch.rand(2, 7, 1))[0].alive.tolist() == [True, False]


def test_plain_data_is_no_activation():
    assert activities_of(nn.Sequential(nn.ReLU(), nn.Flatten()), torch.zeros(2, 3, 4)) == []
    assert activities_of(nn.Sequential(nn.Linear(2, 2), nn.Hardtanh(0, 1)), torch.zeros(2, 2))[0].alive is None


@pytest.mark.parametrize(("module", "inside", "outside"), [(nn.Tanh(), 2.0, 3.0), (nn.Sigmoid(), 4.5, 4.7)])
def test_saturated_is_within_a_hundredth_of_the_range(module, inside, outside):
    model = nn.Sequential(linear([[1.0]], [0.0]), module)
    (activity,) = activities_of(model, torch.tensor([[inside], [-inside], [outside], [-outside]]))
    assert activity.saturated == 0.5
    assert activity.alive is None


def test_one_module_used_twice_has_two_names():
    relu = nn.ReLU()
    model = nn.Sequential(nn.Linear(2, 2), relu, nn.Linear(2, 2), relu)
    assert [activity.name for activity in activities_of(model, torch.ones(1, 2))] == ["1 relu", "1 relu (2)"]


def test_merged_passes_keep_what_was_ever_alive():
    first = (Activity("a", "relu", torch.tensor([True, False, False]), None), Activity("b", "tanh", None, 0.5))
    second = (Activity("b", "tanh", None, 1.0), Activity("a", "relu", torch.tensor([False, True, False]), None))
    one, other = merge(first, second)
    assert one.alive.tolist() == [True, True, False]
    assert (other.saturated, other.passes) == (0.75, 2)
    assert merge(first, (Activity("a", "relu", torch.ones(2, dtype=torch.bool), None),)) == ()
