"""The file of decisions as the page sees it: one's own words, those of others, and what an undo takes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.audit.decisions import append_decision, decide, read_decisions
from assay.errors import InputError
from assay.ui.journal import Journal


def test_a_decision_is_on_the_disk_when_the_call_returns(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "decisions.jsonl")
    journal.decide("a", "relabel", reviewer="anna", label="dog", previous="cat")
    (written,) = read_decisions(tmp_path / "decisions.jsonl").decisions
    assert (written.id, written.action, written.label, written.previous) == ("a", "relabel", "dog", "cat")


def test_looking_makes_no_file_and_what_another_writes_first_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    journal = Journal(path)
    assert journal.read().log.decisions == ()
    assert journal.undo("anna") is None
    assert list(tmp_path.iterdir()) == []
    Journal(path).decide("a", "keep", reviewer="ben")
    assert set(journal.read().words("a")) == {"ben"}


def test_what_another_server_wrote_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    ours, theirs = Journal(path), Journal(path)
    theirs.decide("a", "keep", reviewer="ben")
    assert set(ours.read().words("a")) == {"ben"}
    ours.decide("a", "drop", reviewer="anna")
    assert {who: one.action for who, one in theirs.read().words("a").items()} == {"ben": "keep", "anna": "drop"}


def test_the_version_changes_with_the_file_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "decisions.jsonl")
    before = journal.read().version
    assert journal.read().version == before
    journal.decide("a", "keep", reviewer="anna")
    assert journal.read().version != before


def test_undo_takes_back_ones_own_last_decision_and_again_the_one_before(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "decisions.jsonl")
    journal.decide("a", "keep", reviewer="anna")
    journal.decide("b", "drop", reviewer="anna")
    journal.decide("c", "drop", reviewer="ben")
    backs = [journal.undo("anna") for _ in range(3)]
    assert [None if back is None else back.id for back in backs] == ["b", "a", None]
    assert set(journal.read().state.standing) == {"c"}
    assert len(read_decisions(journal.path).decisions) == 5, "an undo is a line of its own; nothing is taken out"


def test_undo_goes_on_where_an_earlier_server_stopped(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    Journal(path).decide("a", "keep", reviewer="anna")
    back = Journal(path).undo("anna")
    assert back is not None
    assert back.id == "a"


def test_a_cut_line_is_set_aside_and_the_next_decision_stands(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    append_decision(path, decide("a", "keep", reviewer="anna"))
    with path.open("ab") as file:
        file.write(b'{"id": "b", "act')
    journal = Journal(path)
    assert journal.read().log.set_aside[0].line == 2
    journal.decide("c", "drop", reviewer="anna")
    assert [one.id for one in journal.read().log.decisions] == ["a", "c"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place where not even root can write")
def test_a_file_that_cannot_be_written_is_refused_at_the_start() -> None:
    with pytest.raises(InputError, match="decisions cannot be written here"):
        Journal(Path("/proc/decisions.jsonl"))


def test_a_folder_in_place_of_the_file_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="decisions cannot be written here"):
        Journal(tmp_path)
