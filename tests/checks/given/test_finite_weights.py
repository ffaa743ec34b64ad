"""NaN among the first weights is told once, by the name of the parameter, and nothing is trained from there."""

import pytest
import torch
from check_programs import pipeline_of, small_network
from torch import nn

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.finite_weights import not_finite_weights
from assay.checks.verify import verify


def broken_network(value: float) -> nn.Sequential:
    model = small_network()
    with torch.no_grad():
        model[1].weight[3, 2] = value
    return model


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_the_parameter_is_named_and_no_echo_of_it_is_an_alert(program, value):
    report = verify(**program(model=broken_network(value)))
    (finding,) = report.alerts
    assert (finding.id, finding.level) == ("initialization_scale", "proved")
    assert "1.weight holds NaN or infinity (1 of 1536 values, the first at index [3, 2])" in finding.summary
    reasons = {skip.id: skip.reason for skip in report.skipped}
    assert reasons["overfit_one_batch"].startswith("no training leads out of NaN or infinity in 1.weight")
    assert not [reason for reason in reasons.values() if "failed with" in reason]


def test_a_running_statistic_counts_in_evaluation(run):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4))
    model[2].running_var[1] = float("nan")
    (finding,) = run("initialization_scale", model=model)
    assert finding.level == "proved"
    assert "2.running_var" in finding.summary


def test_masks_and_values_without_effect_are_healthy(program):
    class Masked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = small_network()
            self.register_buffer("mask", torch.full((8, 8), -torch.inf).triu(1))
            self.register_buffer("smallest_seen", torch.tensor(float("inf")))

        def forward(self, inputs):
            return self.network(inputs)

    assert [weights.name for weights in not_finite_weights(Masked())] == ["smallest_seen"]
    assert pipeline_of(program(model=Masked())).trial().model is not None


def test_nothing_is_trained_from_nan(program):
    with pytest.raises(CannotCheckError, match=r"no training leads out of NaN or infinity in 1\.weight"):
        pipeline_of(program(model=broken_network(float("nan")))).trial()
