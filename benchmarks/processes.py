"""Running the `assay` program as users do: a process of its own, timed and watched from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

ASSAY = Path(sys.executable).with_name("assay")
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Finished:
    """A process that ended. peak_bytes: largest sum of resident memory over it and its descendants."""

    code: int
    seconds: float
    peak_bytes: int
    errors: str


def start(arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    """`assay ...`, its output in a file."""
    # What was trained before would be found again, and its time not be measured.
    surroundings = os.environ | {"ASSAY_DATABASE": "none"}
    with log.open("ab") as file:
        return subprocess.Popen([str(ASSAY), *arguments], stdout=file, stderr=subprocess.STDOUT, env=surroundings)


def run_watched(arguments: list[str], log: Path) -> Finished:
    """Run to the end, looking at the memory of the whole process tree ten times a second."""
    peak, ended = [0], threading.Event()
    started = time.perf_counter()
    process = start(arguments, log)

    def watch() -> None:
        while not ended.wait(POLL_SECONDS):
            peak[0] = max(peak[0], tree_bytes(process.pid))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    return Finished(code, seconds, peak[0], log.read_text(errors="replace")[-2000:])


def tree_bytes(pid: int) -> int:
    """Resident memory of a process and its descendants; shared pages count once for each process."""
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for member in family:
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
