import torch
from check_programs import small_network
from torch import nn


def test_relu_network_is_a_note_without_a_cause(run):
    (finding,) = run("dead_units")
    assert (finding.level, finding.cause) == ("note", "")
    assert finding.evidence["units"] == 24
    assert finding.summary.startswith(f"{finding.evidence['dead']} of 24 units are 0 for all 64 examples after 5 steps")
    assert finding.figures[0].labels == ("2 relu",)


def test_biases_far_below_zero_are_born_dead(run):
    model = small_network()
    nn.init.constant_(model[1].bias, -100.0)
    (finding,) = run("dead_units", model=model)
    assert (finding.level, finding.evidence["dead"], finding.evidence["dead_before"]) == ("note", 24, 24)
    assert "begin dead" in finding.cause


def test_a_rate_far_too_high_kills(run):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
    (finding,) = run("dead_units", model=model, optimizer=torch.optim.SGD(model.parameters(), lr=1e3))
    assert finding.evidence["dead_before"] < finding.evidence["dead"]
    assert "kill" in finding.cause


def test_sparse_activations_that_are_not_dead_pass(run):
    model = small_network()
    nn.init.constant_(model[1].bias, -0.8)  # most outputs are 0, and no unit always is
    (finding,) = run("dead_units", model=model)
    assert finding.cause == ""


def test_no_such_activation_is_skipped(run):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 4))
    assert "no activation that can die" in run("dead_units", model=model).reason
