"""`--decisions FILE`: every command that reads data takes its reviewers' word, and the source stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import Assay

from assay.artifact import load_model
from assay.audit.decisions import append_decision, decide
from assay.stages.request import Request


@pytest.fixture
def decisions(animals: Path) -> Path:
    """Of two training images of the folder `animals`: one is dropped, one called something else."""
    data = Request("animals").open()
    labels = [data.specification.classes[int(target)] for target in data.train.targets[:2]]
    other = next(name for name in data.specification.classes if name != labels[1])
    path = Path("decisions.jsonl")
    append_decision(path, decide(data.train.ids[0], "drop", reviewer="ann"))
    append_decision(path, decide(data.train.ids[1], "relabel", reviewer="bo", label=other, previous=labels[1]))
    return path


def test_the_data_is_corrected_as_it_is_read(decisions: Path) -> None:
    before, after = Request("animals").open(), Request("animals", decisions=str(decisions)).open()
    assert len(after.train) == len(before.train) - 1
    assert after.train.ids[0] == before.train.ids[1]
    assert after.train.targets[0] != before.train.targets[1]
    assert after.fingerprint != before.fingerprint


def test_an_inspection_says_what_was_decided_and_by_whom(assay: Assay, decisions: Path) -> None:
    told = assay("inspect", "animals", "--decisions", decisions, "--json")
    assert told.code == 0, told.err
    (finding,) = [finding for finding in json.loads(told.out)["findings"] if finding["id"] == "decisions_applied"]
    assert "1 of" in finding["summary"]
    assert "ann 1, bo 1" in finding["summary"]


def test_a_training_is_one_on_corrected_data(assay: Assay, decisions: Path) -> None:
    told = assay("train", "animals", "--decisions", decisions, "--epochs", 1, "--out", "out")
    assert told.code == 0, told.err
    frequencies = load_model("out").specification.class_frequencies
    assert frequencies == Request("animals", decisions=str(decisions)).open().specification.class_frequencies
    assert frequencies != Request("animals").open().specification.class_frequencies


def test_a_file_that_is_not_there_or_of_another_source_is_refused(assay: Assay, animals: Path) -> None:
    told = assay("inspect", "animals", "--decisions", "none.jsonl")
    assert (told.code, told.lines) == (2, ["assay: none.jsonl: no such file of decisions; check the path"])
    append_decision(Path("others.jsonl"), decide("digits/1", "drop", reviewer="ann"))
    told = assay("train", "animals", "--decisions", "others.jsonl", "--out", "out")
    assert told.code == 2
    assert "others.jsonl: line 1: no example of animals has the id 'digits/1'" in told.err
    assert not Path("out").exists()
