"""A summary that is cut short is named, and the advice goes on without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from stored_run import write_run

from assay.advice.run_folder import read_run
from assay.advice.session import advise_on
from assay.advice.telling import make_report, plain, tell_lines


@pytest.mark.parametrize("text", ['{"test": null, "examples": {"ids": "x", "sco', "", "[]", "\udcff"])
def test_a_summary_that_cannot_be_read_is_named(tmp_path: Path, text: str):
    folder = write_run(tmp_path / "run", validation=0.8)
    (folder / "summary.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    session = advise_on(folder, target=0.93)
    assert session.next
    said = " ".join(" ".join(tell_lines(session)).split())
    assert "summary.json: is no summary, or is cut short" in said
    assert len(plain(session)["unread"]) == 1
    assert any(one.id == "unreadable_file" for one in make_report(session).findings)


def test_a_summary_that_is_whole_or_not_there_is_not_spoken_of(tmp_path: Path):
    folder = write_run(tmp_path / "run")
    assert read_run(folder).unread == ()
    (folder / "summary.json").write_text('{"test": null}')
    assert read_run(folder).unread == ()
