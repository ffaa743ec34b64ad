"""Processes that decode end with the training that began them, also where PyTorch's own look comes too late."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from child_processes import started, wait_for_end

PROGRAM = """
import os, signal, sys, time
import torch
import torch.utils.data._utils.worker as worker
from assay.data.encoders import ImageEncoder
from assay.data.loader import raw_batches
from assay.data.split import Split
from assay.data.stream import ImageFiles

BEGINS = worker.ManagerWatchdog.__init__
def kill_first(watchdog):
    parent = os.getppid()
    os.kill(parent, signal.SIGKILL)
    while os.getppid() == parent:
        time.sleep(0.01)
    BEGINS(watchdog)
worker.ManagerWatchdog.__init__ = kill_first

inputs = ImageFiles(sys.argv[1], ("a.png",) * 8, ImageEncoder(1, 6, 4))
split = Split(inputs, torch.zeros(8, dtype=torch.int64), tuple("abcdefgh"))
for batch in raw_batches(split, [torch.arange(4)] * 2, workers=1):
    print("decoded")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux kills a process with its parent")
def test_a_worker_whose_parent_dies_as_it_begins_is_not_left(tmp_path: Path, make_image) -> None:
    """It waited for ever, and whoever read the training's output did, too: its pipe stayed open."""
    make_image(tmp_path / "a.png", 10)
    with started([sys.executable, "-c", PROGRAM, tmp_path]) as process:
        output, errors = wait_for_end(process, 60.0)
        assert (process.returncode, output) == (-9, ""), errors
