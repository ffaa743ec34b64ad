import pytest
import torch
from check_programs import loader_of, pipeline_of
from torch import nn

from assay.checks.given.work import affordable_rows, affordable_steps, training_work


def test_work_of_a_linear_layer_and_a_convolution_by_hand(program):
    linear = pipeline_of(program(model=nn.Sequential(nn.Flatten(), nn.Linear(64, 4, bias=False))))
    assert training_work(linear) == 3 * 2 * 64 * 4
    convolution = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, bias=False), nn.Flatten(), nn.Linear(128, 4, bias=False))
    assert training_work(pipeline_of(program(model=convolution))) == 3 * 2 * (64 * 2 * 9 + 128 * 4)


def test_kernels_that_cannot_be_counted_count_by_their_weights(program):
    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.cells, self.head = nn.LSTM(8, 16), nn.Linear(16, 4)

        def forward(self, inputs):
            return self.head(self.cells(inputs[:, 0])[0][:, -1])

    model = Recurrent()
    weights = sum(parameter.numel() for parameter in model.parameters())
    assert training_work(pipeline_of(program(model=model))) >= 3 * 2 * weights


def test_small_networks_are_not_limited_and_large_ones_get_fewer(program):
    pipeline = pipeline_of(program())
    assert affordable_rows(pipeline, wanted=16, steps=150) == 16
    assert affordable_steps(pipeline, wanted=150, rows=16) == 150
    work = training_work(pipeline)
    assert affordable_rows(pipeline, wanted=16, steps=10, allowed=50 * work) == 5
    assert affordable_steps(pipeline, wanted=150, rows=16, allowed=50 * work) == 3
    assert affordable_rows(pipeline, wanted=16, steps=10, allowed=work, fewest=4) == 4
    assert affordable_steps(pipeline, wanted=1, rows=16, allowed=work, fewest=4) == 1


@pytest.mark.parametrize("training", [True, False])
def test_counting_changes_no_mode(program, training):
    given = program(model=nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Linear(64, 4)))
    given["model"].train(training)
    before = given["model"][1].running_mean.clone()
    training_work(pipeline_of(given))
    assert given["model"].training is training
    assert torch.equal(given["model"][1].running_mean, before)


@pytest.mark.parametrize("enabled", [True, False], ids=["under enable_grad", "as it is called"])
def test_a_forward_that_differentiates_can_be_counted_and_evaluated(program, enabled):
    class Slope(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))

        def forward(self, inputs):
            with torch.set_grad_enabled(enabled or torch.is_grad_enabled()):
                inputs = inputs.clone().requires_grad_()
                return torch.autograd.grad(self.layers(inputs).sum(), inputs, create_graph=True)[0]

    inputs = torch.randn(32, 2)
    pipeline = pipeline_of(program(model=Slope(), train_loader=loader_of(inputs, inputs.cos()), loss_fn=nn.MSELoss()))
    weights = sum(parameter.numel() for parameter in pipeline.model.parameters())
    assert training_work(pipeline) >= 3 * 2 * weights
    with torch.no_grad():
        answers = pipeline.forward(pipeline.model, pipeline.batches[0])
    assert torch.equal(answers, pipeline.forward(pipeline.model, pipeline.batches[0]))
    assert not answers.requires_grad or enabled
