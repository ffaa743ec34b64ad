"""The file of decisions: lines, two writers at once, a writer killed in the middle, and lines set aside."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from child_processes import started, wait_for_end
from hypothesis import given
from hypothesis import strategies as st

from assay.audit.decisions import Decision, append_decision, check_appendable, decide, read_decisions
from assay.errors import InputError

TIME = "2026-01-31T12:00:00+00:00"
LINES = 500

WRITER = """
import sys
from pathlib import Path
from assay.audit.decisions.decision import decide
from assay.audit.decisions.journal import append_decision
path, reviewer, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
for number in range(count):
    append_decision(path, decide(f"{reviewer}/{number}", "relabel", reviewer=reviewer, label="cat" * 50))
    if number == 0:
        print("begun", flush=True)
"""


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
)
def test_any_name_and_label_survives_its_line(name: str, label: str | int | float) -> None:
    decision = Decision(name, "relabel", "Anna Ö.", TIME, label=label, previous="a\nb")
    line = decision.to_line()
    assert line.count(b"\n") == 1
    assert Decision.from_values(json.loads(line)) == decision


def test_a_decision_made_now_bears_the_time_in_utc() -> None:
    made = datetime.fromisoformat(decide("a", "keep", reviewer="anna").time)
    assert abs((datetime.now(UTC) - made).total_seconds()) < 60
    assert made.utcoffset() is not None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"action": "delete"}, "action must be one of keep, relabel, drop, unsure, undo, got 'delete'"),
        ({"action": ["keep"]}, "action must be one of"),
        ({"action": "relabel"}, "label must fit the action, got None; a relabel needs one"),
        ({"label": "cat"}, "label must fit the action, got 'cat'; 'keep' takes none"),
        ({"action": "relabel", "label": True}, "label must be a class name or a finite number, got True"),
        ({"action": "relabel", "label": 10**400}, "label must be a class name or a finite number, got 1000"),
        ({"action": "relabel", "label": "\udc00"}, "label must be text that UTF-8 can hold"),
        ({"action": "relabel", "label": " "}, "label must be a word that is not empty, got ' '"),
        ({"previous": float("nan")}, "previous must be a class name or a finite number, got nan"),
        ({"id": " "}, "id must be a word that is not empty, got ' '"),
        ({"reviewer": 3}, "reviewer must be a word that is not empty, got 3"),
        ({"id": "\ud800"}, "id must be text that UTF-8 can hold"),
        ({"time": "yesterday"}, "time must be UTC in ISO 8601"),
        ({"time": "2026-01-31T12:00:00"}, "time must be UTC in ISO 8601"),
        ({"time": "2026-01-31T12:00:00+02:00"}, "time must be UTC in ISO 8601"),
    ],
)
def test_decisions_that_say_nothing_are_refused(values: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Decision.from_values({"id": "a", "action": "keep", "reviewer": "anna", "time": TIME, **values})


def test_what_is_appended_is_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    check_appendable(path)
    assert not path.exists()
    made = [decide(f"{number}", "keep", reviewer="anna", previous="cat") for number in range(3)]
    for decision in made:
        append_decision(path, decision)
    log = read_decisions(path)
    assert log.decisions == tuple(made)
    assert [decision.line for decision in log.decisions] == [1, 2, 3]
    assert log.set_aside == ()
    assert log.findings == ()


def test_two_threads_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"

    def write(reviewer: str) -> None:
        for number in range(50):
            append_decision(path, decide(f"{reviewer}/{number}", "keep", reviewer=reviewer))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, ("anna", "ben")))
    log = read_decisions(path)
    assert log.set_aside == ()
    assert {decision.id for decision in log.decisions} == {f"{who}/{n}" for who in ("anna", "ben") for n in range(50)}


@pytest.mark.slow
def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    command = [sys.executable, "-c", WRITER, path]
    with started([*command, "anna", LINES]) as anna, started([*command, "ben", LINES]) as ben:
        for process in (anna, ben):
            _, errors = wait_for_end(process)
            assert process.returncode == 0, errors
    log = read_decisions(path)
    assert log.set_aside == ()
    for reviewer in ("anna", "ben"):
        own = [decision.id for decision in log.decisions if decision.reviewer == reviewer]
        assert own == [f"{reviewer}/{number}" for number in range(LINES)]


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_whole_lines_and_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    with started([sys.executable, "-c", WRITER, path, "anna", 1_000_000]) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(2)] == ["ready", "begun"]
        process.kill()
        process.wait()
    before = read_decisions(path)
    assert [decision.id for decision in before.decisions] == [f"anna/{n}" for n in range(len(before.decisions))]
    append_decision(path, decide("after", "keep", reviewer="ben"))
    assert read_decisions(path).decisions[:-1] == before.decisions


def test_a_piece_of_a_line_is_set_aside_and_the_next_decision_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    first, second = decide("1", "keep", reviewer="anna"), decide("2", "drop", reviewer="ben")
    append_decision(path, first)
    # As a machine leaves it that lost its power in the middle of a write.
    path.write_bytes(path.read_bytes() + second.to_line()[:-20])
    append_decision(path, second)
    log = read_decisions(path)
    assert log.decisions == (first, second)
    assert [(one.line, one.reason) for one in log.set_aside] == [(2, "is not JSON, or cut short")]
    finding = log.findings[0]
    assert (finding.id, finding.level) == ("decisions_set_aside", "suspect")
    assert "1 of 3 lines of decisions.jsonl are no decisions and were set aside; the first is line 2" in finding.summary


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "2", "action"', "is not JSON, or cut short"),
        (b"[" * 100_000, "is not JSON, or cut short"),
        (b"[1, 2]", "is JSON, but no object"),
        (b'{"id": "\xff"}', "is not UTF-8"),
        (b'{"id": "2", "action": "keep", "time": "' + TIME.encode() + b'"}', "lacks 'reviewer'"),
        (b'{"id": "2", "action": "eat", "reviewer": "a", "time": "' + TIME.encode() + b'"}', "action must be one of"),
    ],
)
def test_lines_that_are_no_decisions_are_named_and_the_rest_counts(tmp_path: Path, line: bytes, reason: str) -> None:
    path = tmp_path / "decisions.jsonl"
    good = Decision("1", "keep", "anna", TIME)
    content = good.to_line() + line + b"\n\n" + good.to_line()
    path.write_bytes(content)
    log = read_decisions(path)
    assert log.decisions == (good, good)
    assert [decision.line for decision in log.decisions] == [1, 4]
    assert log.set_aside[0].line == 2
    assert log.set_aside[0].reason.startswith(reason)
    assert path.read_bytes() == content


def test_a_file_edited_on_windows_and_keys_of_later_versions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    values = {"id": "1", "action": "keep", "reviewer": "anna", "time": TIME, "seconds": 4.2}
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(values).encode() + b"\r\n")
    assert read_decisions(path).decisions == (Decision("1", "keep", "anna", TIME),)


def test_files_that_cannot_be_read_or_written_are_refused(tmp_path: Path) -> None:
    decision = decide("1", "keep", reviewer="anna")
    with pytest.raises(InputError, match=r"nowhere\.jsonl: no such file of decisions"):
        read_decisions(tmp_path / "nowhere.jsonl")
    with pytest.raises(InputError, match="decisions cannot be read"):
        read_decisions(tmp_path)
    with pytest.raises(InputError, match=r"decisions cannot be written here \(is a directory\)"):
        append_decision(tmp_path, decision)
    with pytest.raises(InputError, match=r"decisions cannot be written here \(no such file or directory\)"):
        check_appendable(tmp_path / "no" / "folder.jsonl")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_an_error_not_a_lost_line() -> None:
    with pytest.raises(InputError, match="no space left on device"):
        append_decision(Path("/dev/full"), decide("1", "keep", reviewer="anna"))


def test_a_write_that_is_cut_short_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "decisions.jsonl"
    append_decision(path, decide("1", "keep", reviewer="anna"))
    before, write = path.read_bytes(), os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:10]))
    with pytest.raises(InputError, match=r"only 10 of \d+ bytes could be written; make room on the disk"):
        append_decision(path, decide("2", "keep", reviewer="anna"))
    assert path.read_bytes() == before
