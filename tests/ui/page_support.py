"""Pages to test: a small picture set with planted faults, without reading a source; and a browser to look at them."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from starlette.testclient import TestClient

from assay.audit.decisions import DecisionLog, read_decisions
from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.ui.app import make_app
from assay.ui.asked import Asked
from assay.ui.example_rows import list_examples
from assay.ui.journal import Journal
from assay.ui.same_data import HEADER
from assay.ui.similar import Similar
from assay.ui.subject import Subject
from assay.ui.thumbnails import Thumbnails
from assay.ui.views import Views
from assay.ui.workspace import Workspace

CLASSES = ("cat", "dog", "horse")


def make_pictures(n: int = 60, classes: tuple[str, ...] = CLASSES, side: int = 8) -> Data:
    """Noisy bytes, labelled in turn; two thirds train, a sixth validation, a sixth test."""
    inputs = torch.randint(0, 256, (n, 1, side, side), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    targets = torch.arange(n) % len(classes)
    specification = Specification(
        "classification", (1, side, side), Normalization((127.0,), (74.0,)), ArrayEncoder((1, side, side)), classes
    )
    ends = 0, 2 * n // 3, 5 * n // 6, n
    parts = [slice(*ends[i : i + 2]) for i in range(3)]
    splits = [Split(inputs[part], targets[part], tuple(f"picture-{i}" for i in range(n)[part])) for part in parts]
    return Data("pictures", specification, *splits)


def judged(data: Data, flagged: int = 40) -> pl.DataFrame:
    """The table of a cleaning: the first rows are flagged, most suspicious first, with a proposal for each."""
    table = list_examples(data)
    n, rows = len(table), np.arange(len(table))
    classes = data.specification.classes
    answer = [classes[(classes.index(label) + 1) % len(classes)] for label in table["label"]]
    is_flagged = rows < flagged
    return table.with_columns(
        p_linear=np.where(is_flagged, 0.02, 0.9), p_nearest=np.where(is_flagged, 0.1, 0.8),
        answer=pl.Series(answer), votes=pl.Series([2] * n), votes_for_label=pl.Series([0] * n),
        score=np.linspace(5.0, -5.0, n), flagged=is_flagged,
        proposal=pl.Series([to if bad else None for to, bad in zip(answer, is_flagged, strict=True)]),
    )  # fmt: skip


def make_workspace(
    folder: Path, data: Data | None = None, table: pl.DataFrame | None = None, **asked: object
) -> Workspace:
    """A page about data at hand, as it stands when everything is read."""
    data = make_pictures() if data is None else data
    subject = Subject(data, list_examples(data) if table is None else table, version=1)
    given = replace(Asked(data.name, reviewer="anna", decisions=folder / "decisions.jsonl"), **asked)
    assert given.decisions is not None
    workspace = Workspace(given, "ready", decisions=given.decisions)
    workspace.subject, workspace.journal = subject, Journal(given.decisions)
    workspace.desks.decisions = given.decisions
    workspace.thumbnails, workspace.views, workspace.similar = Thumbnails(subject), Views(), Similar(subject)
    return workspace


def client_of(workspace: Workspace, token: str | None = None, **options: Any) -> TestClient:
    """A browser without scripts on a page that was made of the workspace's data, which it says with every request."""
    client = TestClient(make_app(workspace, token=token), base_url="http://localhost", **options)
    if workspace.subject is not None:
        client.headers[HEADER] = workspace.subject.key
    return client


def draw_of(client: TestClient) -> str:
    """Which questions the quiz asks, as the page of a question sends it with the answer."""
    return next(iter(re.findall(r'name="draw" value="(\w+)"', client.get("/human/quiz").text)), "")


def decided(folder: Path) -> list[tuple[str, str, object, str]]:
    """Id, action, label and reviewer of each decision of the file, none of whose lines is broken."""
    path = folder / "decisions.jsonl"
    log = read_decisions(path) if path.exists() else DecisionLog(path, ())
    assert not log.set_aside
    return [(one.id, one.action, one.label, one.reviewer) for one in log.decisions]


def await_seen(page: Any) -> None:
    """In a browser: wait until the example is on the screen, as a person does before judging it."""
    page.wait_for_selector(".decide[data-seen]", state="attached")


@contextmanager
def served(workspace: Workspace, token: str | None = None) -> Iterator[str]:
    """The page on a free port of this machine, for as long as the block lasts; gives its address."""
    import uvicorn

    from assay.ui.serve import listen

    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(make_app(workspace, token=token), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
