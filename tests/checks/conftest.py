"""Try a check on a program, with a battery that fails when the check leaves a trace."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

sys.path.append(str(Path(__file__).parent))  # pytest puts no folder of tests on the path

from check_programs import Program, digits_like, levels, loader_of, pipeline_of, small_network, state_of, warm_up

from assay.checks.catalog import CHECKS
from assay.checks.verify import run_check
from assay.finding import Finding, Skipped


@pytest.fixture
def program() -> Callable[..., Program]:
    """Arguments of `verify` for a healthy program; each may be replaced by name."""

    def build(**changes: Any) -> Program:
        torch.manual_seed(0)
        given: Program = {"model": None, "train_loader": None, "loss_fn": nn.CrossEntropyLoss(), **changes}
        given["model"] = given["model"] or small_network()
        if given["train_loader"] is None:
            given["train_loader"] = loader_of(*digits_like())
        trainable = [parameter for parameter in given["model"].parameters() if parameter.requires_grad]
        given.setdefault("optimizer", torch.optim.SGD(trainable, lr=0.05, momentum=0.9))
        return given

    return build


@pytest.fixture
def run(program: Callable[..., Program]) -> Callable[..., list[Finding] | Skipped]:
    """Make one check on a program, and fail when it leaves a trace."""

    def make(name: str, **changes: Any) -> list[Finding] | Skipped:
        given = program(**changes)
        warm_up(given)
        before = copy.deepcopy(state_of(given))
        result = run_check(name, dict(CHECKS)[name], pipeline_of(given))
        assert state_of(given) == before, f"{name} left a trace"
        return result

    return make


@pytest.fixture
def verdict(run: Callable[..., Any]) -> Callable[..., str]:
    """The worst level that one check gives a program."""

    def worst(name: str, **changes: Any) -> str:
        found = levels(run(name, **changes))
        return next((level for level in ("proved", "suspect", "note") if level in found), found[0])

    return worst
