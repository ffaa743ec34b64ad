import pytest
import torch
from torch import nn
from watched_loops import found, run


def network(activation: nn.Module) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 16), activation, nn.Linear(16, 3))


def test_dead_units_are_a_note_with_a_cause():
    model = network(nn.ReLU())
    nn.init.constant_(model[0].bias, -100.0)
    report = run(model=model)
    finding = found(report, "dead_units")
    assert (finding.level, finding.evidence["dead"]) == ("note", 16)
    assert finding.summary == "16 of 16 units were 0 for all examples of the last 4 looks; most in 1 relu: 16 of 16."
    assert finding.cause


def test_saturated_units_are_a_note_with_a_cause():
    model = network(nn.Tanh())
    with torch.no_grad():
        model[0].weight.mul_(1000)
    finding = found(run(model=model), "saturated_units")
    assert finding.level == "note"
    assert finding.evidence["layers"]["1 tanh"] > 0.9
    assert finding.cause


@pytest.mark.parametrize(("rate", "word"), [(100.0, "too high"), (1e-8, "too low"), (0.01, "")])
def test_update_ratios_at_the_rate_of_the_loop(rate, word):
    model = network(nn.Tanh())
    finding = found(run(model=model, optimizer=torch.optim.Adam(model.parameters(), lr=rate)), "update_ratio")
    assert finding.level == "note"
    assert word in finding.cause
    assert bool(finding.cause) == bool(word)


def test_norms_are_drawn_over_the_steps_that_were_looked_at():
    finding = found(run(model=network(nn.ReLU())), "exploding_gradients")
    (figure,) = finding.figures
    assert figure.series[0].x == (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)
    assert list(figure.series[0].y) == finding.evidence["norms"]
