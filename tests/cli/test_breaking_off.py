"""Ctrl-C and a full disk: what is kept is told, and how the command goes on."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest
from cli_support import Assay

from assay.stages import alone as stage_alone
from assay.stages.session import Session

STUDY = ("ablate", "animals", "--tricks", "EMA", "--epochs", "1", "--seeds", "3", "--budget", "60s")
pytestmark = pytest.mark.usefixtures("animals")


def finish(session: Session, count: int) -> None:
    """Tell of so many finished trainings, and of one under way."""
    told = {"stage": "ablate", "text": "", "total": 4, "metric": "accuracy", "steps": [0], "losses": [1.0], "looks": [],
            "values": [], "time": 0.0}  # fmt: skip
    rows = [{**told, "name": f"trial-{number}", "done": number < count} for number in range(count + 1)]
    session.live.path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


@pytest.mark.parametrize(
    ("options", "count", "told"),
    [
        (("--out", "out"), 1, "1 finished training is kept; the same command goes on"),
        (("--database", "sqlite:///t.db"), 3, "3 finished trainings are kept; the same command goes on"),
        (("--database", "none"), 3, "nothing is kept without a database; with --out the same command would go on after "
                                    "3 trainings"),
    ],
)  # fmt: skip
def test_ctrl_c_says_how_many_trainings_are_kept(
    assay: Assay, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], count: int, told: str
) -> None:
    def stop(session: Session, *_: Any) -> None:
        finish(session, count)
        raise KeyboardInterrupt

    monkeypatch.setattr(stage_alone, "study_stage", stop)
    stopped = assay(*STUDY, *options)
    assert (stopped.code, stopped.err) == (130, f"assay: stopped; {told}\n")


def test_a_search_that_is_stopped_without_a_folder_begins_anew(
    assay: Assay, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stage_alone, "tuning_stage", stop)
    told = "finished trainings are kept; the same command goes on"
    database = ("--database", f"sqlite:///{tmp_path / 'trials.db'}")
    assert assay("tune", "animals", *database, "--out", "out").err == f"assay: stopped; {told}\n"
    assert (
        assay("tune", "animals", *database).err == f"assay: stopped; {told}, but its search begins anew without --out\n"
    )


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"),
                                   OSError(errno.ENOSPC, "No space left on device", "out")])  # fmt: skip
def test_a_full_disk_is_named_with_what_is_kept(assay: Assay, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    def fill(session: Session, *_: Any) -> None:
        raise error

    monkeypatch.setattr(stage_alone, "study_stage", fill)
    told = assay(*STUDY, "--out", "out")
    assert told.code == 2
    assert told.err == (
        "assay: out: no space left on device; make room and repeat the command: what is finished is kept, and it goes "
        "on from there\n"
    )
