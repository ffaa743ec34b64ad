"""`assay advise RUN`, its history and its page, as a user types them."""

from __future__ import annotations

import json
import shlex
import sqlite3
from pathlib import Path

import pytest
from cli_support import Assay

from assay.advice.history import read_history


@pytest.fixture
def trained(assay: Assay, animals: Path) -> Path:
    """A training whose steps were far too small to learn anything."""
    told = assay("train", "animals", "--epochs", "3", "--trick", "UseAdamW(learning_rate=1e-7)", "--out", "runs/first")
    assert told.code == 0, told.err
    assert "what to do next: assay advise runs/first" in told.out
    return Path("runs/first")


def test_advice_is_a_path_and_commands_to_copy(assay: Assay, trained: Path):
    told = assay("advise", trained)
    assert told.code == 0, told.err
    lines = told.out.splitlines()
    assert lines[0] == "The path through the tree"
    commands = [shlex.split(line.strip().removeprefix("$ ")) for line in lines if line.startswith("   $ ")]
    assert commands
    assert all(words[:1] == ["assay"] and "animals" in words for words in commands)
    assert f"history: {Path('runs').resolve() / 'advice.jsonl'}" in told.out


def test_what_was_followed_is_told_with_its_measured_change(assay: Assay, trained: Path):
    first = json.loads(assay("advise", trained, "--json", "--target", "0.999").out)
    one = next(one for one in first["advice"] if one["expected"]["quantity"] != "known")
    told = assay(*shlex.split(one["command"])[1:])
    assert told.code == 0, told.err
    again = json.loads(assay("advise", trained, "--json", "--target", "0.999").out)
    (followed,) = [found for found in again["followed"] if found["rule"] == one["rule"]]
    assert followed["outcome"] in ("as expected", "not as expected", "within noise")
    assert followed["low"] <= followed["change"] <= followed["high"]
    assert one["rule"] not in [found["rule"] for found in again["advice"]]
    shown = assay("advise", trained, "--history")
    assert f"{one['rule']}: {followed['outcome']}" in shown.out
    assert f"{one['rule']}: given 1, followed 1" in shown.out
    assert len(json.loads(assay("advise", trained, "--history", "--json").out)["entries"]) >= 2


def test_asking_again_adds_nothing_to_the_history(assay: Assay, trained: Path):
    assay("advise", trained)
    before = Path("runs/advice.jsonl").read_bytes()
    assay("advise", trained)
    assert Path("runs/advice.jsonl").read_bytes() == before
    assert read_history(Path("runs/advice.jsonl")).set_aside == ()


def test_a_damaged_line_of_the_history_is_named_and_kept(assay: Assay, trained: Path):
    assay("advise", trained)
    path = Path("runs/advice.jsonl")
    path.write_bytes(b"{half\n" + path.read_bytes())
    told = assay("advise", trained)
    assert told.code == 0
    assert "line 1" in told.out
    assert path.read_bytes().startswith(b"{half\n")


def test_the_page_draws_the_path_and_lists_what_is_to_read(assay: Assay, trained: Path):
    told = assay("advise", trained, "--page", "advice.html")
    assert told.code == 0, told.err
    page = Path("advice.html").read_text()
    for words in ("The path through the tree", "Measured, and fine", "To read"):
        assert words in page


def test_another_folder_than_the_advised_one_can_be_named(assay: Assay, trained: Path):
    first = json.loads(assay("advise", trained, "--json", "--target", "0.999").out)["advice"]
    one = next(one for one in first if one["expected"]["quantity"] != "known")
    words = shlex.split(one["command"])[1:]
    words[words.index("--out") + 1] = "elsewhere"
    assert assay(*words).code == 0
    told = json.loads(
        assay("advise", trained, "--json", "--target", "0.999", "--follow", f"{one['rule']}=elsewhere").out
    )
    assert [found["folder"] for found in told["followed"] if found["rule"] == one["rule"]] == ["elsewhere"]


@pytest.mark.parametrize(("arguments", "message"), [
    ((), "RUN is missing"),
    (("nowhere",), "must be the folder of a run"),
    (("runs/first", "--target", "95"), "--target must be a score of at most 1"),
    (("runs/first", "--follow", "capacty=runs/first"), "did you mean capacity?"),
    (("runs/first", "--follow", "capacity=nowhere"), "there is no folder nowhere"),
    (("runs/first", "--page", "no/such/folder.html"), "there is no folder"),
])  # fmt: skip
def test_wrong_input_is_a_line_and_exit_code_2(assay: Assay, trained: Path, arguments: tuple[str, ...], message: str):
    told = assay("advise", *arguments)
    assert told.code == 2
    assert message in told.err


def test_a_history_of_nothing_says_so(assay: Assay):
    told = assay("advise", "--history")
    assert told.code == 0
    assert "No advice was given yet" in told.out


def test_a_database_that_is_none_is_named(assay: Assay):
    Path("broken").mkdir()
    Path("broken/assay.db").write_text("this is no database at all, however long it is made" * 30)
    told = assay("advise", "broken")
    assert told.code == 2
    assert "broken/assay.db" in told.err
    with sqlite3.connect("broken/other.db") as database:
        database.execute("create table things (id integer)")
    Path("broken/other.db").rename("broken/assay.db")
    assert assay("advise", "broken").code == 2
