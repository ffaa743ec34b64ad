"""Files of lines, whatever they hold: what is said of them is said in their own word. Decisions test the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assay.audit.journal import Log, append_line, check_appendable, check_time, check_word, read_lines, time_now
from assay.errors import InputError


def number_of(values: Mapping[str, Any], line: int) -> tuple[int, int]:
    if "number" not in values:
        raise InputError("lacks 'number'")
    return line, values["number"]


def test_lines_are_read_with_their_place_and_others_are_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "numbers.jsonl"
    for line in (b'{"number": 7}\n', b'{"letter": "a"}\n', b'{"number": 8}'):
        append_line(path, line, what="numbers")
    # The last one had no end: the next begins on a line of its own.
    append_line(path, b'{"number": 9}\n', what="numbers")
    log = read_lines(path, number_of, what="numbers")
    assert log.entries == ((1, 7), (3, 8), (4, 9))
    assert [(one.line, one.reason) for one in log.set_aside] == [(2, "lacks 'number'")]
    (finding,) = log.tell_set_aside(cause="a cause", fix="a fix")
    assert finding.id == "numbers_set_aside"
    assert "1 of 4 lines of numbers.jsonl are no numbers and were set aside" in finding.summary
    assert Log(path, "numbers", log.entries).tell_set_aside(cause="", fix="") == ()


def test_errors_say_what_the_file_holds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"numbers cannot be written here \(is a directory\)"):
        check_appendable(tmp_path, what="numbers")
    with pytest.raises(InputError, match="no such file of numbers; check the path"):
        read_lines(tmp_path / "none.jsonl", number_of, what="numbers")


def test_words_and_times() -> None:
    check_word("person", "Anna Ö.")
    check_time(time_now())
    assert abs((datetime.now().astimezone() - datetime.fromisoformat(time_now())).total_seconds()) < 60
    with pytest.raises(InputError, match="person must be a word that is not empty, got ''"):
        check_word("person", "")
    with pytest.raises(InputError, match="time must be UTC in ISO 8601"):
        check_time("2026-01-31T12:00:00+01:00")


def test_asking_whether_one_may_append_leaves_no_file(tmp_path: Path) -> None:
    check_appendable(tmp_path / "numbers.jsonl", what="numbers")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "numbers.jsonl").write_text("1\n")
    check_appendable(tmp_path / "numbers.jsonl", what="numbers")
    assert (tmp_path / "numbers.jsonl").read_text() == "1\n"
    with pytest.raises(InputError, match="numbers cannot be written here"):
        check_appendable(tmp_path / "no folder" / "numbers.jsonl", what="numbers")


def test_what_a_terminal_would_obey_is_told_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "words.jsonl"
    path.write_bytes(b"\x1b[2J\x00\xff wiped\r\n")
    log = read_lines(path, lambda values, line: values, what="words")
    assert [one.text for one in log.set_aside] == ["\\x1b[2J\\x00\ufffd wiped\\r"]
