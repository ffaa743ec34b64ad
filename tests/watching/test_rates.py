import pytest
import torch
from torch import nn
from watched_loops import alerts, found, network, run

from assay.watching.rates import Rates


def schedule(factor):
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return {"model": model, "optimizer": optimizer}, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def run_with(factor, epochs=6):
    given, scheduler = schedule(factor)
    return run(**given, after_step=scheduler.step, epochs=epochs)


def test_a_rate_that_is_zero_long_before_the_end_is_proved():
    report = run_with(lambda step: max(0.0, 1 - step / 10))
    assert alerts(report) == {"learning_rate_schedule": "proved"}
    assert (
        "The last 26 of 36 updates were made at a learning rate of 0" in found(report, "learning_rate_schedule").summary
    )


def test_a_rate_that_decays_to_nothing_is_suspect():
    assert alerts(run_with(lambda step: 0.5**step)) == {"learning_rate_schedule": "suspect"}


@pytest.mark.parametrize(
    "factor",
    [
        lambda step: 1 - step / 36,
        lambda step: min(1.0, step / 30),
        lambda step: 0.1 ** (step // 12),
        lambda step: 0.5 * (1 + torch.cos(torch.tensor(3.1416 * step / 36)).item()),
    ],
    ids=["linear to 0", "warm-up from 0", "steps", "cosine"],
)
def test_schedules_of_the_loops_own_length_are_healthy(factor):
    report = run_with(factor)
    assert report.ok, [finding.summary for finding in report.alerts]
    assert found(report, "learning_rate_schedule").evidence["updates"] == 36


def test_a_rate_of_zero_throughout_is_proved():
    report = run_with(lambda step: 0.0)
    assert "learning rate is 0" in found(report, "learning_rate_schedule").cause.lower()


def test_gone_counts_all_groups_and_starts_anew():
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD(
        [{"params": [parameter], "lr": 1.0}, {"params": [nn.Parameter(torch.zeros(1))], "lr": 1.0}]
    )
    rates = Rates(optimizer)
    for first, second in [(1.0, 1.0), (0.0, 1.0), (0.0, 0.0), (1e-4, 0.0), (1.0, 0.0), (0.0, 0.0)]:
        optimizer.param_groups[0]["lr"], optimizer.param_groups[1]["lr"] = first, second
        rates.update()
    assert (rates.updates, rates.gone, rates.zero) == (6, 1, 1)


def test_a_rate_in_a_tensor_is_read_anew():
    rate = torch.tensor(1.0)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=rate)
    rates = Rates(optimizer)
    rates.update()
    rate.zero_()
    rates.update()
    assert (rates.zero, rates.peaks) == (1, [1.0])
