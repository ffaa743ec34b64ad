import copy
import importlib
import inspect
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from check_programs import digits_like, loader_of, small_network, state_of, warm_up
from torch import nn

import assay.checks
from assay.checks import verify as verify_module
from assay.checks.catalog import CHECKS
from assay.checks.given.pipeline import asks_for_closure
from assay.checks.verify import verify
from assay.errors import InputError
from assay.finding import AlertError, Report

IDS = [name for name, _ in CHECKS]


def test_every_file_of_checks_is_in_the_catalog_and_names_its_source():
    folder = Path(assay.checks.__file__).parent
    files = {path.stem for path in folder.glob("*.py") if "\ndef check(pipeline" in path.read_text()}
    assert {check.__module__.rsplit(".", 1)[1] for _, check in CHECKS} == files
    assert set(IDS) - files == {"network_inputs"}
    for name in files:
        assert "Source:" in (importlib.import_module(f"assay.checks.{name}").__doc__ or ""), name
        assert (Path(__file__).parent / f"test_{name}.py").exists(), name


def plain_step(model, batch, optimizer):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(batch[0]), batch[1])
    loss.backward()
    optimizer.step()
    return loss


def test_healthy_program_is_ok_with_evidence_for_each_check(program):
    given = program(val_loader=loader_of(*digits_like(seed=1)), training_step=plain_step, epochs=5)
    given["scheduler"] = torch.optim.lr_scheduler.CosineAnnealingLR(given["optimizer"], 30)
    warm_up(given)
    before = copy.deepcopy(state_of(given))
    report = verify(**given)
    assert report.ok, [finding.summary for finding in report.alerts]
    assert {finding.id for finding in report.findings} | {skip.id for skip in report.skipped} == set(IDS)
    assert not [skip for skip in report.skipped if "failed with" in skip.reason]
    assert all(finding.source for finding in report.findings)
    assert state_of(given) == before
    assert Report.from_dict(report.to_dict()) == report


def test_faulty_program_raises_an_alert_with_cause_and_fix(program):
    report = verify(**program(model=small_network().append(nn.Softmax(1))))
    assert not report.ok
    assert {"softmax_twice", "overfit_one_batch"} <= {finding.id for finding in report.alerts}
    assert all(finding.cause and finding.fix and finding.source for finding in report.alerts)
    with pytest.raises(AlertError, match="softmax"):
        report.raise_if_alert()


def test_same_seed_same_report(program):
    reports = [verify(**program(), seed=4) for _ in range(2)]
    assert reports[0].findings == reports[1].findings


def test_spent_budget_leaves_a_prefix(program, monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(verify_module.time, "monotonic", lambda: next(clock))
    report = verify(**program(), budget_seconds=4)
    made = {finding.id for finding in report.findings}
    assert made == set(IDS[: len(made)])
    assert 0 < len(made) < len(IDS)
    assert [skip.id for skip in report.skipped] == IDS[len(made) :]
    assert {skip.reason for skip in report.skipped} == {"budget"}


def test_a_check_that_crashes_is_skipped_with_its_error(program, monkeypatch):
    def crash(pipeline):
        raise RuntimeError("of all the gin joints")

    monkeypatch.setattr(verify_module, "CHECKS", (("crash", crash), *CHECKS[:1]))
    report = verify(**program())
    assert report.skipped[0].reason == "the check failed with RuntimeError: of all the gin joints"
    assert [finding.id for finding in report.findings] == ["inputs_finite"]


def test_an_interruption_is_not_swallowed_and_leaves_no_trace(program, monkeypatch):
    def interrupt(pipeline):
        pipeline.model[1].weight.data.zero_()
        raise KeyboardInterrupt

    monkeypatch.setattr(verify_module, "CHECKS", (("interrupt", interrupt),))
    given = program()
    before = copy.deepcopy(state_of(given))
    with pytest.raises(KeyboardInterrupt):
        verify(**given)
    assert state_of(given) == before


def test_loader_that_draws_from_global_randomness_is_put_back(program):
    class Augmenting(torch.utils.data.Dataset):
        inputs, labels = digits_like(80)

        def __len__(self):
            return 80

        def __getitem__(self, index):
            return self.inputs[index] + 0.1 * np.random.randn() + 0.1 * torch.randn(1, 8, 8), self.labels[index]

    given = program(train_loader=torch.utils.data.DataLoader(Augmenting(), 40, shuffle=True))
    given["train_loader"].generator = torch.Generator()
    before = copy.deepcopy(state_of(given))
    report = verify(**given, val_loader=given["train_loader"])
    assert state_of(given) == before
    alerts = {finding.id for finding in report.alerts}
    assert alerts == {"validation_deterministic", "train_validation_overlap"}


def test_batches_by_name(program):
    inputs, labels = digits_like(160)
    batches = [{"inputs": inputs[i : i + 40], "labels": labels[i : i + 40]} for i in range(0, 160, 40)]
    assert verify(**program(train_loader=batches)).ok


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_loader": []}, "must give at least one batch, got none"),
        ({"train_loader": iter([])}, "must be iterable anew, got an iterator"),
        ({"val_loader": iter([])}, "val_loader must be iterable anew"),
        ({"train_loader": [torch.zeros(3, 64)]}, r"a batch must be \(inputs, targets\)"),
        ({"train_loader": [{"a": torch.zeros(3, 64)}]}, "must have one of inputs, x"),
        ({"train_loader": [(torch.zeros(3, 5), torch.zeros(3))]}, "model: it must accept the inputs of train_loader"),
    ],
)
def test_unusable_objects_are_refused(program, changes, message):
    with pytest.raises(InputError, match=message):
        verify(**program(**changes))


