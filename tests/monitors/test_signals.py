import pytest
import torch
from torch import nn

from assay.monitors.signals import SignalObserver
from assay.monitors.tracing import Tracing


def signals_of(model, inputs):
    signals = SignalObserver()
    with Tracing(model, [signals]):
        model(inputs)
    return signals.signals


def test_sizes_worked_by_hand_without_the_bias():
    layer = nn.Linear(1, 1)
    layer.load_state_dict({"weight": torch.tensor([[3.0]]), "bias": torch.tensor([100.0])})
    (signal,) = signals_of(nn.Sequential(layer), torch.tensor([[1.0], [-1.0]]))
    assert (signal.name, signal.size_in, signal.deviation) == ("0", pytest.approx(1.0), pytest.approx(3.0, rel=1e-4))


def test_layers_come_in_the_order_in_which_they_run():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(36, 2))
    torch.manual_seed(0)
    assert [signal.name for signal in signals_of(model, torch.randn(8, 1, 5, 5))] == ["0", "3"]


def test_he_initialisation_keeps_the_size():
    torch.manual_seed(0)
    layers = []
    for _ in range(6):
        layer = nn.Linear(256, 256, bias=False)
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        layers += [layer, nn.ReLU()]
    found = signals_of(nn.Sequential(*layers), torch.randn(256, 256))
    # The theorem is for infinite width.
    assert all(0.4 < signal.deviation / found[0].deviation < 1.6 for signal in found)


def test_a_layer_that_starts_at_zero_has_no_deviation():
    layer = nn.Linear(8, 4)
    nn.init.zeros_(layer.weight)
    torch.manual_seed(0)
    (signal,) = signals_of(nn.Sequential(layer), torch.randn(64, 8))
    assert signal.deviation == 0.0
