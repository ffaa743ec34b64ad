"""`assay agreement`: files of several annotators, the labels they give together, and what is no such file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import Assay

WIDE = """example,anna,ben,cara
1.png,cat,cat,dog
2.png,cat,cat,cat
3.png,dog,dog,dog
4.png,dog,dog,cat
5.png,cat,,cat
"""


@pytest.fixture
def votes(assay: Assay) -> Path:
    path = Path("votes.csv")
    path.write_text(WIDE)
    return path


def test_agreement_is_told_with_intervals(assay: Assay, votes: Path) -> None:
    told = assay("agreement", votes)
    assert (told.code, told.err) == (0, "")
    text = " ".join(told.out.split())
    assert "3 annotators agree on" in text
    assert "Cohen's kappa" in text
    assert "Estimated share of right answers" in text
    assert "verdict" not in text


def test_json_has_the_same(assay: Assay, votes: Path) -> None:
    report = json.loads(assay("agreement", votes, "--json").out)
    assert [finding["id"] for finding in report["findings"]] == ["annotator_agreement", "fused_labels"]


def test_the_labels_of_all_answers_together_are_written_once(assay: Assay, votes: Path) -> None:
    assert assay("agreement", votes, "--out", "labels.csv").code == 0
    lines = Path("labels.csv").read_text().splitlines()
    assert lines[0] == "id,label,probability"
    assert [line.rsplit(",", 1)[0] for line in lines[1:]] == [
        "1.png,cat",
        "2.png,cat",
        "3.png,dog",
        "4.png,dog",
        "5.png,cat",
    ]
    told = assay("agreement", votes, "--out", "labels.csv")
    assert (told.code, told.lines) == (2, ["assay: --out labels.csv: this file is there; name another one"])


def test_a_tie_of_two_people_gets_no_label(assay: Assay) -> None:
    Path("two.csv").write_text("example,anna,ben\n1.png,cat,cat\n2.png,cat,dog\n3.png,dog,dog\n")
    told = assay("agreement", "two.csv", "--out", "labels.csv")
    assert "1 tie in 3 examples, undecidable by two: get a third person." in " ".join(told.out.split())
    assert Path("labels.csv").read_text().splitlines()[2] == "2.png,,"


def test_what_is_no_file_of_answers_is_refused(assay: Assay) -> None:
    Path("one.csv").write_text("example,anna\n1.png,cat\n")
    for name, reason in (("none.csv", "no such file"), ("one.csv", "two")):
        told = assay("agreement", name)
        assert (told.code, told.out) == (2, "")
        assert reason in told.err
    Path("votes.csv").write_text(WIDE)
    told = assay("agreement", "votes.csv", "--out", "votes.csv/labels.csv")
    assert told.code == 2
    assert "--out votes.csv/labels.csv: cannot be written" in told.err
