"""Curves of trainings under way: what is written is read, once, also after a kill in the middle of a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.training.history import History
from assay.training.live import LiveFile, LiveTail


def history_of(steps: int, looks: int = 0) -> History:
    return History(
        steps=list(range(steps)), losses=[1.0 / (step + 1) for step in range(steps)],
        looks=[10 * (look + 1) for look in range(looks)], validation_values=[0.5 + 0.1 * look for look in range(looks)],
    )  # fmt: skip


@pytest.fixture
def live(tmp_path: Path) -> LiveFile:
    return LiveFile(tmp_path / "curves.jsonl", every_seconds=0.0)


def test_a_curve_grows_by_what_is_new(live: LiveFile) -> None:
    tail = LiveTail(live.path)
    tail.read()
    assert tail.version == 0
    live.grow("first", history_of(3), 10, metric="accuracy", stage="ablate", text="Mixup(), seed 1")
    tail.read()
    before = tail.version
    assert (tail.stage, tail.text) == ("ablate", "Mixup(), seed 1")
    assert tail.curves["first"].losses == {0: 1.0, 1: 0.5, 2: 1 / 3}
    live.grow("first", history_of(5, looks=1), 10, metric="accuracy", stage="ablate", text="Mixup(), seed 1", done=True)
    tail.read()
    curve = tail.curves["first"]
    assert tail.version > before
    assert list(curve.losses) == [0, 1, 2, 3, 4]
    assert curve.values == {10: 0.5}
    assert (curve.step, curve.total, curve.done) == (5, 10, True)
    assert live.path.read_text().count('"steps": [3, 4]') == 1, "what was told is not told again"


def test_the_training_that_grew_last_is_the_last(live: LiveFile) -> None:
    for name in ("a", "b", "a"):
        live.grow(name, history_of(2), 10, metric="accuracy")
    tail = LiveTail(live.path)
    tail.read()
    assert list(tail.curves) == ["b", "a"]


def test_an_unfinished_line_waits_and_a_broken_one_is_passed_over(live: LiveFile) -> None:
    live.grow("first", history_of(2), 10, metric="accuracy")
    whole = live.path.read_bytes()
    live.path.write_bytes(whole + b'{"stage": "x", "na')
    tail = LiveTail(live.path)
    tail.read()
    assert tail.version == len(whole)
    live.path.write_bytes(whole + b'{"stage": "x", "na\n' + whole.replace(b"first", b"again"))
    tail.read()
    assert list(tail.curves) == ["first", "again"]


def test_a_run_that_goes_on_tells_its_curve_anew(live: LiveFile) -> None:
    live.grow("first", history_of(5), 10, metric="accuracy")
    LiveFile(live.path, 0.0).grow("first", history_of(4), 8, metric="accuracy")
    tail = LiveTail(live.path)
    tail.read()
    assert list(tail.curves["first"].losses) == [0, 1, 2, 3, 4]
    assert tail.curves["first"].total == 8


def test_a_file_that_was_begun_anew_is_read_from_its_beginning(live: LiveFile) -> None:
    live.grow("a long name of a training", history_of(50), 100, metric="accuracy")
    tail = LiveTail(live.path)
    tail.read()
    live.path.unlink()
    LiveFile(live.path, 0.0).grow("b", history_of(1), 10, metric="accuracy")
    tail.read()
    assert list(tail.curves) == ["b"]


def test_it_is_told_now_and_then_and_always_at_the_end(tmp_path: Path) -> None:
    live = LiveFile(tmp_path / "curves.jsonl", every_seconds=1000.0)
    for steps in range(1, 5):
        live.grow("first", history_of(steps), 4, metric="accuracy")
        live.say("ablate", "something")
    live.grow("first", history_of(4), 4, metric="accuracy", done=True)
    assert len(live.path.read_text().splitlines()) == 2


def test_a_loss_that_is_no_number_is_told_too(live: LiveFile) -> None:
    live.grow("first", History(steps=[0], losses=[float("nan")]), 4, metric="accuracy")
    tail = LiveTail(live.path)
    tail.read()
    assert tail.curves["first"].losses[0] != tail.curves["first"].losses[0]


def test_what_cannot_be_written_stops_no_training(tmp_path: Path) -> None:
    LiveFile(tmp_path / "nowhere" / "curves.jsonl", 0.0).grow("first", history_of(2), 4, metric="accuracy")
    assert not (tmp_path / "nowhere").exists()
