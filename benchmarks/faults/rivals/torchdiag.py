"""torchdiag 0.1.0: its four commands about a network in the order of its guide, and the issues that they print.

Dead units are "CRITICAL" above half of a layer, which is taken as an alert, and "WARNING" above a fifth. Every other
issue is an alert.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import re
from collections.abc import Callable
from typing import Any

from faults.program import Program
from faults.rivals.handing_over import first_batch, model_and_loss
from faults.rivals.judgement import Alert, CannotJudgeError, Judgement
from faults.rivals.own_training import fails_alone

MEANS: dict[str, tuple[str, ...]] = {
    "parameters are frozen": ("parameters_trained",),
    "split across devices": (),
    "disconnected from graph": ("parameters_trained", "vanishing_gradients"),
    "exploding": ("exploding_gradients", "initialization_scale", "input_scale", "learning_rate", "loss_reduction"),
    "vanishing": ("vanishing_gradients", "saturated_units", "dead_units", "parameters_trained", "initialization_scale"),
    "neurons dead": ("dead_units", "initialization_scale", "input_scale", "learning_rate"),
    "pass failed": ("loss_shapes", "labels_valid", "loss_pairing"),
    "computation failed": ("loss_shapes", "labels_valid", "loss_pairing"),
    "not finite": ("inputs_finite", "initialization_scale", "input_scale", "loss_pairing", "output_range"),
    "None gradients": ("parameters_trained", "vanishing_gradients"),
    "not learning": ("parameters_trained", "update_ratio", "learning_rate"),
}
DEAD = re.compile(r"(\d+)% neurons dead")


def judge(program: Program) -> Judgement:
    """summary, check_dead_neurons, verify_step, and check_gradients after a backward pass."""
    package: Any = importlib.import_module("torchdiag")
    inputs, targets = first_batch(program)
    network, optimizer = program.arguments["model"].train(), program.arguments["optimizer"]
    model, loss_fn = model_and_loss(program)

    def gradients() -> None:
        optimizer.zero_grad()
        loss_fn(model(inputs), targets).backward()
        package.check_gradients(network)

    commands: dict[str, Callable[[], Any]] = {
        "summary": lambda: package.summary(network),
        "check_dead_neurons": lambda: package.check_dead_neurons(network, inputs),
        "verify_step": lambda: package.verify_step(model, optimizer, loss_fn, inputs, targets),
        "check_gradients": gradients,
    }
    said, failed = [], {}
    for name, command in commands.items():
        try:
            said += [Alert(issue, meaning(issue), level(issue)) for issue in issues(command)]
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"
    return sort_out(program, said, failed)


def sort_out(program: Program, said: list[Alert], failed: dict[str, str]) -> Judgement:
    """Steps that failed are findings only where the program fails by itself."""
    broken = [alert for alert in said if "failed: " in alert.words]
    if (broken or failed) and not fails_alone(program):
        said = [alert for alert in said if alert not in broken]
        if broken:
            failed["verify_step"] = broken[0].words
    if {"check_dead_neurons", "verify_step", "check_gradients"} <= failed.keys():
        raise CannotJudgeError(failed["verify_step"])
    return Judgement(tuple(alert for alert in said if alert.level != "WARNING"),
                     tuple(alert for alert in said if alert.level == "WARNING"), tuple(failed.items()))  # fmt: skip


def issues(command: Callable[[], Any]) -> list[str]:
    """What a command prints as an issue, or as a step that failed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        command()
    lines = printed.getvalue().splitlines()
    failed = [re.sub(r"^✗ (\w+ \w+|\w+): +FAILED — ", _failure, line) for line in lines if line.startswith("✗ ")]
    return failed + [line.removeprefix("  • ") for line in lines if line.startswith("  • ")]


def _failure(found: re.Match[str]) -> str:
    return f"{found[1]}{'' if found[1].endswith('pass') else ' computation'} failed: "


def level(issue: str) -> str:
    """As its table of layers has it."""
    dead = DEAD.search(issue)
    return "WARNING" if dead and int(dead[1]) <= 50 else "CRITICAL" if dead else "ISSUE"


def meaning(issue: str) -> tuple[str, ...]:
    """Our ids for an issue."""
    return next(ids for words, ids in MEANS.items() if words in issue)
