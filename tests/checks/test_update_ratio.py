import pytest
import torch
from check_programs import small_network
from torch import nn


def adam(model: nn.Module, rate: float) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=rate)


def test_usual_rate_is_a_note_without_a_cause(run):
    model = small_network()
    (finding,) = run("update_ratio", model=model, optimizer=adam(model, 1e-3))
    assert (finding.level, finding.cause) == ("note", "")
    assert 1e-3 < finding.evidence["median"] < 1e-1
    assert set(finding.evidence["layers"]) == {"1.weight", "3.weight"}


@pytest.mark.parametrize(("rate", "word"), [(3.0, "too high"), (1e-7, "too low")])
def test_rates_decades_off_have_a_cause(run, rate, word):
    model = small_network()
    (finding,) = run("update_ratio", model=model, optimizer=adam(model, rate))
    assert finding.level == "note"
    assert word in finding.cause


def test_adam_moves_each_weight_by_its_rate_at_the_first_step(run):
    model = small_network()
    nn.init.constant_(model[1].weight, 0.1)
    (finding,) = run("update_ratio", model=model, optimizer=adam(model, 1e-4))
    assert finding.evidence["layers"]["1.weight"] == pytest.approx(1e-3, rel=0.3)


def test_warm_up_from_zero_is_measured_at_its_peak(run):
    model = small_network()
    optimizer = adam(model, 1e-3)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 100_000))
    (finding,) = run("update_ratio", model=model, optimizer=optimizer, scheduler=scheduler)
    assert finding.cause == ""
    assert finding.evidence["median"] > 1e-3


def test_a_branch_behind_a_gain_of_zero_has_no_cause(run):
    class Gain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gain = nn.Parameter(torch.zeros(1))
            self.branch = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 24))

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return inputs + self.gain * self.branch(inputs)

    (finding,) = run("update_ratio", model=small_network().insert(3, Gain()))
    assert finding.cause == ""


def test_a_rate_of_zero_is_skipped(run):
    model = small_network()
    result = run("update_ratio", model=model, optimizer=torch.optim.SGD(model.parameters(), lr=0.0))
    assert "learning rate is 0" in result.reason
