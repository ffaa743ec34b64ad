"""`assay verify my_project.train:pipeline`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli_support import Assay

from assay.checks import verify as verify_module

SOURCE = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

def pipeline(head=()):
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(120) % 3
    inputs = 2 * torch.eye(3)[labels] + torch.randn(120, 3, generator=generator)
    model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 3), *head)
    return {
        "model": model,
        "train_loader": DataLoader(TensorDataset(inputs, labels), 30, shuffle=True),
        "loss_fn": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.SGD(model.parameters(), 0.1),
    }

def softmax_twice():
    return pipeline([nn.Softmax(1)])

def wrong_model():
    return {**pipeline(), "model": 3}

def wrong_plan():
    return {**pipeline(), "epochs": "3"}

def failing_data():
    class Broken(torch.utils.data.Dataset):
        def __len__(self):
            return 8
        def __getitem__(self, index):
            raise OSError("no such picture")
    return {**pipeline(), "train_loader": DataLoader(Broken(), 4)}

def loss_of_nothing():
    return {**pipeline(), "loss_fn": lambda outputs, targets: None}

def prints_and_returns_nothing():
    print("made it")

def leaves():
    raise SystemExit(3)

def crash():
    raise KeyError("colour")

def slow():
    import time
    time.sleep(0.6)
    return pipeline()
"""


@pytest.fixture(autouse=True)
def _project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    Path("own_program.py").write_text(SOURCE)
    sys.modules.pop("own_program", None)
    cheap = tuple(row for row in verify_module.CHECKS if row[0] in ("inputs_finite", "initial_loss", "softmax_twice"))
    monkeypatch.setattr(verify_module, "CHECKS", cheap)


def test_healthy_program_exits_with_0(assay: Assay) -> None:
    told = assay("verify", "own_program:pipeline", "--json")
    assert told.code == 0, told
    report = json.loads(told.out)
    assert report["stage"] == "verify"
    assert "initial_loss" in {finding["id"] for finding in report["findings"]}


def test_alert_exits_with_1_and_a_build_server_and_a_reader_are_told(assay: Assay) -> None:
    told = assay("verify", "own_program:softmax_twice", "--junit", "verify.xml", "--page", "verify.html")
    assert told.code == 1, told
    assert "Fix: Remove the softmax" in told.out
    suite = ElementTree.parse("verify.xml").getroot().find("testsuite")
    assert suite is not None
    assert int(suite.get("failures", "0")) >= 1
    page = Path("verify.html").read_text()
    assert "own_program" in page
    assert "softmax" in page


def test_a_short_budget_is_enough_for_some_checks(assay: Assay) -> None:
    told = assay("verify", "own_program:pipeline", "--budget", "8s")
    assert told.code == 0, told
    told = assay("verify", "own_program:pipeline", "--budget", "0s")
    assert (told.code, told.lines[-1]) == (2, "assay: --budget '0s' is no time at all; give some, such as 60s")


def test_building_a_program_takes_nothing_from_the_budget_of_its_checks(assay: Assay) -> None:
    told = assay("verify", "own_program:slow", "--budget", "0.5s", "--json")
    assert "inputs_finite" in {finding["id"] for finding in json.loads(told.out)["findings"]}


def test_checks_are_ignored_as_asked_but_no_misspelt_ones(assay: Assay) -> None:
    told = assay("verify", "own_program:pipeline", "--ignore", "initial_loss", "--json")
    assert [skip["id"] for skip in json.loads(told.out)["skipped"]][:1] == ["initial_loss"]
    told = assay("verify", "own_program:pipeline", "--ignore", "initial_los")
    assert (told.code, told.lines[-1]) == (
        2, "assay: ignore: there is no check 'initial_los'; did you mean 'initial_loss'?"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("own_program:crash",), "own_program:crash: own_program.py:45: KeyError: 'colour'; run it by itself to see"),
        (("own_program:wrong_model",), "own_program:wrong_model: model must be a torch.nn.Module, got int 3;"),
        (("own_program:wrong_plan",), "own_program:wrong_plan: epochs must be a number, got str '3'; pass e.g. 60"),
        (("own_program:failing_data",), "train_loader: giving batch 0 it raised OSError: no such picture; mend its"),
        (("own_program:loss_of_nothing",), "loss_fn must give one number as a tensor, got NoneType None;"),
        (("own_program:prints_and_returns_nothing",), "own_program:prints_and_returns_nothing: must return a mapping"),
        (("own_program:leaves",), "own_program:leaves: own_program.py:42: SystemExit: 3; run it by itself to see"),
        (("own_program:pipelin",), "own_program has no 'pipelin'; did you mean 'pipeline'?"),
        (("own_program:pipeline", "--target", "y"), "--target is for data; own_program:pipeline brings its own"),
        (("own_program:pipeline", "--junit", "."), "--junit .: must be a file in a folder that is there"),
        (("own_program:pipeline", "--junit", "own_program.py"), "this file is there and is no XML; name another"),
        (
            ("own_program:pipeline", "--junit", "/proc/verify.xml"),
            "--junit /proc/verify.xml: nothing can be written there",
        ),
        (("digits", "--ignore", "shuffling"), "--ignore is for a program of your own"),
        (("own_program.py:pipeline",), "own_program.py:pipeline: a program is written package.module:function; "),
        (("own_program",), "do you mean own_program:pipeline?"),
        ((":pipeline",), "do you mean my_project.train:pipeline?"),
    ],
)
def test_wrong_input_is_one_line(assay: Assay, arguments: tuple[str, ...], message: str) -> None:
    told = assay("verify", *arguments)
    assert told.code == 2, told
    assert message in told.lines[-1]


def test_an_error_of_the_program_shows_where_it_was_raised(assay: Assay) -> None:
    told = assay("verify", "own_program:crash")
    assert "Traceback" in told.err
    assert "programs/load.py" not in told.err
