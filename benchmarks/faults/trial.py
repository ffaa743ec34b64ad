"""One program judged in a process of its own: what was said, in how long, with how much memory, and what it changed."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Limits:
    """Of one process: wall-clock seconds and resident memory."""

    seconds: float = 300.0
    gibibytes: float = 3.0


def run_apart(work: Callable[[], dict[str, Any]], limits: Limits) -> dict[str, Any]:
    """What `work` returns in a forked process; a status other than "done" where it did not get so far.

    `peak_bytes` counts the process and its children; the parent's libraries are in it.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work_and_tell, args=(work, sender))
    process.start()
    sender.close()
    peak, ended, status, started = 0, False, "done", time.monotonic()
    while not (ended := receiver.poll(POLL_SECONDS)):
        peak = max(peak, _tree_bytes(process.pid or 0))
        if time.monotonic() - started > limits.seconds:
            status = "too long"
        elif peak > limits.gibibytes * 2**30:
            status = "too much memory"
        elif not process.is_alive() and not receiver.poll():
            status = "died"
        if status != "done":
            break
    try:
        told = receiver.recv() if ended else {"status": status, "alerts": []}
    except EOFError:
        told = {"status": "died", "alerts": []}
    _end(process)
    return {"seconds": time.monotonic() - started, **told, "peak_bytes": max(peak, told.get("peak_bytes", 0))}


def _work_and_tell(work: Callable[[], dict[str, Any]], sender: Any) -> None:
    with tempfile.TemporaryDirectory(prefix="assay-faults-") as folder:
        os.chdir(folder)
        try:
            told = {"status": "done", **work()}
        except Exception as error:
            told = {"status": "raised", "alerts": [], "error": f"{type(error).__name__}: {error}"[:500],
                    "where": traceback.format_exc()[-1500:]}  # fmt: skip
        told["peak_bytes"] = _tree_bytes(os.getpid())
        sender.send(told)
        os.chdir("/")


def _end(process: Any) -> None:
    """End a process that we started, and its children."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.join(timeout=5.0)
    if process.is_alive():
        process.kill()
        process.join()
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue


def _tree_bytes(pid: int) -> int:
    try:
        parent = psutil.Process(pid)
        return sum(member.memory_info().rss for member in [parent, *parent.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0
