"""Other checkers are called as they ask to be, their words mean our ids, and what they cannot take is said."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from faults.form import Form
from faults.rivals import preflight, torch_audit, torchdiag, torcheck, torchmortem, torchtest2
from faults.rivals.catalog import CHECKERS, RIVALS, made_ready
from faults.rivals.handing_over import InputsOn, PairLoader, first_batch, model_and_loss
from faults.rivals.judgement import CannotJudgeError, Judgement
from faults.rivals.own_training import fails_alone, train_as_planned
from small_programs import clears_before_update, network, small_program
from torch import nn

from assay.checks.catalog import CHECKS

# torchmortem hooks the first layer, whose inputs need no gradient, and PyTorch warns.
pytestmark = pytest.mark.filterwarnings("ignore:Full backward hook is firing")

HEALTHY = {
    # Its saturation is |activation| > .99, which plain linear outputs exceed: small ones do not.
    "torchmortem": {"make_model": lambda: nn.Sequential(nn.Linear(9, 16), nn.Tanh(), nn.Linear(16, 3)), "epochs": 1},
}


def dead_network() -> nn.Module:
    model = network()
    nn.init.constant_(model[0].bias, -100.0)
    return model


def half_optimizer(model: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(model[0].parameters(), lr=0.1)


def wild_optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=1e3)


def with_nan(inputs: Any) -> Any:
    return (inputs[0] * float("nan"),)


FAULTY: dict[str, tuple[dict[str, Any], str]] = {
    "torchtest2": ({"make_optimizer": half_optimizer}, "parameters_trained"),
    "torch-audit": ({"make_step": clears_before_update}, "parameters_trained"),
    "torchmortem": ({"make_optimizer": wild_optimizer}, "learning_rate"),
    "torchdiag": ({"make_model": dead_network}, "dead_units"),
    "preflight-ml": ({"prepare": with_nan}, "inputs_finite"),
    "torcheck": ({"make_step": clears_before_update}, "parameters_trained"),
}


def installed(name: str) -> str:
    """The name, where the rival is installed; else the test is skipped."""
    module = next(rival.module for rival in RIVALS if rival.name == name)
    if importlib.util.find_spec(module.split(".")[0]) is None:
        pytest.skip(f"{name} is not installed: make bench-faults has an environment with it")
    return name


def all_ids(judgement: Judgement) -> set[str]:
    return {identity for alert in judgement.alerts for identity in alert.ids}


@pytest.mark.parametrize("name", FAULTY)
def test_healthy_program_without_an_alert(name: str):
    judgement = CHECKERS[installed(name)](small_program(**HEALTHY.get(name, {})))
    assert judgement.alerts == ()


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_program_with_the_right_cause(name: str):
    changes, cause = FAULTY[installed(name)]
    assert cause in all_ids(CHECKERS[name](small_program(**changes)))


@pytest.mark.parametrize("name", FAULTY)
def test_batches_that_are_mappings_are_handed_over(name: str):
    changes, cause = FAULTY[installed(name)]
    assert cause in all_ids(CHECKERS[name](small_program(form=Form(("x",), "y"), **changes)))


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_words_mean_ids_that_exist(rival: Any):
    known = {identity for identity, _ in CHECKS}
    assert rival.means
    assert {identity for ids in rival.means.values() for identity in ids} <= known


def test_every_check_of_torchtest2_has_a_meaning():
    installed("torchtest2")
    assert set(importlib.import_module("torchtest2").CHECKS) == set(torchtest2.MEANS)


def test_every_rule_of_torch_audit_has_a_meaning():
    installed("torch-audit")
    validators = importlib.import_module("torch_audit.loader").load_runtime_validators()
    rules = {rule.id for validator in validators for rule in validator.rules}
    assert rules == set(torch_audit.MEANS)


def test_every_check_of_preflight_has_a_meaning():
    installed("preflight-ml")
    program = small_program()
    run_checks = importlib.import_module("preflight.runner").run_checks
    results = run_checks(program.arguments["train_loader"], model=network(), loss_fn=nn.CrossEntropyLoss())
    assert {result.name for result in results} == set(preflight.MEANS)


@pytest.mark.parametrize(
    ("title", "cause"),
    [("Dead units in 0", "dead_units"), ("Update ratio too low in features.2", "update_ratio"),
     ("Training divergence detected", "learning_rate"), ("Stagnant weight norms", "parameters_trained")],
)  # fmt: skip
def test_titles_of_torchmortem(title: str, cause: str):
    assert cause in torchmortem.meaning(title)


@pytest.mark.parametrize(
    ("issue", "cause", "level"),
    [("features.1: 60% neurons dead", "dead_units", "CRITICAL"),
     ("features.1: 30% neurons dead", "dead_units", "WARNING"),
     ("0.bias: gradient max 3.00e-09 — vanishing", "vanishing_gradients", "ISSUE"),
     ("No parameters changed — model is not learning", "parameters_trained", "ISSUE")],
)  # fmt: skip
def test_issues_of_torchdiag(issue: str, cause: str, level: str):
    assert cause in torchdiag.meaning(issue)
    assert torchdiag.level(issue) == level


def test_a_failed_step_of_torchdiag_is_read_from_what_it_prints():
    printed = (
        "\n✗ Forward pass:    FAILED — no\n✗ Loss:            FAILED — never\n  • 0.weight: gradient is None — disc"
    )
    assert torchdiag.issues(lambda: print(printed)) == [
        "Forward pass failed: no", "Loss computation failed: never", "0.weight: gradient is None — disc"]  # fmt: skip


def test_messages_of_torcheck_can_mean_several_things():
    ids = torcheck.meaning("Module network's 0.weight should change. Module network's 0.weight contains NaN.")
    assert {"parameters_trained", "inputs_finite"} <= set(ids)


def test_outputs_that_are_several_tensors_are_said_not_to_be_checked():
    class Twofold(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(9, 3)

        def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.layer(inputs), inputs

    def first(outputs: Any, targets: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(outputs[0], targets)

    installed("torcheck")
    judgement = torcheck.judge(small_program(make_model=Twofold, loss_fn=first))
    assert judgement.not_checked == (("outputs", "the network returns a tuple"),)


def test_a_rival_that_fails_where_the_program_runs_cannot_judge_it(monkeypatch: pytest.MonkeyPatch):
    def breaks(*args: Any) -> None:
        raise TypeError("cannot hook this network")

    def autopatch(model: nn.Module, **named: Any) -> None:
        model.register_forward_hook(breaks)

    monkeypatch.setitem(sys.modules, "torch_audit", SimpleNamespace(autopatch=autopatch))
    with pytest.raises(CannotJudgeError, match="cannot hook this network"):
        torch_audit.judge(small_program())


def test_a_program_that_fails_by_itself_is_told_from_a_rival_that_fails():
    def labels_too_large(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(outputs, targets + 3)

    assert fails_alone(small_program()) == ""
    assert "out of bounds" in fails_alone(small_program(loss_fn=labels_too_large))


def test_training_as_planned_ends_after_so_many_steps():
    program, losses = small_program(epochs=5), []
    train_as_planned(program, losses.append, steps=7)
    assert len(losses) == 7
    assert losses[-1] < losses[0]


def test_pair_loader_puts_targets_second_and_keeps_the_data_set():
    program = small_program(form=Form(("x",), "y"))
    loader = PairLoader(program, program.arguments["val_loader"])
    inputs, targets = next(iter(loader))
    assert inputs.shape == (16, 9)
    assert targets.shape == (16,)
    assert len(loader.dataset) == 16  # pyright: ignore[reportArgumentType]


def test_a_loss_of_its_own_is_handed_over_as_a_loss_of_outputs():
    def compute(model: nn.Module, batch: Any, loss_fn: Any) -> torch.Tensor:
        return loss_fn(model(2.0 * batch[0]), batch[1])

    program = small_program(compute_loss=compute)
    model, loss_fn = model_and_loss(program)
    inputs, targets = first_batch(program)
    plain = program.arguments["model"]
    assert loss_fn(model(inputs), targets).item() == pytest.approx(
        compute(plain, (inputs, targets), nn.CrossEntropyLoss()).item()
    )
    assert dict(model.named_parameters()).keys() == dict(plain.named_parameters()).keys()
    assert isinstance(model, InputsOn)


def test_a_backward_of_its_own_is_found_in_the_graph():
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, values: torch.Tensor) -> torch.Tensor:
            return 2.0 * values

        @staticmethod
        def backward(context: Any, gradient: torch.Tensor) -> torch.Tensor:
            return 2.0 * gradient

    class Own(nn.Linear):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            return Doubled.apply(super().forward(inputs)).sin()

    assert torchtest2.has_own_backward(Own(9, 3), torch.zeros(2, 9))
    assert not torchtest2.has_own_backward(nn.Linear(9, 3), torch.zeros(2, 9))


def test_what_is_not_installed_is_left_out_with_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    missing = tuple(replace(rival, package="no-such-package") for rival in RIVALS)
    monkeypatch.setattr("faults.rivals.catalog.RIVALS", missing)
    assert made_ready("torcheck") is None
    assert "torcheck: not installed here and left out" in capsys.readouterr().out
    assert made_ready("assay") == ""
