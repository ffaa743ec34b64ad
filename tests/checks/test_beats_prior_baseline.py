import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn


class Blind(nn.Module):
    """The inputs are lost on the way."""

    def __init__(self):
        super().__init__()
        self.network = small_network()

    def forward(self, inputs):
        return self.network(inputs * 0)


def step_on(change):
    """A training step that makes something else of targets or loss before backward."""

    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = change(model, batch)
        loss.backward()
        optimizer.step()
        return loss

    return step


HEALTHY = {
    "classes": {},
    "plain step": {"training_step": step_on(lambda model, batch: F.cross_entropy(model(batch[0]), batch[1]))},
    "dropout": {"model": small_network().insert(2, nn.Dropout(0.5))},
}


@pytest.mark.parametrize("changes", HEALTHY.values(), ids=HEALTHY)
def test_networks_that_learn_beat_the_prior(run, changes):
    (finding,) = run("beats_prior_baseline", **changes)
    assert finding.level == "note"
    assert finding.evidence["own training"] < finding.evidence["best constant output"]


def test_regression_beats_the_mean(run):
    inputs, labels = digits_like()
    loader = loader_of(inputs, labels.float()[:, None])
    (finding,) = run("beats_prior_baseline", model=small_network(1), train_loader=loader, loss_fn=nn.MSELoss())
    assert finding.level == "note"
    assert "beats the best constant" in finding.summary


def test_targets_that_inputs_do_not_explain_are_only_told(run):
    inputs, _ = digits_like()
    labels = torch.randint(4, (240,), generator=torch.Generator().manual_seed(1))
    (finding,) = run("beats_prior_baseline", train_loader=loader_of(inputs, labels))
    assert finding.level == "note"


def test_a_slow_rate_is_not_taken_for_a_fault(verdict):
    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    assert verdict("beats_prior_baseline", model=model, optimizer=optimizer) == "note"


def test_a_network_that_loses_its_inputs_is_suspect(run):
    (finding,) = run("beats_prior_baseline", model=Blind())
    assert finding.level == "suspect"
    assert finding.evidence["linear model"] < 0.5 * finding.evidence["best constant output"]
    assert "loses what its inputs say" in finding.cause


def test_a_step_that_learns_nothing_is_suspect_and_told_from_the_network(run):
    step = step_on(lambda model, batch: F.cross_entropy(model(batch[0]), torch.randint(4, batch[1].shape)))
    (finding,) = run("beats_prior_baseline", training_step=step)
    assert finding.level == "suspect"
    assert "training step" in finding.cause


def test_a_step_that_minimises_something_else_is_only_told(verdict):
    step = step_on(lambda model, batch: model(torch.randn_like(batch[0])).square().mean() * 1e-3)
    assert verdict("beats_prior_baseline", training_step=step) == "note"


def test_what_cannot_be_judged_is_skipped_with_the_reason(run):
    assert "not known" in run("beats_prior_baseline", loss_fn=nn.MultiMarginLoss()).reason
    inputs, _ = digits_like()
    constant = loader_of(inputs, torch.zeros(240, dtype=torch.long))
    assert "at the floor" in run("beats_prior_baseline", train_loader=constant).reason
