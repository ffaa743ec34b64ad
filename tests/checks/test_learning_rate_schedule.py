import pytest
import torch
from check_programs import small_network
from torch.optim import lr_scheduler as schedules

STEPS = 30  # 240 examples in batches of 40, 5 epochs


@pytest.fixture
def scheduled(run):
    """The check on a training of 5 epochs of 6 batches, with a schedule made by `make(optimizer)`."""

    def make_check(make, *, interval="step", epochs=5, **changes):
        model = small_network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        given = {"model": model, "optimizer": optimizer, "scheduler": make(optimizer), **changes}
        return run("learning_rate_schedule", scheduler_interval=interval, epochs=epochs, **given)

    return make_check


HEALTHY = {
    "one cycle": lambda o: schedules.OneCycleLR(o, 0.1, total_steps=STEPS),
    "cosine": lambda o: schedules.CosineAnnealingLR(o, STEPS),
    "linear to 0": lambda o: schedules.LambdaLR(o, lambda step: 1 - step / STEPS),
    "warm-up from 0": lambda o: schedules.LambdaLR(o, lambda step: min(1.0, step / 20)),
    "steps": lambda o: schedules.MultiStepLR(o, [10, 20, 27], 0.1),
    "constant": lambda o: schedules.ConstantLR(o, 1.0),
    "warm-up, then cosine": lambda o: schedules.SequentialLR(
        o, [schedules.LinearLR(o, 0.01, total_iters=5), schedules.CosineAnnealingLR(o, STEPS - 5)], [5]
    ),
}


@pytest.mark.parametrize("make", HEALTHY.values(), ids=HEALTHY)
def test_schedules_that_last_the_training_pass(scheduled, make):
    (finding,) = scheduled(make)
    assert finding.level == "note", finding.summary
    assert finding.evidence["steps"] == STEPS


def test_step_decay_counted_in_updates_is_suspect_with_the_reason(scheduled):
    (finding,) = scheduled(lambda o: schedules.StepLR(o, 2, 0.1))
    assert finding.level == "suspect"
    assert finding.evidence["share_gone"] == pytest.approx(
        22 / 30
    )  # from the fourth decay at step 8; 1e-3 is not under
    assert "scheduler_interval='epoch'" in finding.fix
    assert len(finding.figures[0].series[0].y) == STEPS


def test_the_same_decay_once_an_epoch_passes(scheduled):
    (finding,) = scheduled(lambda o: schedules.StepLR(o, 2, 0.1), interval="epoch")
    assert finding.level == "note"
    assert finding.evidence["last"] == pytest.approx(0.001)


def test_schedule_that_reaches_zero_early_is_suspect(scheduled):
    (finding,) = scheduled(lambda o: schedules.LambdaLR(o, lambda step: max(0.0, 1 - step / 5)))
    assert finding.level == "suspect"
    assert finding.evidence["last"] == 0.0


def test_rate_of_zero_throughout_is_proved(scheduled):
    (finding,) = scheduled(lambda o: schedules.LambdaLR(o, lambda step: 0.0))
    assert finding.level == "proved"
    assert "0 throughout" in finding.summary


def test_schedule_that_refuses_to_go_on_is_proved(scheduled):
    (finding,) = scheduled(lambda o: schedules.OneCycleLR(o, 0.1, total_steps=10))
    assert finding.level == "proved"
    assert (finding.evidence["made"], finding.evidence["steps"]) == (11, STEPS)


def test_accumulated_calls_are_one_step(scheduled):
    calls = 0

    def step(model, batch, optimizer):
        nonlocal calls
        torch.nn.functional.cross_entropy(model(batch[0]), batch[1]).backward()
        calls += 1
        if calls % 3 == 0:
            optimizer.step()
            optimizer.zero_grad()

    (finding,) = scheduled(lambda o: schedules.OneCycleLR(o, 0.1, total_steps=10), training_step=step)
    assert finding.level == "note"
    assert calls == 0