def test_arguments_are_refused(program):
    with pytest.raises(InputError, match="train_loader must be iterable, got int"):
        verify_module.readable_loader(3, "train_loader")
    with pytest.raises(ValueError, match="budget_seconds must be positive, got 0"):
        verify(**program(), budget_seconds=0)
    with pytest.raises(ValueError, match="scheduler_interval must be 'step' or 'epoch'"):
        verify(**program(), scheduler_interval="day")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimizer": None}, r"optimizer must be a torch.optim.Optimizer, got None; pass the one"),
        ({"optimizer": torch.optim.Adam}, "optimizer must be .*, got the class Adam itself"),
        ({"model": lambda inputs: inputs}, "model must be a torch.nn.Module, got function"),
        ({"loss_fn": "x"}, "loss_fn must be a callable .*, got str 'x'"),
        ({"loss_fn": nn.CrossEntropyLoss}, "loss_fn must be a callable .*, got the class CrossEntropyLoss itself"),
        ({"training_step": 3}, "training_step must be a callable .*, got int 3"),
        ({"scheduler": 0.1}, r"scheduler must have a step\(\) or be None, got float 0.1"),
    ],
)
def test_wrong_objects_are_refused_by_name(program, changes, message):
    given = {**program(), **changes}
    unwatched = inspect.unwrap(verify)  # without the type checker of these tests, which a user does not have
    with pytest.raises(TypeError, match=message):
        unwatched(**given)


@pytest.mark.parametrize("epochs", [0, -1.0, float("nan"), float("inf")])
def test_length_of_no_training_is_refused(program, epochs):
    with pytest.raises(ValueError, match="epochs must be positive and finite"):
        verify(**program(), epochs=epochs)


@pytest.mark.parametrize(("seed", "error"), [(-1, ValueError), (1.5, TypeError), (True, TypeError)])
def test_a_seed_is_a_whole_number_from_0_on(program, seed, error):
    unwatched = inspect.unwrap(verify)
    with pytest.raises(error, match=rf"seed must be .* got (bool |float )?{seed}; pass e\.g\. 0"):
        unwatched(**program(), seed=seed)


def test_a_step_that_fails_is_told_once(program):
    def step(model, batch, optimizer):
        raise KeyError("colour")

    report = verify(**program(), training_step=step)
    assert [finding.id for finding in report.alerts] == ["parameters_trained"]
    reasons = {skip.reason for skip in report.skipped}
    assert "a step of the training fails; see parameters_trained" in reasons
    assert not [reason for reason in reasons if "the check failed with" in reason]


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_a_scripted_network_is_checked_from_outside(program):
    report = verify(**program(model=torch.jit.script(small_network())))
    assert report.ok, [finding.summary for finding in report.alerts]
    reasons = {skip.id: skip.reason for skip in report.skipped}
    assert reasons["dead_units"].startswith("a scripted network does not show what happens inside; give the module")
    assert {"evaluation_deterministic", "overfit_one_batch", "initial_loss"} <= {f.id for f in report.findings}
    failed = [reason for reason in reasons.values() if "failed with" in reason]
    assert not [reason for reason in failed if "Beartype" not in reason]  # a scripted copy has tensors for parameters


def test_forgotten_zero_grad_is_found(program):
    def step(model, batch, optimizer):
        loss = F.cross_entropy(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        return loss

    report = verify(**program(), training_step=step)
    assert [(finding.id, finding.level) for finding in report.alerts] == [("gradients_cleared", "proved")]


class ConvNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.second, self.last = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)
        nn.init.zeros_(self.last.weight)  # the residual branch starts at zero
        self.dropout, self.head = nn.Dropout(0.3), nn.Linear(8, 4)

    def forward(self, inputs):
        hidden = F.relu(self.norm(self.first(inputs)))
        hidden = F.relu(hidden + self.last(self.second(hidden)))
        return self.head(self.dropout(hidden.amax((2, 3))))


def frozen() -> nn.Module:
    model = small_network()
    model[1].requires_grad_(False)
    return model


