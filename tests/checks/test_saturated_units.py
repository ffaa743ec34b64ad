import pytest
import torch
from check_programs import digits_like, loader_of
from torch import nn


def network(activation: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 24), activation, nn.Linear(24, 4))


@pytest.mark.parametrize("activation", [nn.Tanh(), nn.Sigmoid()])
def test_normalised_inputs_pass(run, activation):
    (finding,) = run("saturated_units", model=network(activation))
    assert (finding.level, finding.cause) == ("note", "")
    assert finding.evidence["share"] < 0.05


@pytest.mark.parametrize("activation", [nn.Tanh(), nn.Sigmoid()])
def test_inputs_a_hundred_times_too_large_saturate_from_the_start(run, activation):
    inputs, labels = digits_like()
    (finding,) = run("saturated_units", model=network(activation), train_loader=loader_of(100 * inputs, labels))
    assert finding.level == "note"
    assert finding.evidence["share_before"] > 0.5
    assert "from the start" in finding.cause


def test_a_rate_far_too_high_drives_units_to_their_ends(run):
    model = network(nn.Tanh())
    (finding,) = run("saturated_units", model=model, optimizer=torch.optim.SGD(model.parameters(), lr=1e3))
    assert finding.evidence["share_before"] < 0.05
    assert "learning rate is too high" in finding.cause


def test_relu_networks_are_skipped(run):
    assert "no activation with two ends" in run("saturated_units").reason
