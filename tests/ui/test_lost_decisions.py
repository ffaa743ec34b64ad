"""Decisions that vanish from the file while the page runs are told, at once and on Overview and Review."""

from __future__ import annotations

from pathlib import Path

from page_support import client_of, judged, make_pictures, make_workspace

from assay.ui.journal import Journal


def test_a_file_that_is_deleted_and_put_back_is_told_of_in_between(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    journal = Journal(path)
    for id in "abc":
        journal.decide(id, "keep", reviewer="anna")
    assert journal.read().troubles == ()
    kept = path.read_bytes()
    path.unlink()
    assert journal.read().lost == 3
    journal.decide("d", "keep", reviewer="anna")
    (told,) = journal.read().troubles
    assert told.summary == f"{path}: 3 decisions are gone that stood there."
    path.write_bytes(kept + path.read_bytes())
    assert journal.read().troubles == ()
    assert set(journal.read().state.standing) == set("abcd")


def test_a_decision_right_after_the_loss_says_so_on_all_tabs(tmp_path: Path) -> None:
    data = make_pictures()
    workspace = make_workspace(tmp_path, data, judged(data))
    client, said = client_of(workspace), {"row": "0", "id": "picture-0", "action": "keep"}
    assert "gone" not in client.post("/browse/decide", data=said).text
    (tmp_path / "decisions.jsonl").unlink()
    answer = client.post("/browse/decide", data={**said, "row": "1", "id": "picture-1"}).text
    assert "kept as dog; 1 decided before is gone from the file, see Overview" in answer
    for tab in ("/overview", "/review"):
        assert "one decision is gone that stood there" in client.get(tab).text


def test_lines_added_by_another_or_mended_by_hand_are_no_loss(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(b'{"id": "cut", "action": "ke\n')
    journal, other = Journal(path), Journal(path)
    other.decide("a", "keep", reviewer="ben")
    journal.undo("ben")
    assert journal.read().lost == 0
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    assert (journal.read().lost, journal.read().troubles) == (0, ())
