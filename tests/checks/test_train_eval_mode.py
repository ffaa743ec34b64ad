import pytest
import torch
import torch.nn.functional as F
from check_programs import small_network
from torch import nn


def with_dropout() -> nn.Sequential:
    return small_network().insert(2, nn.Dropout(0.3))


def with_batch_norm() -> nn.Sequential:
    return small_network().insert(2, nn.BatchNorm1d(24))


def step(before=lambda model: None, after=lambda model, inputs: None):
    """A training step with something before its forward pass, and something after its update."""

    def training_step(model, batch, optimizer):
        before(model)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        after(model, batch[0])
        return loss

    return training_step


def evaluate(model, inputs):
    model.eval()
    with torch.no_grad():
        model(inputs)


def evaluate_and_return(model, inputs):
    evaluate(model, inputs)
    model.train()


@pytest.mark.parametrize("make", [with_dropout, with_batch_norm])
def test_training_in_training_mode_passes(verdict, make):
    assert verdict("train_eval_mode", model=make()) == "note"
    assert verdict("train_eval_mode", model=make(), training_step=step(nn.Module.train)) == "note"
    assert verdict("train_eval_mode", model=make(), training_step=step(after=evaluate_and_return)) == "note"
    assert verdict("train_eval_mode", model=make(), training_step=step(nn.Module.train, evaluate)) == "note"


@pytest.mark.parametrize("make", [with_dropout, with_batch_norm])
def test_a_step_in_evaluation_mode_is_proved(run, make):
    (finding,) = run("train_eval_mode", model=make(), training_step=step(nn.Module.eval))
    assert finding.level == "proved"
    assert finding.evidence["modules"] == ["2"]
    assert "from the first call" in finding.summary


@pytest.mark.parametrize("make", [with_dropout, with_batch_norm])
def test_an_evaluation_that_leaves_its_mode_behind_is_proved(run, make):
    (finding,) = run("train_eval_mode", model=make(), training_step=step(after=evaluate))
    assert finding.level == "proved"
    assert "from call 2 on" in finding.summary


def freeze_norms(model):
    model.train()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.eval()


def test_frozen_batch_norm_passes_and_is_named(run):
    (finding,) = run("train_eval_mode", model=with_batch_norm(), training_step=step(freeze_norms))
    assert finding.level == "note"
    assert finding.evidence["kept_in_evaluation"] == ["2"]


def test_batch_norm_frozen_by_train_itself_passes(verdict):
    class Frozen(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = with_batch_norm()

        def train(self, mode: bool = True):
            super().train(mode)
            self.network[2].eval()
            return self

        def forward(self, inputs):
            return self.network(inputs)

    assert verdict("train_eval_mode", model=Frozen()) == "note"


def test_passes_without_gradient_may_evaluate(verdict):
    def pseudo_label(model):
        evaluate(model, torch.zeros(2, 1, 8, 8))
        model.train()

    assert verdict("train_eval_mode", model=with_dropout(), training_step=step(pseudo_label)) == "note"


def test_dropout_that_ignores_eval_is_proved(run):
    class Stubborn(nn.Dropout):
        def train(self, mode: bool = True):
            return super().train(True)

    (finding,) = run("train_eval_mode", model=small_network().insert(2, Stubborn(0.3)))
    assert finding.level == "proved"
    assert "After model.eval()" in finding.summary


def test_a_model_given_in_evaluation_mode_is_told(run):
    (finding,) = run("train_eval_mode", model=with_dropout().eval())
    assert finding.level == "note"
    assert "given in evaluation mode" in finding.fix


def test_a_network_with_one_mode_is_skipped(run):
    assert "both modes are the same" in run("train_eval_mode").reason
    assert "both modes" in run("train_eval_mode", model=small_network().insert(2, nn.Dropout(0.0))).reason


def normed(momentum, mean=0.0):
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.BatchNorm1d(16, momentum=momentum), nn.Linear(16, 4))
    network[2].running_mean.fill_(mean)
    return network


@pytest.mark.parametrize(
    ("momentum", "mean", "level"), [(0.0, 0.0, "proved"), (0.1, 0.0, "note"), (None, 0.0, "note"), (0.0, 0.5, "note")]
)
def test_statistics_that_never_follow_are_proved(verdict, momentum, mean, level):
    assert verdict("train_eval_mode", model=normed(momentum, mean)) == level


def test_a_norm_of_momentum_0_that_is_kept_in_evaluation_mode_passes(verdict):
    def step(model, batch, optimizer):
        model[2].eval()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        return loss

    assert verdict("train_eval_mode", model=normed(0.0), training_step=step) == "note"