@pytest.mark.parametrize(
    ("make", "loss_fn"),
    [
        pytest.param(ConvNet, nn.CrossEntropyLoss(label_smoothing=0.1), marks=pytest.mark.slow),
        (frozen, nn.CrossEntropyLoss()),
        (lambda: small_network().append(nn.LogSoftmax(1)), nn.NLLLoss()),
        (small_network, nn.MultiMarginLoss()),
    ],
    ids=["residual convnet", "frozen features", "log-probabilities", "unknown loss"],
)
def test_healthy_look_alikes_raise_no_alert(program, make, loss_fn):
    report = verify(**program(model=make(), loss_fn=loss_fn, val_loader=loader_of(*digits_like(seed=1))))
    assert report.ok, [finding.summary for finding in report.alerts]


def test_healthy_regression_raises_no_alert(program):
    inputs, _ = digits_like()
    targets = inputs.flatten(1)[:, :2] @ torch.tensor([[1.0], [-2.0]])
    report = verify(**program(model=small_network(1), loss_fn=nn.MSELoss(), train_loader=loader_of(inputs, targets)))
    assert report.ok, [finding.summary for finding in report.alerts]


def test_healthy_scores_of_one_axis_raise_no_alert(program):
    inputs, labels = digits_like()
    loader = loader_of(inputs, (labels % 2).float())
    report = verify(**program(model=small_network(1).append(nn.Flatten(0)), loss_fn=nn.BCEWithLogitsLoss(),
                              train_loader=loader))  # fmt: skip
    assert report.ok, [finding.summary for finding in report.alerts]
    assert not [skip for skip in report.skipped if "failed with" in skip.reason]


def test_an_optimiser_that_evaluates_the_loss_itself_is_verified(program):
    model = small_network()
    given = program(model=model, optimizer=torch.optim.LBFGS(model.parameters(), max_iter=4, lr=0.1))
    before = copy.deepcopy(state_of(given))
    report = verify(**given)
    assert not [skip for skip in report.skipped if "failed with" in skip.reason]
    assert {"overfit_one_batch", "parameters_trained", "update_ratio"} <= {finding.id for finding in report.findings}
    assert report.ok, [finding.summary for finding in report.alerts]
    assert state_of(given) == before


def test_a_cut_branch_is_found_under_such_an_optimiser(program):
    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head = nn.Linear(64, 24), nn.Linear(24, 4)

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return self.head(self.body(inputs.flatten(1)).detach())

    model = Cut()
    report = verify(**program(model=model, optimizer=torch.optim.LBFGS(model.parameters(), max_iter=4)))
    (found,) = [finding for finding in report.findings if finding.id == "parameters_trained"]
    assert found.level == "suspect"
    assert found.evidence["parameters"] == ["body.weight", "body.bias"]


def test_the_usual_step_gives_a_closure_only_where_one_is_asked_for():
    parameters = [torch.nn.Parameter(torch.ones(2))]
    for kind, asks in ((torch.optim.LBFGS, True), (torch.optim.SGD, False), (torch.optim.Adam, False)):
        optimizer = kind(parameters)
        assert asks_for_closure(optimizer) == asks
        torch.optim.lr_scheduler.StepLR(optimizer, 1)
        assert asks_for_closure(optimizer) == asks


def test_an_experiment_is_made_once_and_leaves_no_trace(program):
    given = program()
    pipeline, calls = verify_module.make_pipeline(**given), []

    def experiment(pipeline):
        calls.append(torch.rand(1))
        pipeline.model[1].weight.data.zero_()
        return len(calls)

    before = copy.deepcopy(state_of(given))
    assert [pipeline.once(experiment), pipeline.once(experiment)] == [1, 1]
    assert state_of(given) == before


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"epochs": "ten"}, TypeError, "epochs must be a number, got str 'ten'"),
        ({"budget_seconds": "10s"}, TypeError, "budget_seconds must be a number, got str '10s'"),
        ({"budget_seconds": float("nan")}, ValueError, "budget_seconds must be positive, got nan"),
        ({"ignore": "input_scal"}, InputError, "there is no check 'input_scal'; did you mean 'input_scale'"),
        ({"val_loader": "abc"}, InputError, "val_loader must be iterable, got str"),
        ({"val_loader": []}, InputError, "val_loader must give at least one batch, got none"),
    ],
)
def test_wrong_numbers_and_loaders_are_refused(program, changes, error, message):
    unwatched = inspect.unwrap(verify)  # without the type checker of these tests, which a user does not have
    with pytest.raises(error, match=message):
        unwatched(**program(), **changes)


def test_a_report_of_nothing_is_no_reason_to_go_on(program):
    report = verify(**program(), budget_seconds=1e-9)
    assert report.findings == ()
    with pytest.raises(AlertError, match=r"verify checked nothing: .* skipped, inputs_finite: budget"):
        report.raise_if_alert()
