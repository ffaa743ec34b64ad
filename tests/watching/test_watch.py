import copy
import inspect

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from watched_loops import alerts, assert_nothing_left, found, loader, network, plain_step, run

import assay
from assay.errors import InputError
from assay.finding import AlertError, Report
from assay.watching.watch import watch


def test_healthy_loop_has_notes_with_numbers_and_no_alert():
    report = run()
    assert report.ok, [finding.summary for finding in report.alerts]
    assert report.stage == "watch"
    assert {finding.id for finding in report.findings} == {
        "train_eval_mode", "parameters_trained", "gradients_cleared", "learning_rate_schedule", "norm_statistics",
        "dead_units", "exploding_gradients", "update_ratio",
    }  # fmt: skip
    assert all(finding.source for finding in report.findings)
    assert Report.from_dict(report.to_dict()) == report
    assert found(report, "parameters_trained").summary == "6 of 6 trainable parameters changed."


def test_the_training_is_the_same_with_and_without():
    def train(watched: bool) -> nn.Module:
        torch.manual_seed(0)
        model = network()
        optimizer, batches = torch.optim.Adam(model.parameters(), lr=0.01), loader()
        block = watch(model, optimizer, batches, loader(1), every=2)
        if watched:
            block.__enter__()
        for inputs, labels in batches:
            plain_step(model, inputs, labels, optimizer)
        if watched:
            block.__exit__(None, None, None)
        return model

    plain, seen = train(False).state_dict(), train(True).state_dict()
    assert all(torch.equal(plain[name], seen[name]) for name in plain)


def accumulate(model, inputs, labels, optimizer):
    optimizer.zero_grad()
    for part, target in zip(inputs.chunk(2), labels.chunk(2), strict=True):
        (F.cross_entropy(model(part), target) / 2).backward()
    optimizer.step()


def zero_in_place(model, inputs, labels, optimizer):
    F.cross_entropy(model(inputs), labels).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.1)
    optimizer.step()
    model.zero_grad(set_to_none=False)
    optimizer.zero_grad(set_to_none=False)


def two_forwards(model, inputs, labels, optimizer):
    plain_step(model, inputs, labels, optimizer)
    model(inputs)  # its accuracy, of all things with a gradient
    with torch.no_grad():
        model(inputs)


def with_scaler(model, inputs, labels, optimizer):
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    optimizer.zero_grad()
    scaler.scale(F.cross_entropy(model(inputs), labels)).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()


@pytest.mark.parametrize("step", [accumulate, zero_in_place, two_forwards, with_scaler])
def test_healthy_steps_of_other_shapes(step):
    report = run(step)
    assert report.ok, [finding.summary for finding in report.alerts]


def test_an_optimiser_that_evaluates_the_loss_itself():
    model = network()[:1]

    def step(model, inputs, labels, optimizer):
        def closure():
            optimizer.zero_grad()
            loss = F.cross_entropy(model(inputs)[:, :3], labels)
            loss.backward()
            return loss

        optimizer.step(closure)

    report = run(step, model=model, optimizer=torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=3))
    assert report.ok, [finding.summary for finding in report.alerts]


def test_frozen_layers_and_frozen_norms_are_healthy():
    model = network()
    for parameter in model[0].parameters():
        parameter.requires_grad_(False)

    def freeze(model):
        model.train()
        model[1].eval()

    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    report = run(model=model, optimizer=torch.optim.SGD(trained, lr=0.05), before_epoch=freeze)
    assert report.ok, [finding.summary for finding in report.alerts]
    assert "frozen: 0.weight, 0.bias" in found(report, "parameters_trained").summary


def test_two_optimisers_that_take_turns():
    torch.manual_seed(0)
    both = nn.ModuleDict(
        {"maker": nn.Linear(4, 8), "judge": nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))}
    )
    optimizers = [torch.optim.Adam(part.parameters(), lr=1e-3) for part in both.values()]
    maker, judge = optimizers
    with watch(both, optimizers, every=3) as block:
        for real, _ in [*loader(), *loader(1)]:
            fake = both["maker"](torch.randn(16, 4))
            judge.zero_grad()
            (both["judge"](fake.detach()).mean() - both["judge"](real).mean()).backward()
            judge.step()
            maker.zero_grad()
            (-both["judge"](fake).mean()).backward()  # leaves a gradient in the judge, cleared before it is used
            maker.step()
    assert block.report().ok, [finding.summary for finding in block.report().alerts]