def test_schedule_of_another_optimiser_is_proved(scheduled):
    other = torch.optim.SGD(small_network().parameters(), lr=0.1)
    (finding,) = scheduled(lambda o: schedules.StepLR(other, 100))
    assert finding.level == "proved"
    assert "another optimiser" in finding.summary


def test_a_frozen_group_counts_for_nothing(scheduled):
    def make(optimizer):
        optimizer.add_param_group({"params": [torch.nn.Parameter(torch.zeros(1))], "lr": 0.0})
        return schedules.CosineAnnealingLR(optimizer, STEPS)

    assert scheduled(make)[0].level == "note"


def test_what_cannot_be_judged_is_skipped_with_the_reason(run, scheduled):
    assert "no scheduler was given" in run("learning_rate_schedule").reason
    assert "pass epochs" in scheduled(lambda o: schedules.StepLR(o, 2), epochs=None).reason
    assert "measured losses" in scheduled(schedules.ReduceLROnPlateau).reason
    assert "too many to try" in scheduled(lambda o: schedules.StepLR(o, 2), epochs=1e6).reason
    endless = type("Endless", (), {"__iter__": lambda self: iter([(torch.zeros(4, 64), torch.zeros(4).long())])})()
    assert "no length" in scheduled(lambda o: schedules.StepLR(o, 2), train_loader=endless).reason


def test_a_schedule_counted_in_updates_and_stepped_by_epochs_is_suspect(scheduled):
    (finding,) = scheduled(lambda o: schedules.CosineAnnealingLR(o, STEPS), interval="epoch")
    assert finding.level == "suspect"
    assert "counted in updates" in finding.cause


LONG = {
    "cosine over the epochs": lambda o: schedules.CosineAnnealingLR(o, 5),
    "steps after the end": lambda o: schedules.MultiStepLR(o, [150, 225], 0.1),
    "steps within the updates": lambda o: schedules.MultiStepLR(o, [15, 22], 0.1),
    "slow exponential": lambda o: schedules.ExponentialLR(o, 0.97),
    "constant": lambda o: schedules.ConstantLR(o, 1.0),
}


@pytest.mark.parametrize("make", LONG.values(), ids=LONG)
def test_schedules_of_epochs_pass(scheduled, make):
    assert scheduled(make, interval="epoch")[0].level == "note"


def step_that_edits(edit):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        for group in optimizer.param_groups:
            group["lr"] = edit(group["lr"])
        return loss

    return step


@pytest.mark.parametrize("epochs", [50, None])
def test_a_step_that_shrinks_the_rate_at_each_call_is_suspect(run, epochs):
    """0.05 leaves less than 1/1000 after 3 calls (2.3), within half of one epoch of 6; 0.9 after 66 of 300."""
    given = {"training_step": step_that_edits(lambda rate: 0.05 * rate), "epochs": epochs}
    (finding,) = run("learning_rate_schedule", **given)
    assert finding.level == "suspect"
    assert finding.evidence["factor"] == pytest.approx(0.05)
    assert "each epoch" in finding.cause
    (finding,) = run("learning_rate_schedule", training_step=step_that_edits(lambda rate: 0.9 * rate), epochs=50)
    assert "after 66 of 300 calls" in finding.summary


def test_steps_that_lower_the_rate_over_the_whole_training_pass(run):
    def passes(edit, epochs=5):
        result = run("learning_rate_schedule", training_step=step_that_edits(edit), epochs=epochs)
        return "no scheduler was given" in result.reason

    assert passes(lambda rate: rate)
    assert passes(lambda rate: 0.05 ** (1 / STEPS) * rate)
    assert passes(lambda rate: 1e-5 ** (1 / STEPS) * rate)  # gone for the last two fifths
    assert passes(lambda rate: rate - 0.1 / STEPS)
    assert passes(lambda rate: 1.1 * rate)


def test_a_step_that_shrinks_the_rate_now_and_then_passes(run):
    calls = [0]

    def edit(rate):
        calls[0] += 1
        return rate * (0.01 if calls[0] % 6 == 0 else 1.0)

    result = run("learning_rate_schedule", training_step=step_that_edits(edit), epochs=50)
    assert "no scheduler was given" in result.reason
