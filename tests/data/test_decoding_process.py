"""Processes that decode end with the training that began them, also where PyTorch's own look comes too late."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from child_processes import output_of, started, wait_for_end

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


def test_a_worker_whose_parent_dies_as_it_begins_is_not_left(tmp_path: Path, make_image) -> None:
    """It waited for ever, and whoever read the training's output did, too: its pipe stayed open."""
    make_image(tmp_path / "a.png", 10)
    with started([sys.executable, "-c", PROGRAM, tmp_path]) as process:
        output, errors = wait_for_end(process, 60.0)
        assert (process.returncode, output) == (-9, ""), errors


ELSEWHERE = """
import multiprocessing, sys, threading
import torch
from assay.data.encoders import ImageEncoder
from assay.data.loader import raw_batches
from assay.data.split import Split
from assay.data.stream import ImageFiles

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[2])
    inputs = ImageFiles(sys.argv[1], ("a.png",) * 8, ImageEncoder(1, 6, 4))
    batches = raw_batches(Split(inputs, torch.zeros(8, dtype=torch.int64), tuple("abcdefgh")),
                          [torch.arange(4)] * 8, workers=1)
    first = []
    begins = threading.Thread(target=lambda: first.append(next(batches)))
    begins.start(), begins.join()
    print(len(first) + len(list(batches)))
"""


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_workers_live_as_long_as_the_process_that_began_them(tmp_path: Path, make_image, method: str) -> None:
    """However they are started, and when the thread that began them is over."""
    make_image(tmp_path / "a.png", 10)
    program = tmp_path / "program.py"
    program.write_text(ELSEWHERE)
    assert output_of([sys.executable, program, tmp_path, method]).strip() == "8"
