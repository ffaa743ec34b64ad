"""Folders of runs to test, made without a training: a database with stages, and curves; and threads awaited."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.figure import Forest, Images, Interval
from assay.finding import Finding, Report
from assay.stages.sitting import database_in
from assay.store.store import Store
from assay.training.history import History
from assay.training.live import FILE, LiveFile

BLACK = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
TRICKS = Finding(
    "trick_effects", "note", "Of 2 tricks 1 helps (Mixup()).",
    figures=(Forest("Effect of each trick alone on the baseline (points)", "points", (
        Interval("Mixup()", 1.0, 0.4, 1.6, "helps"), Interval("Flip()", -0.1, -1.0, 0.8, "no measurable effect"))),),
)  # fmt: skip
ERRORS = Finding(
    "worst_errors", "note", "1 of 10 test examples is answered wrongly.", {"ids": ["picture-55"]},
    figures=(Images("Worst errors on the test split", (BLACK,), ("said dog (93 %), labelled cat",)),),
)  # fmt: skip
CONFUSIONS = Finding("confusions", "note", "Most frequent confusions: cat as dog: 1.")


def make_run(
    root: Path, name: str, *, source: str = "pictures", done: Mapping[str, Report] | None = None, begun: str = "",
    is_finished: bool = False,
) -> Path:  # fmt: skip
    """The folder of a run with some stages finished, and perhaps one begun."""
    folder = root / name
    folder.mkdir(parents=True)
    request = {"source": source, "budget_seconds": 120.0, "seed": 4, "decisions": None, "size": None}
    store = Store(database_in(folder))
    run = store.open_run(str(folder.resolve()), request)
    for stage, report in (done or {}).items():
        store.decide(run, f"{stage} started", lambda: {"seconds": 1.0})
        store.record_stage(run, stage, {"report": report.to_dict()})
    if begun:
        store.decide(run, f"{begun} started", lambda: {"seconds": 30.0})
    store.set_seconds(run, 40.0, status="done" if is_finished else "running")
    store.close()
    if is_finished:
        told: dict[str, Any] = {"source": source, "test": {"metric": "accuracy", "value": 0.9, "interval": [0.6, 0.98]}}
        (folder / "summary.json").write_text(json.dumps(told))
        (folder / "report.html").write_text("<title>the report</title>")
    return folder


def finish_stage(folder: Path, stage: str, report: Report) -> None:
    """What the run itself does at the end of a stage."""
    store = Store(database_in(folder))
    store.record_stage(store.open_run(str(folder.resolve()), {}), stage, {"report": report.to_dict()})
    store.close()


def grow(folder: Path, steps: int, *, name: str = "trial-1", stage: str = "ablate", looks: int = 0) -> None:
    """Tell the first steps of a training, as another process would."""
    history = History(
        steps=list(range(steps)), losses=[2.0 / (step + 1) for step in range(steps)],
        looks=[5 * (look + 1) for look in range(looks)], validation_values=[0.5 + 0.1 * look for look in range(looks)],
    )  # fmt: skip
    live = LiveFile(folder / FILE, every_seconds=0.0)
    live.grow(name, history, 40, metric="accuracy", stage=stage, text=f"{name}, seed 4")


def await_rivals() -> None:
    """Wait for baselines that still answer: what they ignore of warnings would leak into the next test."""
    for thread in threading.enumerate():
        if thread.name == "rivals":
            thread.join()
