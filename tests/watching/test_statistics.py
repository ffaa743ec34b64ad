import torch
from torch import nn
from watched_loops import alerts, found, loader, network, plain_step, run

from assay.watching.watch import watch


def test_momentum_of_zero_is_proved_where_evaluation_uses_it():
    model = network()
    model[1].momentum = 0.0
    report = run(model=model)
    assert alerts(report) == {"norm_statistics": "proved"}
    assert "still 0 and 1" in found(report, "norm_statistics").summary


def test_a_small_momentum_is_a_note_with_a_cause():
    torch.manual_seed(0)
    model = network()
    model[1].momentum = 1e-4
    with torch.no_grad():
        model[0].bias.add_(20.0)
    report = run(model=model, optimizer=torch.optim.SGD(model.parameters(), lr=1e-3))
    assert report.ok
    assert "lag behind" in found(report, "norm_statistics").cause


def test_statistics_that_are_not_finite_are_proved():
    model = network()
    model[1].running_mean[2] = float("nan")
    assert alerts(run(model=model))["norm_statistics"] == "proved"


def test_momentum_of_zero_without_evaluation_is_no_fault():
    model = network()
    model[1].momentum = 0.0
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    with watch(model, optimizer) as block:
        for inputs, labels in loader():
            plain_step(model, inputs, labels, optimizer)
    assert block.report().ok


def test_other_norms_have_no_statistics():
    model = nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 3))
    assert "norm_statistics" not in {finding.id for finding in run(model=model).findings}
