from functools import partial

import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network
from torch import nn
from torch.optim import lr_scheduler as schedules


@pytest.fixture
def tried(run):
    def make_check(make, **changes):
        model = changes.pop("model", None) or small_network()
        (finding,) = run("learning_rate", model=model, optimizer=make(model.parameters()), **changes)
        return finding

    return make_check


HEALTHY = {
    "SGD": partial(torch.optim.SGD, lr=0.1, momentum=0.9),
    "Adam": partial(torch.optim.Adam, lr=1e-3),
    "slow Adam": partial(torch.optim.Adam, lr=1e-4),
}


@pytest.mark.parametrize("make", HEALTHY.values(), ids=HEALTHY)
def test_usual_rates_pass(tried, make):
    assert tried(make).level == "note"


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_rate_that_diverges_is_suspect(tried, momentum):
    finding = tried(partial(torch.optim.SGD, lr=300.0, momentum=momentum))
    assert finding.level == "suspect"
    assert "too high" in finding.summary
    assert finding.evidence["factor"] < 1


@pytest.mark.parametrize("epochs", [None, 20])
def test_a_rate_that_moves_nothing_is_suspect(tried, epochs):
    finding = tried(partial(torch.optim.SGD, lr=1e-7), epochs=epochs)
    assert finding.level == "suspect"
    assert "too low" in finding.summary
    assert finding.evidence["factor"] > 100


@pytest.mark.slow
def test_a_long_training_makes_up_for_a_small_rate(tried):
    make = partial(torch.optim.Adam, lr=2e-6)
    assert tried(make, epochs=2).level == "suspect"
    assert tried(make, epochs=2000).level == "note"


def test_fine_tuning_at_a_small_rate_passes(tried):
    inputs, labels = digits_like()
    model = small_network()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), labels).backward()
        optimizer.step()
    finding = tried(partial(torch.optim.SGD, lr=1e-5), model=model, epochs=3)
    assert finding.level == "note"


def test_warm_up_is_judged_at_its_peak(run):
    model = small_network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = schedules.LambdaLR(optimizer, lambda step: min(1.0, step / 1000))
    (finding,) = run("learning_rate", model=model, optimizer=optimizer, scheduler=schedule, epochs=500)
    assert finding.level == "note"
    assert finding.evidence["learning_rate"] == pytest.approx(0.1)


def test_targets_that_inputs_do_not_explain_pass(run):
    inputs, _ = digits_like(320)
    labels = torch.randint(4, (320,), generator=torch.Generator().manual_seed(1))
    assert run("learning_rate", train_loader=loader_of(inputs, labels))[0].level == "note"


def test_what_cannot_be_judged_is_skipped_with_the_reason(run):
    model = small_network()
    reason = run("learning_rate", model=model, optimizer=torch.optim.LBFGS(model.parameters())).reason
    assert "by itself" in reason
    assert "is 0" in run("learning_rate", model=model, optimizer=torch.optim.SGD(model.parameters(), lr=0.0)).reason
    assert "not known" in run("learning_rate", loss_fn=nn.MultiMarginLoss()).reason


def test_a_step_that_minimises_something_else_is_not_judged(run):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = model(torch.randn_like(batch[0])).square().mean() * 1e-3
        loss.backward()
        optimizer.step()
        return loss

    assert "something else" in run("learning_rate", training_step=step).reason


LOSSES_WITHOUT_FLOOR = [
    nn.MultiMarginLoss(),
    lambda outputs, targets: nn.functional.cross_entropy(outputs, targets) - 5,
]


@pytest.mark.parametrize("loss_fn", LOSSES_WITHOUT_FLOOR, ids=["margin", "shifted"])
def test_a_rate_a_million_times_too_small_needs_no_floor_of_the_loss(run, loss_fn):
    (finding,) = run("learning_rate", loss_fn=loss_fn, **with_adam(1e-9))
    assert (finding.level, finding.id) == ("suspect", "learning_rate")
    assert finding.evidence["factor"] > 1e3
    assert finding.evidence["epsilon"] is None
    assert "stands still" in finding.summary
    assert "too" in finding.summary


@pytest.mark.parametrize("loss_fn", LOSSES_WITHOUT_FLOOR, ids=["margin", "shifted"])
def test_a_usual_rate_under_a_loss_without_a_floor_is_left_alone(run, loss_fn):
    assert "not known" in run("learning_rate", loss_fn=loss_fn, **with_adam(3e-3)).reason


@pytest.mark.parametrize("loss_fn", LOSSES_WITHOUT_FLOOR[:1])
def test_a_small_rate_is_no_standstill_where_the_planned_length_makes_up_for_it(run, loss_fn):
    assert "not known" in run("learning_rate", loss_fn=loss_fn, epochs=300, **with_adam(1e-5)).reason


def test_an_epsilon_above_all_gradients_is_named(run):
    (finding,) = run("learning_rate", loss_fn=nn.MultiMarginLoss(), **with_adam(3e-3, eps=1e4))
    assert finding.level == "suspect"
    assert finding.evidence["epsilon"] == 1e-8
    assert "Leave eps at its default" in finding.fix


def test_a_large_epsilon_that_learns_is_left_alone(run):
    assert "not known" in run("learning_rate", loss_fn=nn.MultiMarginLoss(), **with_adam(1e-2, eps=1e-3)).reason


def test_absolute_errors_have_a_floor(run):
    inputs = torch.randn(160, 6, generator=torch.Generator().manual_seed(0))
    targets = inputs @ torch.linspace(-1, 1, 6)[:, None]
    model = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
    given = {"model": model, "train_loader": loader_of(inputs, targets), "loss_fn": nn.L1Loss()}
    (good,) = run("learning_rate", **given, optimizer=torch.optim.Adam(model.parameters(), 1e-2))
    (bad,) = run("learning_rate", **given, optimizer=torch.optim.Adam(model.parameters(), 1e-8))
    assert (good.level, good.evidence["floor"], bad.level) == ("note", 0.0, "suspect")


def with_adam(rate, **options):
    torch.manual_seed(0)
    model = small_network()
    return {"model": model, "optimizer": torch.optim.Adam(model.parameters(), rate, **options)}
