"""Judging all labels out of fold: what is found, what is kept, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from assay.audit.cleaning import PROPOSALS, TABLE, WORK, clean
from assay.audit.cleaning import judging as judging_module
from assay.audit.cleaning.networks import Plan
from assay.audit.cleaning.telling import votes_told
from assay.audit.decisions import decide, read_decisions
from assay.audit.decisions.reading import DecisionLog
from assay.data.data import Data
from assay.errors import InputError

Digits = tuple[Data, np.ndarray]


@pytest.fixture(autouse=True)
def plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folds and no network, so that no test depends on how fast the machine is."""
    monkeypatch.setattr(judging_module, "_make_plan", lambda *_: Plan(2, 0.0, {}))


@pytest.fixture
def with_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small convnet too, for six epochs."""
    monkeypatch.setattr(judging_module, "_make_plan", lambda *_: Plan(2, 6.0, {"small convnet": 600.0}))


def test_planted_errors_come_first_and_the_rest_is_kept(digits: Digits, tmp_path: Path, with_network: None):
    data, wrong = digits
    before = [split.targets.clone() for split in (data.train, data.validation, data.test)]
    found = clean(data, folder=tmp_path, seed=1)
    first = found.fusion.suspects[: int(wrong.sum())]
    assert wrong[first].mean() >= 0.8
    assert all(torch.equal(split.targets, kept) for split, kept in
               zip((data.train, data.validation, data.test), before, strict=True))  # fmt: skip
    table = pl.read_parquet(tmp_path / TABLE)
    assert table.columns[:3] == ["id", "split", "label"]
    members = [name for name in table.columns if name.startswith("p_")]
    assert members == ["p_logistic_regression", "p_nearest_neighbours", "p_small_convnet",
                       "p_neighbours_in_the_small_convnet"]  # fmt: skip
    for name in ("margin", "votes", "score", "flagged", "action", "proposal", "decision", "area_under_margin"):
        assert name in table.columns
    assert table.height == 300
    assert table["votes"].max() == 4
    assert {finding.id for finding in found.findings} >= {"suspicious_labels", "label_noise", "label_judges"}
    own = table.filter(pl.col("flagged"))["area_under_margin"].mean()
    assert own < table.filter(~pl.col("flagged"))["area_under_margin"].mean()


def test_proposals_are_decisions_that_a_reviewer_may_accept(digits: Digits, tmp_path: Path):
    data, _ = digits
    found = clean(data, folder=tmp_path, seed=1)
    read = read_decisions(tmp_path / PROPOSALS).decisions
    assert [one.id for one in read] == [one.id for one in found.proposals]
    assert {one.reviewer for one in read} == {"proposal"}
    table = found.table.filter(pl.col("action") == "relabel")
    assert set(table["id"]) == {one.id for one in read}
    assert found.table["decision"].null_count() == 300


def test_votes_are_told_of_the_answer_that_the_table_has(digits: Digits):
    found = clean(digits[0], seed=1)
    names, choices = found.judged.data.specification.classes, found.fusion.choices.copy()
    answer = int(found.fusion.answer[0])
    other = (answer + 1) % len(names)
    choices[0] = answer
    assert votes_told(found.judged, replace(found.fusion, choices=choices), 0).endswith(f" say {names[answer]}")
    outvoted = replace(found.fusion, choices=np.tile(choices[:, :1], (1, 3)))
    outvoted.choices[0] = [answer, other, other]
    told = votes_told(found.judged, outvoted, 0)
    assert told.startswith("1 of ")
    assert told.endswith(f" say {names[answer]}, by their weights the answer; 2 {names[other]}")


class Counted:
    """A member that counts its trainings, and may be interrupted in one."""

    trained = 0
    stop_at = -1

    def fit(self, inputs: Any, labels: Any) -> Counted:
        if type(self).trained == type(self).stop_at:
            raise KeyboardInterrupt("the stop of this test")
        type(self).trained += 1
        self.classes_ = np.unique(labels)
        return self

    def predict_proba(self, inputs: Any) -> np.ndarray:
        return np.full((len(inputs), len(self.classes_)), 1 / len(self.classes_))


def test_what_is_finished_is_not_trained_again(digits: Digits, tmp_path: Path):
    data, _ = digits
    Counted.trained, Counted.stop_at = 0, 1
    with pytest.raises(KeyboardInterrupt, match="the stop of this test"):
        clean(data, folder=tmp_path, members={"counted": Counted})
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / WORK).glob("*.npz")}
    assert {path.name for path in kept} >= {"logistic-regression-fold-1.npz", "counted-fold-1.npz"}
    Counted.stop_at = -1
    clean(data, folder=tmp_path, members={"counted": Counted})
    assert Counted.trained == 2
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    clean(data, folder=tmp_path, members={"counted": Counted})
    assert Counted.trained == 2


def test_other_labels_are_judged_anew_and_a_damaged_file_too(digits: Digits, tmp_path: Path):
    data, _ = digits
    Counted.trained, Counted.stop_at = 0, -1
    clean(data, folder=tmp_path, members={"counted": Counted})
    targets = data.train.targets.clone()
    targets[0] = (targets[0] + 1) % 5
    other = replace(data, train=replace(data.train, targets=targets))
    clean(other, folder=tmp_path, members={"counted": Counted})
    assert Counted.trained == 4
    (tmp_path / WORK / "counted-fold-1.npz").write_bytes(b"PK no archive")
    clean(other, folder=tmp_path, members={"counted": Counted})
    assert Counted.trained == 5


def test_a_reviewed_random_sample_gives_the_precision_of_flags(digits: Digits, tmp_path: Path):
    data, wrong = digits
    found = clean(data, folder=tmp_path, seed=1)
    assert any(finding.id == "flags_not_reviewed" for finding in found.findings)
    drawn = found.table.filter(pl.col("sample").is_not_null()).sort("sample")
    rows = {id: row for row, id in enumerate(found.table["id"])}
    said = [
        decide(id, "drop" if wrong[rows[id]] else "keep", reviewer="one", previous=label)
        for id, label in drawn.select("id", "label").head(10).iter_rows()
    ]
    again = clean(data, folder=tmp_path, seed=1, decisions=DecisionLog(tmp_path, tuple(said)))
    (finding,) = [one for one in again.findings if one.id == "precision_of_flags"]
    assert finding.evidence["n"] == len(said)
    assert finding.evidence["wrong"] == sum(one.action == "drop" for one in said)
    assert again.table["decision"].null_count() == 300 - len(said)


def test_one_that_nobody_could_tell_does_not_end_the_sample(digits: Digits, tmp_path: Path):
    data, _ = digits
    drawn = clean(data, folder=tmp_path, seed=1).table.filter(pl.col("sample").is_not_null()).sort("sample")
    first, *others = drawn["id"].head(10)
    unsure = decide(first, "unsure", reviewer="one")
    said = (unsure, *(decide(id, "keep", reviewer="one") for id in others))
    again = clean(data, folder=tmp_path, seed=1, decisions=DecisionLog(tmp_path, said))
    (finding,) = [one for one in again.findings if one.id == "precision_of_flags"]
    assert (finding.evidence["n"], finding.evidence["decided"], finding.evidence["unsure"]) == (9, 10, 1)
    assert "(1 unsure is not counted)" in finding.summary
    alone = clean(data, folder=tmp_path, seed=1, decisions=DecisionLog(tmp_path, (unsure,)))
    (finding,) = [one for one in alone.findings if one.id == "flags_not_reviewed"]
    assert "of the first 1 of the" in finding.summary
    assert "no label is judged (1 unsure is not counted)" in finding.summary


def test_equal_inputs_are_judged_in_one_fold(digits: Digits, monkeypatch: pytest.MonkeyPatch):
    data, _ = digits
    inputs = data.train.inputs.clone()
    inputs[50:100] = inputs[:50]
    seen = []
    real = judging_module.stratified_folds
    monkeypatch.setattr(judging_module, "stratified_folds", lambda *a, **k: seen.append(real(*a, **k)) or seen[-1])
    clean(replace(data, train=replace(data.train, inputs=inputs)))
    assert np.array_equal(seen[0][:50], seen[0][50:100])


def test_what_cannot_be_cleaned_is_refused(digits: Digits):
    data, _ = digits
    numbers = replace(data, specification=replace(data.specification, task="regression", classes=()))
    many = replace(data.specification, classes=tuple(f"class {number}" for number in range(1_000_000)))
    with pytest.raises(InputError, match=r"are more than 100,000,000 probabilities of each judge, .*; clean a part"):
        clean(replace(data, specification=many))
    with pytest.raises(InputError, match="labels to clean must be classes, its target is a number"):
        clean(numbers)
    one = replace(data, specification=replace(data.specification, classes=("0",)))
    with pytest.raises(InputError, match="at least 2 classes, got 1"):
        clean(one)
    ids = replace(data, test=replace(data.test, ids=data.train.ids[: len(data.test)]))
    with pytest.raises(InputError, match="50 ids stand for several examples"):
        clean(ids)
    with pytest.raises(InputError, match="no example has the id 'gone'"):
        clean(data, decisions=DecisionLog(Path(), (decide("gone", "keep", reviewer="one"),)))
    with pytest.raises(InputError, match="member 'nearest neighbours' has the name of a usual one"):
        clean(data, members={"nearest neighbours": Counted})
