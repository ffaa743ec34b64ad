"""What was measured because the advice said so is part of the next advice; a history that cannot be kept is no stop."""

from __future__ import annotations

from pathlib import Path

from stored_run import REQUEST, write_run

from assay.advice.session import advise_on
from assay.store.store import Store, url_of_file


def write_learning_curve(folder: Path, source: str = "digits") -> None:
    """As `assay learning-curve --out` leaves it."""
    folder.mkdir()
    store = Store(url_of_file(folder / "assay.db"))
    number = store.open_run(str(folder), {**REQUEST, "stage": "learning curve", "source": source})
    finding = {"id": "learning_curve", "level": "note", "summary": "A band.", "cause": "", "fix": "", "source": "",
               "evidence": {"low": 0.1, "high": 0.15, "now": 0.2, "size": 20_000, "examples": 10_000}}  # fmt: skip
    store.record_stage(number, "learning curve", {
        "report": {"stage": "learning curve", "skipped": [], "seconds": 1.0, "findings": [finding]}})  # fmt: skip
    store.close()


def test_a_measurement_that_was_advised_is_part_of_the_next_advice(tmp_path: Path):
    folder = write_run(tmp_path / "run", validation=0.8)
    first = advise_on(folder, target=0.93)
    assert first.counsel.path.leads_to == "more_data"
    write_learning_curve(tmp_path / "run-learning-curve")
    second = advise_on(folder, target=0.93)
    assert [(given.rule, one.verdict) for given, one in second.followed] == [("more_data", "as expected")]
    assert second.counsel.path.leads_to == "learning_curve"
    assert "Collect 10,000 more" in second.next[0].action


def test_a_measurement_of_other_data_is_not_the_one_that_was_advised(tmp_path: Path):
    folder = write_run(tmp_path / "run", validation=0.8)
    advise_on(folder, target=0.93)
    write_learning_curve(tmp_path / "run-learning-curve", source="fashion-mnist")
    assert advise_on(folder, target=0.93).followed == ()


def test_that_a_measurement_was_made_does_not_lift_its_rule(tmp_path: Path):
    folder = write_run(tmp_path / "run", validation=0.8)
    before = {one.rule: one.chance for one in advise_on(folder, target=0.93).next}
    write_learning_curve(tmp_path / "run-learning-curve")
    after = advise_on(write_run(tmp_path / "second", validation=0.8), target=0.93)
    assert {one.rule: one.chance for one in after.next}["more_data"] == before["more_data"]
    advise_on(folder, target=0.93)
    later = advise_on(tmp_path / "second", target=0.93)
    assert {one.rule: one.chance for one in later.next}["more_data"] == before["more_data"]


def test_a_history_that_cannot_be_written_does_not_keep_the_advice_back(tmp_path: Path):
    folder = write_run(tmp_path / "run", validation=0.8)
    session = advise_on(folder, history=tmp_path / "no" / "such" / "folder.jsonl")
    assert session.next
    assert "advice cannot be written here" in session.unkept
