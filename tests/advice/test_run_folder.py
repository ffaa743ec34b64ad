"""Folders are read without a trace: runs, stopped runs, trainings, damaged and foreign ones."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from stored_run import REQUEST, write_run

from assay.advice.asked import AskedData
from assay.advice.counsel import counsel
from assay.advice.run_folder import read_run
from assay.advice.training_file import write_training
from assay.data.data import Data
from assay.errors import InputError
from assay.recipe import Recipe
from assay.run_folder import TRAINING
from assay.store.store import Store, url_of_file
from assay.training.train import train


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_finished_run_is_read_whole_and_left_as_it_is(tmp_path: Path):
    folder = write_run(tmp_path / "run")
    before = contents(folder)
    m = read_run(folder, target=0.93)
    assert contents(folder) == before
    assert (m.asked, m.missing, m.test_reads) == (AskedData("digits", seed=3), (), 1)
    assert (m.examples, m.per_class, m.neighbours) == (10_000, {"a": 5_100, "b": 4_900}, (500, 5))
    assert m.training is not None
    assert m.training.value == 0.975
    assert m.baseline == ("nearest neighbours", 0.9, 0.88, 0.92, 1000)
    assert m.curves is not None
    assert len(m.curves.samples) == 12
    assert counsel(m).path.conclusion.startswith("The target is reached")


def test_a_stopped_run_is_advised_on_with_what_it_has(tmp_path: Path):
    m = read_run(write_run(tmp_path / "run", without=("tune", "squeeze", "test")))
    assert m.missing == ("tune", "squeeze", "test")
    assert m.curves is None
    found = counsel(m)
    assert found.advice[0].rule == "unfinished"
    assert str(found.advice[0].command).startswith("assay run --resume --out ")
    assert "learning_rate_shape" in found.lacking


def test_stages_that_were_run_alone_in_the_folder_count_too(tmp_path: Path):
    folder = write_run(tmp_path / "run")
    store = Store(url_of_file(folder / "assay.db"))
    alone = store.open_run("another", {**REQUEST, "stage": "learning curve"})
    store.record_stage(alone, "learning curve", {"report": {
        "stage": "learning curve", "skipped": [], "seconds": 1.0, "findings": [{
            "id": "learning_curve", "level": "note", "summary": "A band.", "evidence": {"low": 0.01, "high": 0.02,
            "now": 0.04, "size": 20_000, "examples": 10_000}, "cause": "", "fix": "", "source": ""}]}})  # fmt: skip
    store.close()
    m = read_run(folder)
    assert m.find("learning curve.learning_curve") is not None
    assert m.missing == ()


@pytest.mark.parametrize("other", [{"source": "fashion-mnist"}, {"seed": 4}])
def test_stages_of_other_data_in_the_same_database_do_not_count(tmp_path: Path, other: dict):
    folder = write_run(tmp_path / "run")
    store = Store(url_of_file(folder / "assay.db"))
    alone = store.open_run("another", {**REQUEST, "stage": "learning curve", **other})
    store.record_stage(alone, "learning curve", {"report": {
        "stage": "learning curve", "skipped": [], "seconds": 1.0, "findings": [{
            "id": "learning_curve", "level": "note", "summary": "A band.", "evidence": {}, "cause": "", "fix": "",
            "source": ""}]}})  # fmt: skip
    store.close()
    assert read_run(folder).find("learning curve.learning_curve") is None


def test_a_training_is_read_back_with_its_curves(tmp_path: Path, tiny_images: Data):
    run = train(Recipe(epochs=4.0, batch_size=8), tiny_images, seed=1)
    write_training(tmp_path, run, tiny_images, AskedData("pictures", size=(8, 8)))
    m = read_run(tmp_path, target=0.9)
    assert m.asked == AskedData("pictures", size=(8, 8))
    assert m.curves is not None
    assert m.curves.losses.tolist() == run.history.losses
    assert m.validation == run.history.scores["validation"]
    assert m.shipped is not None
    assert m.shipped.value == run.validation.value
    assert m.per_class == {name: 6 for name in tiny_images.specification.classes}


def test_losses_that_are_no_numbers_are_read_back(tmp_path: Path, tiny_images: Data):
    run = train(Recipe(epochs=4.0, batch_size=8), tiny_images, seed=1)
    run.history.losses[3:] = [float("nan")] * len(run.history.losses[3:])
    write_training(tmp_path, run, tiny_images, AskedData("pictures"))
    assert counsel(read_run(tmp_path)).path.leads_to == "diverged_loss"


def test_a_run_whose_state_is_elsewhere_is_told_apart(tmp_path: Path) -> None:
    """A finished run whose state is in PostgreSQL was told to be no run at all."""
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(InputError, match="keeps its state in the database that --database named"):
        read_run(tmp_path)


def test_what_is_no_run_is_refused_with_the_way_out(tmp_path: Path):
    with pytest.raises(InputError, match=r"must be the folder of a run, and there is none; `assay runs` lists them"):
        read_run(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no run"):
        read_run(tmp_path)
    with pytest.raises(InputError, match=r"--target must be a score of at most 1, got 95"):
        read_run(tmp_path, target=95.0)


def test_a_damaged_database_is_named(tmp_path: Path):
    folder = write_run(tmp_path / "run")
    (folder / "assay.db").write_bytes(b"SQLite format 3\0" + b"rubbish" * 200)
    with pytest.raises(InputError, match="no runs can be read from this database"):
        read_run(folder)


def test_an_empty_database_has_no_run(tmp_path: Path):
    Store(url_of_file(tmp_path / "assay.db")).close()
    with pytest.raises(InputError, match="no run was begun in this database"):
        read_run(tmp_path)


def test_tables_of_a_newer_version_are_refused(tmp_path: Path):
    folder = write_run(tmp_path / "run")
    with sqlite3.connect(folder / "assay.db") as database:
        database.execute("update assay_schema set version = 99")
    with pytest.raises(InputError, match="tables of version 99"):
        read_run(folder)


def test_results_of_another_version_are_refused_with_their_kind(tmp_path: Path):
    folder = write_run(tmp_path / "run")
    with sqlite3.connect(folder / "assay.db") as database:
        database.execute("update assay_stages set result = '{\"report\": {}}' where name = 'squeeze'")
    with pytest.raises(InputError, match="written by another version of Assay"):
        read_run(folder)


@pytest.mark.parametrize(("text", "message"), [
    ('{"version": 1, "hist', "no JSON, or cut short"), ('{"version": 9}', "must be of version 1, got 9"),
    ("[]", "must be of version 1, got None"), ('{"version": 1}', "lacks or has the wrong 'history'"),
])  # fmt: skip
def test_a_damaged_training_is_named(tmp_path: Path, text: str, message: str):
    (tmp_path / TRAINING).write_text(text)
    with pytest.raises(InputError, match=message):
        read_run(tmp_path)


def test_a_persons_score_is_the_target_where_no_other_is_given(tmp_path: Path):
    import polars as pl

    folder = write_run(tmp_path / "run")
    pl.DataFrame({"id": [f"digits/{i}" for i in range(40)], "label": ["a"] * 40}).write_parquet(
        folder / "audit.parquet"
    )
    lines = [
        json.dumps({"question": i, "id": f"digits/{i}", "action": "answer", "person": "Ada", "seconds": 1.0,
                    "time": "2026-01-01T00:00:00+00:00", "label": "a" if i < 38 else "b"})
        for i in range(40)
    ]  # fmt: skip
    (tmp_path / "human-digits.jsonl").write_text("\n".join(lines) + "\n")
    m = read_run(folder)
    assert (m.target, m.target_from) == (0.95, "a person's")
    assert read_run(folder, target=0.5).target == 0.5


def test_the_folder_one_stands_in_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(write_run(tmp_path / "run"))
    m = read_run(Path("."))
    assert m.place.beside("wider") == str((tmp_path / "run-wider").resolve())


def test_a_recipe_that_is_no_text_is_named(tmp_path: Path):
    folder = write_run(tmp_path / "run")
    (folder / "recipe.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        read_run(folder)
