import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from watched_loops import found, loader, network, plain_step, run

from assay.watching.watch import watch


class Fragile(nn.Module):
    """Breaks in its forward once told to."""

    def __init__(self) -> None:
        super().__init__()
        self.calls, self.breaks_at = 0, 1_000_000

    def forward(self, inputs: Tensor) -> Tensor:
        self.calls += self.training
        return inputs if self.calls <= self.breaks_at else (inputs - inputs.detach() - 1).log()


class Root(nn.Module):
    """Finite, with an infinite slope at 0."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * 0 if inputs.shape[-1] == 1 else (inputs * 0).sqrt() + inputs


def test_the_module_and_the_step_at_which_it_broke():
    torch.manual_seed(0)
    model = network()
    model[2] = Fragile()
    model[2].breaks_at = 7
    finding = found(run(model=model, epochs=2), "finite_values")
    assert finding.level == "proved"
    assert finding.summary.startswith("Gradients are NaN or infinite since step 7: log in 2 was the first")
    assert (finding.evidence["step"], finding.evidence["module"]) == (7, "2")


def test_a_slope_that_breaks_is_told_from_a_forward_that_does():
    model = nn.Sequential(nn.Linear(8, 16), nn.Linear(16, 16), Root(), nn.Linear(16, 3))
    finding = found(run(model=model), "finite_values")
    assert finding.evidence == {"step": 0, "parameter": "1.bias"}
    assert "the forward is finite" in finding.summary


def test_a_broken_batch_is_named_as_such():
    calls = iter(range(1000))

    def step(model, inputs, labels, optimizer):
        plain_step(model, inputs / (0.0 if next(calls) == 5 else 1.0), labels, optimizer)

    finding = found(run(step), "finite_values")
    assert "since step 5: the batch that entered the model" in finding.summary


def test_a_loss_that_breaks_lies_behind_the_last_layer():
    def step(model, inputs, labels, optimizer):
        optimizer.zero_grad()
        F.nll_loss((model(inputs) * 0).log(), labels).backward()
        optimizer.step()

    assert found(run(step), "finite_values").evidence["parameter"] == "4.bias"


def test_the_repeated_forward_changes_nothing():
    torch.manual_seed(0)
    model = network()
    model[4].weight.data.fill_(float("inf"))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    inputs, labels = next(iter(loader()))
    with watch(model, optimizer) as block:
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), labels).backward()
        before, state = {n: b.clone() for n, b in model.named_buffers()}, torch.get_rng_state()
        optimizer.step()
        assert all(torch.equal(before[name], buffer) for name, buffer in model.named_buffers())
        assert torch.equal(state, torch.get_rng_state())
    finding = found(block.report(), "finite_values")
    assert "linear in 4 was the first" in finding.summary
    assert "parameter was not finite already" in finding.cause


class Logarithm(nn.Module):
    def __init__(self, less: bool) -> None:
        super().__init__()
        self.less = less

    def forward(self, inputs):
        values = inputs.relu().log()
        return values - values if self.less else values


@pytest.mark.parametrize(
    ("less", "level", "held"), [(True, "suspect", "NaN, or nothing finite,"), (False, "note", "infinity")]
)
def test_answers_that_are_not_finite_are_told_though_a_relu_keeps_gradients_so(less, level, held):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 3), nn.ReLU(), nn.Linear(3, 3), Logarithm(less))
    if not less:
        nn.init.constant_(model[2].bias[:1], 10.0)  # a number for every example, beside what may be a mask

    def step(model, inputs, labels, optimizer):
        optimizer.zero_grad()
        answers = model(inputs)
        (answers.nan_to_num(0.0, 0.0, 0.0).sum() * 0 + model[2].weight.square().sum()).backward()
        optimizer.step()

    finding = found(run(step, model=model), "finite_values")
    assert finding.level == level
    assert f"answers hold {held} at step 0" in finding.summary
    assert (finding.evidence["module"], finding.evidence["operation"]) == ("3", "log")


@pytest.mark.parametrize("kind", ["skips", "clean"])
def test_loops_that_skip_broken_batches_are_healthy(kind):
    calls = iter(range(1000))

    def step(model, inputs, labels, optimizer):
        optimizer.zero_grad()
        loss = F.cross_entropy(model[0](inputs), labels) / (0.0 if kind == "skips" and next(calls) == 5 else 1.0)
        if torch.isfinite(loss):
            loss.backward()
            optimizer.step()

    model = nn.Sequential(nn.Linear(8, 3))
    assert run(step, model=model).ok
