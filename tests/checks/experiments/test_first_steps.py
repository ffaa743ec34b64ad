import pytest
import torch
from check_programs import pipeline_of, small_network
from torch import nn

from assay.checks.experiments.first_steps import STEPS, first_steps, to_peak


def test_steps_are_measured_and_the_model_is_left_alone(program):
    given = program()
    before = {name: value.clone() for name, value in given["model"].state_dict().items()}
    measured = first_steps(pipeline_of(given))
    assert len(measured.steps) == STEPS
    assert [signal.name for signal in measured.signals] == ["1", "3"]
    assert [activity.name for activity in measured.after] == ["2 relu"]
    for step in measured.steps:
        assert set(step.raw) == set(step.used) == {"1.weight", "1.bias", "3.weight", "3.bias"}
        assert set(step.ratios) == {"1.weight", "3.weight"}
        assert step.kept == pytest.approx(1.0)
    assert all(torch.equal(before[name], value) for name, value in given["model"].state_dict().items())


def test_clipping_shows_in_what_the_optimiser_gets(program):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1e-3)
        optimizer.step()
        return loss

    measured = first_steps(pipeline_of(program(training_step=step)))
    assert all(0 < step.kept < 0.1 for step in measured.steps)


def test_a_warm_up_is_measured_at_its_peak(program):
    plain = first_steps(pipeline_of(program()))
    given = program()
    given["scheduler"] = torch.optim.lr_scheduler.LambdaLR(given["optimizer"], lambda step: step / 1000)
    warmed = first_steps(pipeline_of(given))
    assert warmed.steps[0].ratios == {}  # the rate is still 0
    ratio = warmed.steps[1].ratios["1.weight"] / plain.steps[0].ratios["1.weight"]
    assert 0.3 < ratio < 3  # another batch, and the same rate


def test_what_leads_to_the_peak():
    optimizer = torch.optim.SGD(small_network().parameters(), lr=0.1)
    assert to_peak(optimizer) == 1.0
    torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    assert to_peak(optimizer) == pytest.approx(25.0)
    optimizer.param_groups[0]["lr"] = 0.0
    assert to_peak(optimizer) == 0.0
