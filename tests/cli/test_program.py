"""The program as a whole: help, and the catalogue of tricks."""

from __future__ import annotations

import json
import re

import pytest
from cli_support import Assay

from assay.tricks.catalog import TRICKS

COMMANDS = (
    *("run", "inspect", "verify", "baselines", "overfit", "ablate", "tune", "squeeze"),
    *("train", "predict", "tricks"),
)


def test_help_lists_the_commands_in_the_order_of_the_recipe(assay: Assay) -> None:
    told = assay("--help")
    assert told.code == 0
    assert tuple(re.findall(r"^│ ([a-z]+) ", told.out, re.MULTILINE)) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(assay: Assay, command: str) -> None:
    told = assay(command, "--help")
    assert told.code == 0
    assert "Usage" in told.out


def test_without_a_command_help_is_shown(assay: Assay) -> None:
    told = assay()
    assert "Usage" in told.out + told.err


def test_tricks(assay: Assay) -> None:
    told = assay("tricks")
    assert told.code == 0
    assert all(name in told.out for name in ("label-smoothing", "mixup", "ema"))
    assert len(json.loads(assay("tricks", "--json").out)) == len(TRICKS)


def test_one_card(assay: Assay) -> None:
    told = assay("tricks", "label-smoothing")
    assert told.code == 0
    assert all(part in told.out for part in ("Label smoothing: ", "smoothing / num_classes", "\nSource: Szegedy",
                                             "\nMeasured: ImageNet", "\nHurts: "))  # fmt: skip
    assert "\nEnds: first 1" in assay("tricks", "step-decay").out
    assert assay("tricks", "LabelSmoothing").out == told.out
    assert json.loads(assay("tricks", "mixup", "--json").out)["name"] == "mixup"


def test_no_such_trick(assay: Assay) -> None:
    told = assay("tricks", "mixip")
    assert (told.code, told.err) == (2, "assay: there is no trick called 'mixip'; did you mean mixup?\n")