def test_an_exception_in_the_loop_leaves_nothing_and_is_not_swallowed():
    model, train, validation = network(), loader(), loader(1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    block = watch(model, optimizer, train, validation)

    def loop():
        with block:
            for number, (inputs, labels) in enumerate(train):
                plain_step(model, inputs if number < 4 else inputs[:, :2], labels, optimizer)

    with pytest.raises(RuntimeError, match="shapes"):
        loop()
    assert_nothing_left(block, model, optimizer, train, validation)
    assert block.report().ok


def test_a_loop_without_updates_says_so():
    model = network()
    with watch(model, torch.optim.SGD(model.parameters(), lr=0.1)) as block:
        pass
    report = block.report()
    assert [skip.reason for skip in report.skipped] == ["no update was made inside the block"]
    assert report.ok


def test_report_inside_the_block_and_alerts_for_tests():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with assay.watch(model, optimizer) as block:
        for inputs, labels in [*loader(), *loader(1)]:
            F.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
        assert not block.report().ok
    with pytest.raises(AlertError, match="zero_grad"):
        block.report().raise_if_alert()


def test_a_network_called_only_in_parts_is_no_fault():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as block:
        for inputs, labels in [*loader(), *loader(1)]:
            optimizer.zero_grad()
            F.cross_entropy(model[4](model[3](model[2](model[1](model[0](inputs))))), labels).backward()
            optimizer.step()
    assert block.report().ok, [finding.summary for finding in block.report().alerts]


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_traced_network_is_watched_from_outside():
    model = torch.jit.trace(nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)), torch.zeros(16, 8))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as block:
        for inputs, labels in [*loader(), *loader(1)]:
            F.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
    assert alerts(block.report()) == {"gradients_cleared": "proved"}
    assert [skip.id for skip in block.report().skipped] == ["dead_units"]


def test_wrong_arguments_are_refused_by_name():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(TypeError, match=r"optimizer must be a torch\.optim\.Optimizer or several"):
        watch(model, [])
    with pytest.raises(ValueError, match="every must be at least 1, got 0"):
        watch(model, optimizer, every=0)
    unwatched = inspect.unwrap(watch)  # without the type checker of these tests, which a user does not have
    for wrong in (None, torch.optim.SGD, 3):
        with pytest.raises(TypeError, match=r"optimizer must be a torch\.optim\.Optimizer or several, got"):
            unwatched(model, wrong)
    with pytest.raises(TypeError, match=r"model must be a torch\.nn\.Module, got str"):
        unwatched("network", optimizer)
    with pytest.raises(TypeError, match="every must be a whole number, got '2'"):
        unwatched(model, optimizer, every="2")
    with pytest.raises(TypeError, match="val_loader must be iterable, got int; pass the loader"):
        unwatched(model, optimizer, None, 4)
    with pytest.raises(TypeError, match="train_loader must be iterable, got str; pass the loader"):
        unwatched(model, optimizer, "photos")


def test_weights_that_are_not_there_are_refused():
    lazy = nn.Sequential(nn.LazyLinear(4))
    with pytest.raises(InputError, match=r"2 without a shape.*call the model on one batch"):
        watch(lazy, torch.optim.SGD(lazy.parameters(), lr=0.1))
    with torch.device("meta"):
        empty = nn.Linear(3, 4)
    with pytest.raises(InputError, match="2 on the meta device"):
        watch(empty, torch.optim.SGD(empty.parameters(), lr=0.1))


def test_a_block_that_was_not_entered_says_so():
    model = network()
    report = watch(model, torch.optim.SGD(model.parameters(), lr=0.1)).report()
    assert [skip.reason for skip in report.skipped] == ["the block was not entered: use `with`"]
    assert report.seconds == 0.0


def test_one_look_is_told_in_the_singular():
    model, batch = network(), next(iter(loader()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as block:
        plain_step(model, *batch, optimizer)
    assert "(median of 1 look, " in found(block.report(), "exploding_gradients").summary


def test_last_batch_and_gradients_are_let_go():
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model, optimizer) as block:
        for inputs, labels in loader():
            plain_step(model, inputs, labels, optimizer)
    assert block.parts[0].window._left == {}
    copy.deepcopy(model)  # with hooks of closures left, this would fail


def test_findings_are_alerts_of_their_own_fault_only():
    def forgotten(model, inputs, labels, optimizer):
        F.cross_entropy(model(inputs), labels).backward()
        optimizer.step()

    assert alerts(run(forgotten)) == {"gradients_cleared": "proved"}
