from functools import partial

import pytest
import torch
from check_programs import digits_like, loader_of, small_network


def with_optimizer(run, make, **changes):
    model = small_network()
    (finding,) = run("weight_decay_strength", model=model, optimizer=make(model.parameters()), **changes)
    return finding


USUAL = {
    "SGD": partial(torch.optim.SGD, lr=0.1, momentum=0.9, weight_decay=5e-4),
    "AdamW": partial(torch.optim.AdamW, lr=1e-3, weight_decay=0.1),
    "Adam": partial(torch.optim.Adam, lr=1e-3, weight_decay=1e-4),
}


@pytest.mark.parametrize("make", USUAL.values(), ids=USUAL)
def test_usual_decay_is_told_without_a_cause(run, make):
    finding = with_optimizer(run, make, epochs=100)
    assert finding.level == "note"
    assert not finding.cause
    assert 0 < finding.evidence["left_without_gradient"] <= 1
    assert ("AdamW" in finding.fix) == finding.evidence["adaptive"]


STRONG = {
    "SGD": partial(torch.optim.SGD, lr=0.1, weight_decay=3.0),
    "AdamW": partial(torch.optim.AdamW, lr=1e-2, weight_decay=80.0),
    "Adam": partial(torch.optim.Adam, lr=1e-2, weight_decay=10.0),
}


@pytest.mark.parametrize("make", STRONG.values(), ids=STRONG)
def test_decay_that_undoes_the_learning_is_suspect(run, make):
    finding = with_optimizer(run, make)
    assert finding.level == "suspect"
    assert max(finding.evidence["without_decay"]) < 0.5 * min(finding.evidence["with_decay"])
    assert "Lower weight_decay" in finding.fix


def test_strong_decay_that_learning_survives_is_a_note_with_a_cause(run):
    finding = with_optimizer(run, partial(torch.optim.AdamW, lr=0.05, weight_decay=1.0))
    assert finding.level == "note"
    assert finding.cause


def test_strong_decay_where_nothing_can_be_learned_is_no_fault_of_its_own(run):
    inputs, _ = digits_like(1200)
    loader = loader_of(inputs * 0, torch.arange(1200) % 4)
    finding = with_optimizer(run, partial(torch.optim.SGD, lr=0.1, weight_decay=3.0), train_loader=loader)
    assert finding.level == "note"


def test_no_decay_is_skipped_with_the_reason(run):
    assert "no parameter is decayed" in run("weight_decay_strength").reason


def step_with_penalty(factor, matrices_only=False):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        weights = [p for p in model.parameters() if p.dim() > 1 or not matrices_only]
        penalty = factor * torch.stack([weight.square().sum() for weight in weights]).sum()
        loss = torch.nn.functional.cross_entropy(model(batch[0]), batch[1]) + penalty
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss

    return step


@pytest.mark.parametrize("matrices_only", [False, True])
@pytest.mark.parametrize(("factor", "level"), [(10.0, "suspect"), (0.05, "note")])
def test_a_penalty_written_by_hand_is_decay(run, factor, level, matrices_only):
    (finding,) = with_penalty(run, step_with_penalty(factor, matrices_only))
    assert finding.level == level
    assert finding.evidence["written_decay"] == pytest.approx(2 * factor, rel=1e-2)


def with_penalty(run, step):
    model = small_network()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    return run("weight_decay_strength", model=model, optimizer=optimizer, training_step=step)


def test_a_step_with_another_second_loss_has_no_decay(run):
    def step(model, batch, optimizer):
        optimizer.zero_grad()
        outputs = model(batch[0])
        loss = torch.nn.functional.cross_entropy(outputs, batch[1]) + outputs.square().mean()
        loss.backward()
        optimizer.step()
        return loss

    assert "no parameter is decayed" in with_penalty(run, step).reason


def test_a_slow_training_is_given_time_to_show_that_only_the_decay_is_in_the_way(verdict):
    model = small_network()
    slow = torch.optim.SGD(model.parameters(), lr=4e-3, weight_decay=75.0)
    assert verdict("weight_decay_strength", model=model, optimizer=slow) == "suspect"
