import pytest
import torch
import torch.nn.functional as F
from torch import nn
from watched_loops import alerts, data, found, loader, network, run

from assay.watching.watch import watch


def loss_of(model, inputs, labels):
    return F.cross_entropy(model(inputs), labels)


def forgotten(model, inputs, labels, optimizer):
    loss_of(model, inputs, labels).backward()
    optimizer.step()


def between(model, inputs, labels, optimizer):
    loss_of(model, inputs, labels).backward()
    optimizer.zero_grad()
    optimizer.step()


def between_in_place(model, inputs, labels, optimizer):
    loss_of(model, inputs, labels).backward()
    optimizer.zero_grad(set_to_none=False)
    optimizer.step()


def step_first(model, inputs, labels, optimizer):
    loss = loss_of(model, inputs, labels)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()


def step_before_all_is_cleared(model, inputs, labels, optimizer):
    optimizer.zero_grad()
    loss = loss_of(model, inputs, labels)
    optimizer.step()
    loss.backward()


def twice(model, inputs, labels, optimizer):
    optimizer.zero_grad()
    loss_of(model, inputs, labels).backward()
    optimizer.step()
    optimizer.step()


def no_backward(model, inputs, labels, optimizer):
    optimizer.zero_grad()
    loss_of(model, inputs, labels)
    optimizer.step()


def clipped_late(model, inputs, labels, optimizer):
    optimizer.zero_grad()
    loss_of(model, inputs, labels).backward()
    optimizer.step()
    nn.utils.clip_grad_norm_(model.parameters(), 1e-3)


def clipped_loss(model, inputs, labels, optimizer):
    optimizer.zero_grad()
    loss_of(model, inputs, labels).clamp(max=1e-3).backward()
    optimizer.step()


def never_stepped(model, inputs, labels, optimizer):
    optimizer.zero_grad()
    loss_of(model, inputs, labels).backward()


@pytest.mark.parametrize(
    ("step", "name", "level", "words"),
    [
        (forgotten, "gradients_cleared", "proved", "added to those that an earlier update had used"),
        (between, "gradients_cleared", "proved", "cleared before the update could use it"),
        (between_in_place, "gradients_cleared", "proved", "cleared before the update could use it"),
        (step_before_all_is_cleared, "step_order", "proved", "between a forward and its own backward"),
        (twice, "step_order", "proved", "was used again"),
        (no_backward, "step_order", "suspect", "no gradient had arrived"),
        (clipped_late, "gradient_clipping", "proved", "the change did nothing"),
        (clipped_loss, "loss_clipping", "suspect", "exactly 0"),
        (never_stepped, "step_order", "suspect", "not one step of the optimiser"),
    ],
)
def test_each_misplaced_line_is_named_and_nothing_else(step, name, level, words):
    report = run(step)
    finding = found(report, name)
    assert alerts(report) == {name: level}, [one.summary for one in report.alerts]
    assert words in finding.summary
    assert finding.cause
    assert finding.fix


def test_an_update_from_the_batch_before_is_named():
    # Of several layers, torch itself refuses the backward of weights that have changed meanwhile.
    report = run(step_first, model=nn.Linear(8, 3))
    assert alerts(report) == {"step_order": "proved"}
    assert "used the gradients of the batch before" in found(report, "step_order").summary


def test_accumulation_over_several_calls_is_healthy():
    calls = iter(range(10_000))

    def step(model, inputs, labels, optimizer):
        (loss_of(model, inputs, labels) / 3).backward()
        if next(calls) % 3 == 2:
            optimizer.step()
            optimizer.zero_grad()

    report = run(step)
    assert report.ok, [finding.summary for finding in report.alerts]


def test_a_hinge_that_has_learned_every_example_is_healthy():
    inputs, labels = data()[:8]

    def step(model, _, __, optimizer):
        optimizer.zero_grad()
        F.multi_margin_loss(model(inputs), labels).backward()
        optimizer.step()

    torch.manual_seed(0)
    report = run(step, model=nn.Linear(8, 3), optimizer=None, epochs=30)
    assert report.ok, [finding.summary for finding in report.alerts]
    assert found(report, "exploding_gradients").evidence["norms"][-1] == 0.0


def test_one_forgotten_optimiser_of_two():
    torch.manual_seed(0)
    model = network()
    first = torch.optim.SGD(model[0].parameters(), lr=0.01)
    second = torch.optim.SGD([*model[1].parameters(), *model[4].parameters()], lr=0.01)
    with watch(model, [first, second]) as block:
        for inputs, labels in [*loader(), *loader(1)]:
            first.zero_grad()
            loss_of(model, inputs, labels).backward()
            first.step()
            second.step()
    (finding,) = block.report().alerts
    assert finding.id == "gradients_cleared"


def test_sparse_gradients_are_watched():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(20, 4, sparse=True), nn.Flatten(), nn.Linear(8, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    labels = data()[:][1]
    with watch(model, optimizer) as block:
        for first in range(0, 96, 16):
            optimizer.zero_grad()
            loss_of(model, torch.randint(20, (16, 2)), labels[first : first + 16]).backward()
            optimizer.step()
    assert block.report().ok, [finding.summary for finding in block.report().alerts]
